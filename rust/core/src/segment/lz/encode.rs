//! From a segment to its delta: along the expected diagonal first, then by word index.

use super::compare::{common_prefix, common_suffix};
use super::index::{WORD, WordIndex, word_at};
use super::token::{N_RUN_BASE, push_literal, push_match, push_match_to_end, push_n_run, push_same};
use crate::alphabet::N;

/// Codes that must agree behind a single difference for the diagonal to go on.
const RESUME: usize = 12;

/// Codes that must agree after a shift of the diagonal (a short insertion or deletion), and the widest shift tried.
const SHIFTED: usize = 20;
const MAX_SHIFT: i64 = 16;

/// Shortest match that leaves the diagonal: a token with a distance costs about as much as so many literals.
const MIN_JUMP: usize = 20;

/// Encodes segments against references. Holds the scratch that this needs, for one reference at a time.
#[derive(Debug, Default)]
pub struct Encoder {
    index: WordIndex,
}

/// A match that was found: where it begins in segment and reference, and its length.
#[derive(Debug, Clone, Copy)]
struct Found {
    start: usize,
    position: usize,
    length: usize,
}

impl Encoder {
    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.index.memory()
    }

    /// Replaces what `out` holds by the delta of `segment` over `reference`. A segment equal to the reference has
    /// no delta and must not be given.
    pub fn encode(&mut self, segment: &[u8], reference: &[u8], min_match: u32, out: &mut Vec<u8>) {
        debug_assert!(segment != reference && !segment.is_empty());
        out.clear();
        let mut indexed = false;
        let (mut at, mut predicted) = (0, 0usize);
        // Literals since this position may still be taken back by a match that reaches back over them.
        let mut literals = 0;
        while at < segment.len() {
            let expected = reference.get(predicted..).unwrap_or_default();
            let run = common_prefix(&segment[at..], expected);
            if run >= min_match as usize || (run > 0 && at + run == segment.len()) {
                push_copy(0, run, predicted + run == reference.len(), min_match, out);
                (at, predicted) = (at + run, predicted + run);
                literals = at;
                continue;
            }
            if run < expected.len() && at + run < segment.len() {
                let behind = common_prefix(&segment[at + run + 1..], &expected[run + 1..]);
                if behind >= RESUME {
                    push_same(run, out);
                    push_literal(segment[at + run], out);
                    (at, predicted) = (at + run + 1, predicted + run + 1);
                    literals = at;
                    continue;
                }
            }
            let n_run = segment[at..].iter().take_while(|&&code| code == N).count();
            if n_run >= N_RUN_BASE {
                push_n_run(n_run, out);
                at += n_run;
                literals = at;
                continue;
            }
            let found = shifted(segment, at, reference, predicted).or_else(|| {
                if !indexed {
                    self.index.build(reference);
                    indexed = true;
                }
                self.find(segment, at, literals, reference)
            });
            if let Some(found) = found {
                let taken_back = at - found.start;
                out.truncate(out.len() - taken_back);
                let distance = found.position as i64 - (predicted - taken_back) as i64;
                at = found.start + found.length;
                predicted = found.position + found.length;
                push_copy(distance, found.length, predicted == reference.len(), min_match, out);
                literals = at;
            } else {
                // One byte a code, so that a match which reaches back can take them back.
                if run > 0 {
                    push_same(1, out)
                } else {
                    push_literal(segment[at], out)
                }
                (at, predicted) = (at + 1, predicted + 1);
            }
        }
    }

    /// The longest match through `at` that the index knows, taking back no more than the literals before.
    fn find(&self, segment: &[u8], at: usize, literals: usize, reference: &[u8]) -> Option<Found> {
        let word = word_at(segment, at)?;
        let mut best: Option<Found> = None;
        for position in self.index.candidates(word) {
            let ahead = common_prefix(&segment[at..], &reference[position..]);
            if ahead < WORD {
                continue;
            }
            let back = common_suffix(&segment[literals..at], &reference[..position]);
            let length = ahead + back;
            if length >= MIN_JUMP && best.is_none_or(|best| length > best.length) {
                best = Some(Found { start: at - back, position: position - back, length });
            }
        }
        best
    }
}

/// The nearest diagonal on which the segment goes on.
fn shifted(segment: &[u8], at: usize, reference: &[u8], predicted: usize) -> Option<Found> {
    // Nearly all shifts fail at once: eight codes compared as one word tell.
    let (first, _) = segment[at..].split_first_chunk::<8>()?;
    for distance in 1..=MAX_SHIFT {
        for shift in [distance, -distance] {
            let Some(rest) = usize::try_from(predicted as i64 + shift).ok().and_then(|at| reference.get(at..)) else {
                continue;
            };
            if rest.first_chunk::<8>() != Some(first) {
                continue;
            }
            let length = common_prefix(&segment[at..], rest);
            if length >= SHIFTED {
                return Some(Found { start: at, position: reference.len() - rest.len(), length });
            }
        }
    }
    None
}

fn push_copy(distance: i64, length: usize, to_end: bool, min_match: u32, out: &mut Vec<u8>) {
    if to_end {
        push_match_to_end(distance, out);
    } else {
        push_match(distance, length, min_match, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, Slice, decode};
    use super::*;
    use proptest::prelude::*;

    fn encoded(segment: &[u8], reference: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Encoder::default().encode(segment, reference, 20, &mut out);
        out
    }

    fn random(n: usize, mut state: u32) -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30) as u8
        })
        .take(n)
        .collect()
    }

    #[test]
    fn what_a_change_costs() {
        let reference = random(1000, 1);
        let mut snp = reference.clone();
        snp[500] ^= 1;
        assert_eq!(encoded(&snp, &reference), [b"0,480.", &[b'A' + snp[500]][..], b"0."].concat());
        let mut deletion = reference.clone();
        deletion.drain(300..305);
        assert_eq!(encoded(&deletion, &reference), b"0,280.5.");
        let insertion = [&reference[..300], &random(200, 7), &reference[300..]].concat();
        assert!(encoded(&insertion, &reference).len() < 220);
        let runs = [&reference[..300], &[N; 500], &reference[800..]].concat();
        assert_eq!(encoded(&runs, &reference), b"0,280.\x1E496\x04500.");
        let moved = [&reference[600..], &reference[..600]].concat();
        assert_eq!(encoded(&moved, &reference), b"600.-1000,580.");
    }

    fn edits() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let piece =
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), proptest::collection::vec(0u8..16, 0..30));
        (1usize..500, any::<u32>(), proptest::collection::vec(piece, 1..8)).prop_map(|(length, seed, pieces)| {
            let reference = random(length, seed);
            let mut segment = Vec::new();
            for (from, to, insert) in pieces {
                let (a, b) = (from.index(length), to.index(length));
                segment.extend_from_slice(&reference[a.min(b)..=a.max(b)]);
                segment.extend_from_slice(&insert);
            }
            (segment, reference)
        })
    }

    proptest! {
        #[test]
        fn round_trip((segment, reference) in edits(), min_match in 15u32..33) {
            prop_assume!(segment != reference);
            let mut delta = Vec::new();
            Encoder::default().encode(&segment, &reference, min_match, &mut delta);
            prop_assert!(!delta.is_empty());
            let mut back = Vec::new();
            decode(&delta, &reference, min_match, Dialect::V2, Slice::new(0..u64::MAX, &mut back)).unwrap();
            prop_assert_eq!(back, segment);
        }
    }
}
