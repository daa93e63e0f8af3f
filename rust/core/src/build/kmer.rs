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

/// A canonical k-mer, left-aligned, and whether it reads so on the strand at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kmer {
    pub(super) value: u64,
    pub(super) forward: bool,
}

/// The k-mers of a sequence that is fed piece by piece.
#[derive(Debug, Clone)]
pub(super) struct RollingKmer {
    /// Right-aligned, older codes above.
    forward: u64,
    /// Left-aligned.
    reverse: u64,
    /// Codes below 4 in a row, so far.
    valid: usize,
    k: u32,
}

impl RollingKmer {
    /// `k` must be from 1 to 32.
    pub(super) fn new(k: u32) -> Self {
        RollingKmer { forward: 0, reverse: 0, valid: 0, k }
    }

    /// Feeds codes and tells `found` each k-mer that passes `wanted` (given its value), with the position behind it.
    #[inline(always)]
    pub(super) fn scan(&mut self, codes: &[u8], wanted: impl Fn(u64) -> bool, mut found: impl FnMut(usize, Kmer)) {
        let mut at = 0;
        while at < codes.len() {
            // Runs without codes beyond T: in them nothing but the k-mer itself has to be looked at.
            let run = codes[at..].iter().position(|&code| code >= N).unwrap_or(codes.len() - at);
            let warm_up = (self.k as usize - 1).saturating_sub(self.valid).min(run);
            for &code in &codes[at..at + warm_up] {
                self.shift(code);
            }
            for (i, &code) in codes[at + warm_up..at + run].iter().enumerate() {
                self.shift(code);
                let kmer = self.canonical();
                if wanted(kmer.value) {
                    found(at + warm_up + i + 1, kmer);
                }
            }
            self.valid += run;
            at += run;
            if at < codes.len() {
                self.valid = 0;
                at += 1;
            }
        }
    }

    #[inline(always)]
    fn shift(&mut self, code: u8) {
        self.forward = self.forward << 2 | u64::from(code);
        self.reverse = self.reverse >> 2 | u64::from(3 - code) << 62;
    }

    #[inline(always)]
    fn canonical(&self) -> Kmer {
        // Codes older than k have left the forward value at the top; from the reverse value they are cut off.
        let forward = self.forward << (64 - 2 * self.k);
        let reverse = self.reverse & u64::MAX << (64 - 2 * self.k);
        Kmer { value: forward.min(reverse), forward: forward <= reverse }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::{CODES, reverse_complement};
    use proptest::prelude::*;

    /// The k-mer that ends with the last code.
    fn last_of(codes: &[u8], k: u32) -> Option<Kmer> {
        let mut last = None;
        RollingKmer::new(k).scan(codes, |_| true, |end, kmer| last = Some((end, kmer)));
        last.filter(|&(end, _)| end == codes.len()).map(|(_, kmer)| kmer)
    }

    fn last(text: &str) -> Option<Kmer> {
        last_of(&text.bytes().map(|b| CODES[b as usize]).collect::<Vec<_>>(), 21)
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
            let forward = last_of(&codes, k).unwrap();
            reverse_complement(&mut codes);
            prop_assert_eq!(forward.value, last_of(&codes, k).unwrap().value);
        }

        #[test]
        fn pieces_do_not_matter(codes in proptest::collection::vec(0u8..5, 0..200), piece in 1usize..50, k in 1u32..33) {
            let mut whole = Vec::new();
            RollingKmer::new(k).scan(&codes, |_| true, |end, kmer| whole.push((end, kmer)));
            let mut pieces = Vec::new();
            let mut kmers = RollingKmer::new(k);
            for (i, piece_codes) in codes.chunks(piece).enumerate() {
                kmers.scan(piece_codes, |_| true, |end, kmer| pieces.push((i * piece + end, kmer)));
            }
            prop_assert_eq!(&whole, &pieces);
            let ends: Vec<usize> = (k as usize..=codes.len()).filter(|&e| codes[e - k as usize..e].iter().all(|&c| c < 4)).collect();
            prop_assert!(whole.iter().map(|(end, _)| *end).eq(ends));
        }
    }
}
