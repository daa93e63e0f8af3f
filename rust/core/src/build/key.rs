//! From the ends of a segment to its key and strand (ALGORITHM 4, 5).

use std::cell::Cell;

use super::kmer::{Kmer, RollingKmer, rank};
use crate::layout::{NONE, SegmentKey};

/// Key of a group in the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// By the splitters at its ends; stored in the archive.
    Splitters(SegmentKey),
    /// By the k-mer of least rank: for segments without a splitter at either end. Not stored.
    Sketch(u64),
    /// Too short or too ambiguous for any: a group of its own.
    Alone,
}

/// Key of a segment with these splitters at its ends, and whether it is stored reverse-complemented.
pub(super) fn key_of(codes: &[u8], front: Option<Kmer>, back: Option<Kmer>, k: u32) -> (Key, bool) {
    let (first, second, reversed) = match (front, back) {
        (Some(a), Some(b)) if a.value < b.value => (a.value, b.value, false),
        (Some(a), Some(b)) if a.value > b.value => (b.value, a.value, true),
        (Some(a), Some(b)) => (a.value, b.value, !a.forward),
        // One end: the key tells on which side of the canonical k-mer the segment lies.
        (Some(a), None) if a.forward => (a.value, NONE, false),
        (Some(a), None) => (NONE, a.value, true),
        (None, Some(b)) if b.forward => (NONE, b.value, false),
        (None, Some(b)) => (b.value, NONE, true),
        (None, None) => {
            return match least(codes, k) {
                Some((kmer, _)) => (Key::Sketch(kmer.value), !kmer.forward),
                None => (Key::Alone, false),
            };
        }
    };
    (Key::Splitters(SegmentKey { first, second }), reversed)
}

/// The k-mer of least rank and the position behind it; the first of several.
pub(super) fn least(codes: &[u8], k: u32) -> Option<(Kmer, usize)> {
    let mut best: Option<(Kmer, usize)> = None;
    let bound = Cell::new(u64::MAX);
    RollingKmer::new(k).scan(
        codes,
        |kmer| rank(kmer) <= bound.get(),
        |end, kmer| {
            if best.is_none_or(|(found, _)| rank(kmer.value) < rank(found.value)) {
                bound.set(rank(kmer.value));
                best = Some((kmer, end));
            }
        },
    );
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::push_reverse_complement;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_strands_of_a_segment_get_one_key_and_one_stored_form(
            codes in proptest::collection::vec(0u8..4, 40..80), front: bool, back: bool,
        ) {
            let ends = |codes: &[u8]| {
                let mut all = Vec::new();
                RollingKmer::new(17).scan(codes, |_| true, |_, kmer| all.push(kmer));
                (all[0], all[all.len() - 1])
            };
            let mut other = Vec::new();
            push_reverse_complement(&codes, &mut other);
            let (a, b) = ends(&codes);
            let (c, d) = ends(&other);
            prop_assume!(a.value != b.value);
            let (key, reversed) = key_of(&codes, front.then_some(a), back.then_some(b), 17);
            let (other_key, other_reversed) = key_of(&other, back.then_some(c), front.then_some(d), 17);
            prop_assert_eq!(key, other_key);
            prop_assert_ne!(reversed, other_reversed);
        }
    }
}
