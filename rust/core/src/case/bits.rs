//! Case as bits, one for each letter: how it travels from the parser.

use std::ops::Range;

use crate::alphabet::LOWER;

const LOWER_8: u64 = u64::from_ne_bytes([LOWER; 8]);

/// Clears the bit of case in `codes`, and appends what it was, 64 codes a word; the last word may have fewer.
pub fn split(codes: &mut [u8], bits: &mut Vec<u64>) {
    for block in codes.chunks_mut(64) {
        let mut word = 0;
        let (eights, rest) = block.as_chunks_mut::<8>();
        let last = 8 * eights.len();
        for (i, eight) in eights.iter_mut().enumerate() {
            let lanes = u64::from_le_bytes(*eight);
            // Bit 5 of each lane goes to the highest byte, each to a place of its own.
            let lower = (lanes & LOWER_8) >> 5;
            word |= (lower.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
            *eight = (lanes & !LOWER_8).to_le_bytes();
        }
        for (i, code) in rest.iter_mut().enumerate() {
            word |= u64::from((*code & LOWER) >> 5) << (last + i);
            *code &= !LOWER;
        }
        bits.push(word);
    }
}

/// Runs of set bits within `range`, in order.
pub fn runs(bits: &[u64], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = next(bits, at..range.end, 0);
        at = next(bits, start..range.end, u64::MAX);
        (start < at).then_some(start..at)
    })
}

/// The first bit of `range` that differs from those of `flip`; the range's end if none does.
fn next(bits: &[u64], range: Range<usize>, flip: u64) -> usize {
    let mut at = range.start;
    while at < range.end {
        let rest = (bits[at / 64] ^ flip) >> (at % 64);
        if rest != 0 {
            return (at + rest.trailing_zeros() as usize).min(range.end);
        }
        at = (at / 64 + 1) * 64;
    }
    range.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_those_of_the_letters(
            stretches in proptest::collection::vec((any::<bool>(), 1usize..150), 0..20),
            from: prop::sample::Index,
            to: prop::sample::Index,
        ) {
            let lower: Vec<bool> = stretches.iter().flat_map(|&(lower, length)| vec![lower; length]).collect();
            let mut codes: Vec<u8> =
                lower.iter().enumerate().map(|(i, &lower)| (i as u8 % 16) | if lower { LOWER } else { 0 }).collect();
            let mut bits = Vec::new();
            split(&mut codes, &mut bits);
            prop_assert!(codes.iter().enumerate().all(|(i, &code)| code == i as u8 % 16));
            prop_assert_eq!(bits.len(), codes.len().div_ceil(64));
            let (a, b) = (from.index(lower.len() + 1), to.index(lower.len() + 1));
            let range = a.min(b)..a.max(b);
            let mut found = vec![false; lower.len()];
            let mut end = None;
            for run in runs(&bits, range.clone()) {
                prop_assert!(!run.is_empty() && end.is_none_or(|end| run.start > end));
                end = Some(run.end);
                found[run].fill(true);
            }
            prop_assert_eq!(&found[range.clone()], &lower[range.clone()]);
            prop_assert!(found.iter().enumerate().all(|(i, &found)| !found || range.contains(&i)));
        }
    }
}
