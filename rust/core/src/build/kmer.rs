//! Canonical k-mers as the format defines them (FORMAT 3.5).

use crate::alphabet::N;

/// Spreads k-mer values so that a threshold on the product samples them evenly (Fibonacci hashing).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A pseudo-random but fixed rank of a k-mer value.
#[inline(always)]
pub(super) fn rank(kmer: u64) -> u64 {
    // The high half of a product depends on all bits of the value.
    let product = u128::from(kmer ^ kmer >> 31) * u128::from(SPREAD);
    (product >> 64) as u64 ^ product as u64
}

/// The k-mers of a sequence that is fed code by code.
#[derive(Debug, Clone)]
pub(super) struct RollingKmer {
    forward: u64,
    reverse: u64,
    valid: u32,
    k: u32,
    mask: u64,
}

/// A canonical k-mer, left-aligned, and whether it reads so on the strand at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kmer {
    pub(super) value: u64,
    pub(super) forward: bool,
}

impl RollingKmer {
    /// `k` must be from 1 to 32.
    pub(super) fn new(k: u32) -> Self {
        RollingKmer { forward: 0, reverse: 0, valid: 0, k, mask: u64::MAX << (64 - 2 * k) }
    }

    /// Forgets all codes fed so far.
    #[inline(always)]
    pub(super) fn reset(&mut self) {
        self.valid = 0;
    }

    /// Feeds a code; the k-mer that ends with it, unless one of its codes is beyond T.
    #[inline(always)]
    pub(super) fn push(&mut self, code: u8) -> Option<Kmer> {
        if code >= N {
            self.valid = 0;
            return None;
        }
        // Both are left-aligned: the forward value takes codes at its low end, the reverse at its high end.
        self.forward = self.forward << 2 | u64::from(code) << (64 - 2 * self.k);
        self.reverse = (self.reverse >> 2 | u64::from(3 - code) << 62) & self.mask;
        self.valid += 1;
        if self.valid < self.k {
            return None;
        }
        let forward = self.forward <= self.reverse;
        Some(Kmer { value: if forward { self.forward } else { self.reverse }, forward })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::{CODES, reverse_complement};
    use proptest::prelude::*;

    fn last(text: &str) -> Option<Kmer> {
        let mut kmers = RollingKmer::new(21);
        text.bytes().map(|b| kmers.push(CODES[b as usize])).last().flatten()
    }

    #[test]
    fn vectors_of_the_format() {
        let kmer = last("TTTTCAATGCCGAACCACGCGGTCG").unwrap();
        assert_eq!((kmer.value, kmer.forward), (0x4396_0519_AD80_0000, true));
        assert_eq!(last("CGCTCGCATCCGTCGGGTATC").unwrap().value, 0x6764_D6DA_B340_0000);
        let kmer = last("GATACCCGACGGATGCGAGCG").unwrap();
        assert_eq!((kmer.value, kmer.forward), (0x6764_D6DA_B340_0000, false));
        assert!(last("CAATGCCGAACCACGCGGTC").is_none());
        assert!(last("CAATGCCGAANCCACGCGGTCG").is_none());
    }

    proptest! {
        #[test]
        fn both_strands_have_the_same_kmers(mut codes in proptest::collection::vec(0u8..4, 32), k in 1u32..33) {
            codes.truncate(k as usize);
            let feed = |codes: &[u8]| {
                let mut kmers = RollingKmer::new(k);
                codes.iter().map(|&c| kmers.push(c)).last().flatten().unwrap()
            };
            let forward = feed(&codes);
            reverse_complement(&mut codes);
            let back = feed(&codes);
            prop_assert_eq!(forward.value, back.value);
        }
    }
}
