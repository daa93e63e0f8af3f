//! Choosing splitters from the first sample, and testing for them (ALGORITHM 3).
//!
//! Candidates are the k-mers that occur once in the sample. Only a sample of all k-mers is looked at: those whose rank
//! is below a threshold, lowered while the sample is read so that the list stays small. Among those the count is exact.

use std::cell::Cell;

use rustc_hash::FxHashSet;

use super::kmer::{RollingKmer, rank};

/// Before anything is lowered one k-mer in sixteen is looked at.
const FIRST_THRESHOLD: u64 = u64::MAX >> 4;

/// Entries at which the threshold is lowered.
const MOST_ENTRIES: usize = 1 << 19;

/// A contig gets splitters if its candidates span at least the segment size divided by this.
const WORTH_CUTTING: u32 = 10;

/// A k-mer that was looked at, and where it ends in its contig.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kmer: u64,
    contig: u32,
    end: u32,
}

/// Gathers the candidates while the first sample streams by.
#[derive(Debug)]
pub(super) struct SplitterChooser {
    kmers: RollingKmer,
    k: u32,
    threshold: u64,
    entries: Vec<Entry>,
    contig: u32,
    end: u64,
}

impl SplitterChooser {
    pub(super) fn new(k: u32) -> Self {
        let kmers = RollingKmer::new(k);
        SplitterChooser { kmers, k, threshold: FIRST_THRESHOLD, entries: Vec::new(), contig: 0, end: 0 }
    }

    pub(super) fn begin_contig(&mut self) {
        self.kmers.reset();
        self.contig = self.contig.wrapping_add(1);
        self.end = 0;
    }

    pub(super) fn push(&mut self, codes: &[u8]) {
        let Self { kmers, threshold, entries, contig, end: before, .. } = self;
        let lowered = Cell::new(*threshold);
        kmers.scan(
            codes,
            |kmer| rank(kmer) <= lowered.get(),
            |end, kmer| {
                // A contig beyond 4 Gb has no splitters behind that point.
                let Ok(end) = u32::try_from(*before + end as u64) else { return };
                entries.push(Entry { kmer: kmer.value, contig: *contig, end });
                if entries.len() == MOST_ENTRIES {
                    lowered.set(lowered.get() >> 1);
                    entries.retain(|entry| rank(entry.kmer) <= lowered.get());
                }
            },
        );
        *threshold = lowered.get();
        *before += codes.len() as u64;
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// Splitters at least `segment_size` apart, the first candidate of each contig among them, and its last one, so
    /// that the unkeyed ends of contigs are short. A contig much shorter than a segment is not worth cutting.
    pub(super) fn choose(self, segment_size: u32) -> SplitterSet {
        let mut values: Vec<u64> = self.entries.iter().map(|entry| entry.kmer).collect();
        values.sort_unstable();
        let singles: FxHashSet<u64> =
            values.chunk_by(|a, b| a == b).filter(|run| run.len() == 1).map(|run| run[0]).collect();
        drop(values);
        let mut chosen = FxHashSet::default();
        for contig in self.entries.chunk_by(|a, b| a.contig == b.contig) {
            let span = contig[contig.len() - 1].end - contig[0].end;
            if span < segment_size / WORTH_CUTTING {
                continue;
            }
            let mut last: Option<u32> = None;
            let mut candidate = None;
            for entry in contig.iter().filter(|entry| singles.contains(&entry.kmer)) {
                if last.is_none_or(|last| entry.end >= last.saturating_add(segment_size)) {
                    chosen.insert(entry.kmer);
                    last = Some(entry.end);
                    candidate = None;
                } else if last.is_some_and(|last| entry.end >= last.saturating_add(self.k)) {
                    candidate = Some(entry.kmer);
                }
            }
            chosen.extend(candidate);
        }
        SplitterSet { k: self.k, threshold: self.threshold, set: chosen }
    }
}

/// The splitters of an archive.
#[derive(Debug)]
pub(super) struct SplitterSet {
    k: u32,
    threshold: u64,
    set: FxHashSet<u64>,
}

impl SplitterSet {
    pub(super) fn k(&self) -> u32 {
        self.k
    }

    /// Whether a canonical k-mer is a splitter. The rank decides nearly always.
    #[inline(always)]
    pub(super) fn contains(&self, kmer: u64) -> bool {
        rank(kmer) <= self.threshold && self.set.contains(&kmer)
    }

    /// All splitters, increasing.
    pub(super) fn sorted(&self) -> Vec<u64> {
        let mut values: Vec<u64> = self.set.iter().copied().collect();
        values.sort_unstable();
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(n: usize, mut state: u64) -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 62) as u8
        })
        .take(n)
        .collect()
    }

    fn chosen(contigs: &[&[u8]], segment_size: u32) -> SplitterSet {
        let mut chooser = SplitterChooser::new(21);
        for contig in contigs {
            chooser.begin_contig();
            contig.chunks(1000).for_each(|piece| chooser.push(piece));
        }
        chooser.choose(segment_size)
    }

    #[test]
    fn spaced_by_the_segment_size_and_near_the_ends() {
        let contig = random(100_000, 5);
        let set = chosen(&[&contig], 10_000);
        let mut ends = Vec::new();
        RollingKmer::new(21).scan(&contig, |kmer| set.contains(kmer), |end, _| ends.push(end));
        assert!(ends.len() >= 9, "{ends:?}");
        assert!(ends[0] < 500 && ends[ends.len() - 1] > 99_500, "{ends:?}");
        assert!(ends.windows(2).take(ends.len() - 2).all(|w| w[1] - w[0] >= 10_000), "{ends:?}");
    }

    #[test]
    fn repeats_hold_no_splitters() {
        let repeat = random(20_000, 9);
        assert_eq!(chosen(&[&repeat, &repeat], 1000).sorted(), []);
    }

    #[test]
    fn a_large_sample_is_looked_at_more_sparsely() {
        let contig = random(20_000_000, 3);
        let mut chooser = SplitterChooser::new(31);
        chooser.begin_contig();
        chooser.push(&contig);
        assert!(chooser.entries.len() <= MOST_ENTRIES && chooser.entries.len() > MOST_ENTRIES / 3);
        assert!(chooser.memory() <= 2 * MOST_ENTRIES * 16);
        let set = chooser.choose(60_000);
        assert!((300..=336).contains(&set.sorted().len()), "{}", set.sorted().len());
    }
}
