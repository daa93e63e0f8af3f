//! How much of a sequence repeats itself.

use super::kmer::rank;
use crate::alphabet::N;

/// Codes in the k-mers looked at, and how many k-mers stand for one that is.
const K: u32 = 24;
const SPACING: u64 = 32;

/// The k-mers that stand elsewhere in the same sequence on the same strand, in thousandths of all.
pub(super) fn repeated_share(codes: &[u8]) -> usize {
    let mut seen = Vec::with_capacity(codes.len() / SPACING as usize * 5 / 4);
    for run in codes.split(|&code| code >= N).filter(|run| run.len() >= K as usize) {
        let (first, rest) = run.split_at(K as usize - 1);
        let mut kmer = first.iter().fold(0, |kmer, &code| kmer << 2 | u64::from(code));
        for &code in rest {
            kmer = (kmer << 2 | u64::from(code)) & ((1 << (2 * K)) - 1);
            if rank(kmer) <= u64::MAX / SPACING {
                seen.push(kmer);
            }
        }
    }
    seen.sort_unstable();
    let repeated: usize = seen.chunk_by(u64::eq).map(<[u64]>::len).filter(|&same| same > 1).sum();
    repeated * 1000 / usize::max(seen.len(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::reverse_complement;

    #[test]
    fn direct_repeats_count_and_inverted_ones_do_not() {
        let mut state = 5u32;
        let mut random = |n: usize| -> Vec<u8> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 30) as u8
            };
            (0..n).map(|_| next()).collect()
        };
        let (unit, between) = (random(10_000), random(20_000));
        let mut turned = unit.clone();
        reverse_complement(&mut turned);
        assert_eq!(repeated_share(&between), 0);
        assert_eq!(repeated_share(&[&unit[..], &between, &turned].concat()), 0);
        let share = repeated_share(&[&unit[..], &between, &unit].concat());
        assert!((400..600).contains(&share), "{share}");
        assert_eq!(repeated_share(&[]), 0);
    }
}
