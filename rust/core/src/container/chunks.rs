//! Bytes that were fetched, kept by offset up to a bound; and which ranges to ask for together.

use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes between two wanted ranges that cost less than another request, as long as little is wanted; and at most.
const LEAST_GAP: u64 = 16 << 10;
const MOST_GAP: u64 = 256 << 10;

/// Bytes between ranges that may be fetched to save requests, and how many ranges are few enough.
const BRIDGED: u64 = 64 << 10;
const FEW: usize = 2;

/// Longest range that is asked for at once: several are fetched side by side.
const LONGEST: u64 = 4 << 20;

struct Chunk {
    bytes: Vec<u8>,
    used: u64,
}

/// Pieces of a file that do not overlap. What was not used for longest goes first.
pub(super) struct Chunks {
    most: u64,
    held: u64,
    clock: u64,
    chunks: BTreeMap<u64, Chunk>,
}

impl Chunks {
    /// Up to `most` bytes.
    pub(super) fn new(most: u64) -> Chunks {
        Chunks { most, held: 0, clock: 0, chunks: BTreeMap::new() }
    }

    /// Bytes that are kept at most.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// What of a range is not there, in order.
    pub(super) fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let (mut missing, mut at) = (Vec::new(), range.start);
        for (&start, chunk) in self.from(range.start).take_while(|&(&start, _)| start < range.end) {
            let end = start + chunk.bytes.len() as u64;
            if start > at {
                missing.push(at..start);
            }
            at = at.max(end);
        }
        if at < range.end {
            missing.push(at..range.end);
        }
        missing
    }

    /// Copies what there is of the bytes at `offset`, and returns what is not.
    pub(super) fn copy(&mut self, offset: u64, buffer: &mut [u8]) -> Vec<Range<u64>> {
        let range = offset..offset + buffer.len() as u64;
        self.clock += 1;
        let (clock, first) = (self.clock, self.first(range.start));
        for (&start, chunk) in self.chunks.range_mut(first..range.end) {
            overlay(start, &chunk.bytes, offset, buffer);
            chunk.used = clock;
        }
        self.missing(range)
    }

    /// Keeps bytes; those that are there already stay.
    pub(super) fn insert(&mut self, offset: u64, bytes: Vec<u8>) {
        self.clock += 1;
        let all = offset..offset + bytes.len() as u64;
        let missing = self.missing(all.clone());
        if missing.len() == 1 && missing[0] == all {
            self.keep(offset, bytes);
        } else {
            for Range { start, end } in missing {
                self.keep(start, bytes[(start - offset) as usize..(end - offset) as usize].to_vec());
            }
        }
        while self.held > self.most {
            let Some((&oldest, _)) = self.chunks.iter().min_by_key(|(_, chunk)| chunk.used) else { break };
            self.held -= self.chunks.remove(&oldest).map_or(0, |chunk| chunk.bytes.len() as u64);
        }
    }

    fn keep(&mut self, offset: u64, bytes: Vec<u8>) {
        self.held += bytes.len() as u64;
        self.chunks.insert(offset, Chunk { bytes, used: self.clock });
    }

    /// Where the chunk begins that holds a position, or the position.
    fn first(&self, at: u64) -> u64 {
        let before = self.chunks.range(..=at).next_back();
        before.filter(|(start, chunk)| *start + chunk.bytes.len() as u64 > at).map_or(at, |(&start, _)| start)
    }

    fn from(&self, at: u64) -> impl Iterator<Item = (&u64, &Chunk)> {
        self.chunks.range(self.first(at)..)
    }
}

/// Copies what `bytes`, which begin at `start`, have of the buffer that begins at `offset`.
pub(super) fn overlay(start: u64, bytes: &[u8], offset: u64, buffer: &mut [u8]) {
    let from = start.max(offset);
    let to = (start + bytes.len() as u64).min(offset + buffer.len() as u64);
    if from < to {
        buffer[(from - offset) as usize..(to - offset) as usize]
            .copy_from_slice(&bytes[(from - start) as usize..(to - start) as usize]);
    }
}

