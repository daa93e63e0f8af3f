//! Where short words occur in a reference: every [`STEP`]th position, chained from the first to the last.

/// Codes in a word.
pub(super) const WORD: usize = 12;

/// Distance between indexed positions.
pub(super) const STEP: usize = 2;

/// Positions looked at before giving up: bounds the work in repeats.
const OCCURRENCES: usize = 16;

const END: u32 = u32::MAX;

/// A word index over one reference; the tables are kept and reused.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// By hash: the first position, in steps.
    heads: Vec<u32>,
    /// By position, in steps: the next position of the same hash.
    next: Vec<u32>,
    shift: u32,
}

impl Words {
    /// Indexes `reference` anew. Words with codes beyond T are left out.
    pub(super) fn build(&mut self, reference: &[u8]) {
        let count = (reference.len() + 1).saturating_sub(WORD).div_ceil(STEP);
        let bits = count.next_power_of_two().trailing_zeros().clamp(8, 24);
        self.shift = 32 - bits;
        self.heads.clear();
        self.heads.resize(1 << bits, END);
        self.next.clear();
        self.next.resize(count, END);
        // Backwards, so that chains begin with the first occurrence: in a tandem repeat, that which reaches furthest. The
        // word grows at its low end, and `clean` is how many codes in a row are none beyond T.
        let (mut word, mut clean) = (0u32, 0usize);
        for (at, &code) in reference.iter().enumerate().rev() {
            word = (word << 2 | u32::from(code & 3)) & (u32::MAX >> (32 - 2 * WORD));
            clean = if code > 3 { 0 } else { clean + 1 };
            if at % STEP == 0 && clean >= WORD {
                let head = &mut self.heads[(hash(word) >> self.shift) as usize];
                self.next[at / STEP] = std::mem::replace(head, (at / STEP) as u32);
            }
        }
    }

    /// Positions where `word` may occur.
    #[inline]
    pub(super) fn candidates(&self, word: u32) -> impl Iterator<Item = usize> {
        let first = self.heads.get((hash(word) >> self.shift) as usize).copied();
        let listed = |at: u32| (at != END).then_some(at);
        std::iter::successors(first.and_then(listed), move |&at| listed(self.next[at as usize]))
            .take(OCCURRENCES)
            .map(|at| at as usize * STEP)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        (self.heads.capacity() + self.next.capacity()) * size_of::<u32>()
    }
}

#[inline]
fn hash(word: u32) -> u32 {
    word.wrapping_mul(0x9E37_79B1)
}

/// The word at a position, two bits a code; `None` where a code is beyond T or the sequence ends.
#[inline]
pub(super) fn word_at(codes: &[u8], at: usize) -> Option<u32> {
    let bytes: &[u8; WORD] = codes.get(at..)?.first_chunk()?;
    let (low, high) = bytes.split_first_chunk::<8>()?;
    let low = u64::from_le_bytes(*low);
    let high = u64::from(u32::from_le_bytes(*high.first_chunk()?));
    if (low | high) & 0xFCFC_FCFC_FCFC_FCFC != 0 {
        return None;
    }
    Some(squeeze(low) | squeeze(high) << 16)
}

/// The low two bits of each of eight bytes, side by side.
#[inline]
fn squeeze(bytes: u64) -> u32 {
    let pairs = (bytes | bytes >> 6) & 0x000F_000F_000F_000F;
    let quads = (pairs | pairs >> 12) & 0x0000_00FF_0000_00FF;
    ((quads | quads >> 24) & 0xFFFF) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_indexed_position_is_found(reference in proptest::collection::vec(0u8..4, 0..300)) {
            let mut words = Words::default();
            words.build(&reference);
            for at in (0..(reference.len() + 1).saturating_sub(WORD)).step_by(STEP) {
                let word = word_at(&reference, at).unwrap();
                prop_assert!(words.candidates(word).any(|c| c == at) || words.candidates(word).count() == OCCURRENCES);
            }
            prop_assert!(Words::default().candidates(7).next().is_none());
        }

        #[test]
        fn words_are_equal_only_if_their_codes_are(a in proptest::collection::vec(0u8..4, WORD), b in proptest::collection::vec(0u8..5, WORD)) {
            prop_assert_eq!(word_at(&a, 0).is_some() && word_at(&a, 0) == word_at(&b, 0), a == b);
            prop_assert!(word_at(&a, 1).is_none());
        }
    }
}
