//! Where short words occur in a reference: every fourth position, in an open-addressing table.

/// Codes in a word: the next shorter than the shortest match that [`super::Encoder`] takes, less the step.
pub(super) const WORD: usize = 16;

/// Distance between indexed positions.
const STEP: usize = 4;

/// Slots looked at before giving up: bounds the work in repeats.
const PROBES: usize = 16;

const EMPTY: u32 = u32::MAX;

/// A word index over one reference; the table is kept and reused.
#[derive(Debug, Default)]
pub(super) struct WordIndex {
    slots: Vec<u32>,
    shift: u32,
}

impl WordIndex {
    /// Indexes `reference` anew. Words with codes beyond T are left out.
    pub(super) fn build(&mut self, reference: &[u8]) {
        let words = reference.len() / STEP;
        let size = (words * 2).next_power_of_two().max(16);
        self.slots.clear();
        self.slots.resize(size, EMPTY);
        self.shift = 64 - size.trailing_zeros();
        let mask = size - 1;
        for at in (0..(reference.len() + 1).saturating_sub(WORD)).step_by(STEP) {
            let Some(word) = word_at(reference, at) else { continue };
            let mut slot = self.slot(word);
            for _ in 0..PROBES {
                if self.slots[slot] == EMPTY {
                    self.slots[slot] = at as u32;
                    break;
                }
                slot = (slot + 1) & mask;
            }
        }
    }

    /// Positions where `word` may occur.
    #[inline]
    pub(super) fn candidates(&self, word: u64) -> impl Iterator<Item = usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let start = self.slot(word);
        (0..PROBES)
            .map(move |i| self.slots.get((start + i) & mask).copied().unwrap_or(EMPTY))
            .take_while(|&at| at != EMPTY)
            .map(|at| at as usize)
    }

    #[inline]
    fn slot(&self, word: u64) -> usize {
        (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (self.shift & 63)) as usize
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.slots.capacity() * 4
    }
}

/// The word at a position, two bits a code; `None` where a code is beyond T or the sequence ends.
#[inline]
pub(super) fn word_at(codes: &[u8], at: usize) -> Option<u64> {
    let bytes: &[u8; WORD] = codes.get(at..)?.first_chunk()?;
    let value = u128::from_le_bytes(*bytes);
    if value & 0xFCFC_FCFC_FCFC_FCFC_FCFC_FCFC_FCFC_FCFC != 0 {
        return None;
    }
    Some(squeeze(value as u64) | squeeze((value >> 64) as u64) << 16)
}

/// The low two bits of each of eight bytes, side by side.
#[inline]
fn squeeze(bytes: u64) -> u64 {
    let pairs = (bytes | bytes >> 6) & 0x000F_000F_000F_000F;
    let quads = (pairs | pairs >> 12) & 0x0000_00FF_0000_00FF;
    (quads | quads >> 24) & 0xFFFF
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_indexed_position_is_found(reference in proptest::collection::vec(0u8..4, 16..300)) {
            let mut index = WordIndex::default();
            index.build(&reference);
            for at in (0..reference.len() - WORD + 1).step_by(STEP) {
                let word = word_at(&reference, at).unwrap();
                // Among the candidates stands this position, or as many equal words as are ever looked at.
                prop_assert!(index.candidates(word).any(|c| c == at) || index.candidates(word).count() == PROBES);
            }
        }

        #[test]
        fn words_are_equal_only_if_their_codes_are(a in proptest::collection::vec(0u8..4, 16), b in proptest::collection::vec(0u8..5, 16)) {
            prop_assert_eq!(word_at(&a, 0).is_some() && word_at(&a, 0) == word_at(&b, 0), a == b);
            prop_assert!(word_at(&a, 1).is_none());
        }
    }
}