/// The ranges to ask for instead of `wanted`: neighbours together if what lies between them is small beside what is
/// wanted, and nothing too long. Where each range is a request (`bundled` is false), the smallest of the other gaps are
/// passed over as well, as long as that costs little.
pub(super) fn coalesced(mut wanted: Vec<Range<u64>>, bundled: bool) -> Vec<Range<u64>> {
    wanted.retain(|range| !range.is_empty());
    wanted.sort_unstable_by_key(|range| (range.start, range.end));
    let sum: u64 = wanted.iter().map(|range| range.end - range.start).sum();
    let gap = (sum / 8).clamp(LEAST_GAP, MOST_GAP);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in wanted {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    if !bundled {
        bridge(&mut joined);
    }
    let cut = |Range { start, end }: Range<u64>| {
        (start..end).step_by(LONGEST as usize).map(move |at| at..end.min(at.saturating_add(LONGEST)))
    };
    joined.into_iter().flat_map(cut).collect()
}

/// Joins ranges over the smallest gaps between them, until few are left or it costs too much.
fn bridge(ranges: &mut Vec<Range<u64>>) {
    let mut gaps: Vec<_> = ranges.windows(2).map(|pair| (pair[1].start - pair[0].end, pair[0].end)).collect();
    gaps.sort_unstable();
    let mut left = BRIDGED;
    let cheap = gaps.iter().take(gaps.len().saturating_sub(FEW - 1)).take_while(|(gap, _)| {
        left = left.saturating_sub(*gap);
        left > 0
    });
    let mut over: Vec<u64> = cheap.map(|&(_, from)| from).collect();
    over.sort_unstable();
    ranges.dedup_by(|range, before| {
        let bridged = over.binary_search(&before.end).is_ok();
        if bridged {
            before.end = range.end;
        }
        bridged
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ranges as pairs of start and end.
    fn plan(wanted: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let found = coalesced(wanted.iter().map(|&(start, end)| start..end).collect(), true);
        found.into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn neighbours_are_fetched_together() {
        assert_eq!(plan(&[(30_000, 40_000), (0, 10), (26, 100)]), [(0, 100), (30_000, 40_000)]);
        assert_eq!(plan(&[(0, 10), (10 + LEAST_GAP, 20 + LEAST_GAP)]), [(0, 20 + LEAST_GAP)]);
        assert_eq!(plan(&[(0, 10), (11 + LEAST_GAP, 20 + LEAST_GAP)]).len(), 2);
        // More is passed over where more is wanted.
        assert_eq!(plan(&[(0, 1_000_000), (1_120_000, 1_900_000)]), [(0, 1_900_000)]);
        assert_eq!(plan(&[(5, 5), (7, 8)]), [(7, 8)]);
        assert_eq!(plan(&[]), []);
    }

    #[test]
    fn nothing_long_is_fetched_at_once() {
        let (second, third) = (3 + LONGEST, 3 + 2 * LONGEST);
        assert_eq!(plan(&[(3, third + 5)]), [(3, second), (second, third), (third, third + 5)]);
    }

    fn inside(at: u64, ranges: &[Range<u64>]) -> bool {
        ranges.iter().any(|range| range.contains(&at))
    }

    proptest! {
        #[test]
        fn all_that_is_wanted_is_fetched_once(wanted in proptest::collection::vec((0u64..300_000, 0u64..50_000), 0..12), bundled: bool) {
            let wanted: Vec<_> = wanted.into_iter().map(|(start, length)| start..start + length).collect();
            let found = coalesced(wanted.clone(), bundled);
            prop_assert!(found.windows(2).all(|pair| pair[0].end + LEAST_GAP < pair[1].start));
            for range in wanted.iter().filter(|range| !range.is_empty()) {
                prop_assert!(inside(range.start, &found) && inside(range.end - 1, &found));
            }
        }

        /// Chunks of the bytes `at % 251`, compared with a plain set of positions.
        #[test]
        fn chunks_are_as_a_file(
            steps in proptest::collection::vec((0u64..400, 1usize..90, any::<bool>()), 1..60),
            most in 0u64..500,
        ) {
            let byte = |at: u64| (at % 251) as u8;
            let mut chunks = Chunks::new(most);
            for (offset, length, inserts) in steps {
                let range = offset..offset + length as u64;
                if inserts {
                    chunks.insert(offset, range.clone().map(byte).collect());
                    prop_assert!(chunks.held <= most);
                    prop_assert_eq!(chunks.held, chunks.chunks.values().map(|chunk| chunk.bytes.len() as u64).sum::<u64>());
                }
                let mut buffer = vec![255; length];
                let missing = chunks.copy(offset, &mut buffer);
                for (at, &found) in range.zip(&buffer) {
                    let expected = if inside(at, &missing) { 255 } else { byte(at) };
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
