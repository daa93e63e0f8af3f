//! Codes at two bits each in words, so that 32 of them are compared at once.

use crate::alphabet::N;
use crate::build::kmer::Kmer;

/// Codes in a word.
pub(super) const WORD: usize = 32;

/// The lower bit of each pair.
pub(super) const LOW: u64 = 0x5555_5555_5555_5555;

/// Words of codes, the first in the lowest bits, with a word of zeros behind the last.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    words: Vec<u64>,
    length: usize,
}

impl Default for Packed {
    fn default() -> Self {
        Packed { words: vec![0], length: 0 }
    }
}

/// The low two bits of each of eight bytes, side by side, the first byte's lowest.
#[inline(always)]
fn squeeze(bytes: u64) -> u64 {
    let bytes = bytes & 0x0303_0303_0303_0303;
    let pairs = (bytes | bytes >> 6) & 0x000F_000F_000F_000F;
    let quads = (pairs | pairs >> 12) & 0x0000_00FF_0000_00FF;
    (quads | quads >> 24) & 0xFFFF
}

impl Packed {
    /// Number of codes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.words.capacity() * 8
    }

    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.words.push(0);
        self.length = 0;
    }

    /// Appends codes; of those from 4 on only the low bits are kept.
    pub(super) fn extend(&mut self, codes: &[u8]) {
        let mut rest = codes;
        // To a word's boundary one by one, then word by word.
        while !rest.is_empty() && !self.length.is_multiple_of(WORD) {
            self.push(rest[0]);
            rest = &rest[1..];
        }
        let (blocks, tail) = rest.as_chunks::<WORD>();
        if !blocks.is_empty() {
            self.words.pop();
            self.words.extend(blocks.iter().map(|block| {
                let (eights, _) = block.as_chunks::<8>();
                eights.iter().rev().fold(0, |word, eight| word << 16 | squeeze(u64::from_le_bytes(*eight)))
            }));
            self.words.push(0);
            self.length += blocks.len() * WORD;
        }
        for &code in tail {
            self.push(code);
        }
    }

    fn push(&mut self, code: u8) {
        let at = self.length % WORD;
        if let Some(last) = self.words.last_mut() {
            *last |= u64::from(code & 3) << (2 * at);
        }
        self.length += 1;
        if at == WORD - 1 {
            self.words.push(0);
        }
    }

    /// The 32 codes from `at` on; those behind the end are zeros.
    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> u64 {
        let (word, shift) = (at / WORD, 2 * (at % WORD));
        let Some(&low) = self.words.get(word) else { return 0 };
        if shift == 0 {
            return low;
        }
        let high = self.words.get(word + 1).copied().unwrap_or(0);
        low >> shift | high << (64 - shift)
    }

    /// Replaces what `out` holds by codes, one a byte.
    pub(super) fn unpack(&self, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        out.clear();
        for at in range.clone().step_by(WORD) {
            let word = self.get(at);
            out.extend((0..WORD).map(|i| (word >> (2 * i) & 3) as u8));
        }
        out.truncate(range.len());
    }

    /// The canonical k-mer at a position, left-aligned as in the format.
    #[inline(always)]
    pub(super) fn kmer(&self, position: usize, k: u32) -> Kmer {
        let word = self.get(position);
        let reverse = !word << (64 - 2 * k);
        // The first code is the lowest pair of the word and the highest of a k-mer.
        let swapped = word.reverse_bits();
        let forward = (swapped >> 1 & LOW | (swapped & LOW) << 1) & u64::MAX << (64 - 2 * k);
        Kmer { value: forward.min(reverse), forward: forward <= reverse }
    }

    /// The 32 codes before `end`; those before the start are zeros.
    #[inline(always)]
    pub(super) fn get_before(&self, end: usize) -> u64 {
        match end {
            0 => 0,
            1..WORD => self.get(0) << (2 * (WORD - end)),
            _ => self.get(end - WORD),
        }
    }
}

/// A stretch of a contig as the mapper compares it: codes, and where they are beyond T.
#[derive(Debug, Default)]
pub(super) struct Query {
    codes: Packed,
    others: Packed,
    any_others: bool,
}

impl Query {
    /// Replaces the query by codes.
    pub(super) fn set(&mut self, codes: &[u8]) {
        self.codes.clear();
        self.codes.extend(codes);
        self.any_others = codes.iter().fold(0, |all, code| all | code) >= N;
        self.others.clear();
        if self.any_others {
            let marks: Vec<u8> = codes.iter().map(|&code| u8::from(code >= N)).collect();
            self.others.extend(&marks);
        }
    }

    /// The canonical k-mer at a place where no code is beyond T.
    #[inline(always)]
    pub(super) fn kmer(&self, at: usize, k: u32) -> Kmer {
        self.codes.kmer(at, k)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.codes.memory() + self.others.memory()
    }

    /// Low bits of pairs at which the codes from `at` on differ from those of `other` from `there` on.
    #[inline(always)]
    pub(super) fn differences(&self, at: usize, other: &Packed, there: usize) -> u64 {
        let x = self.codes.get(at) ^ other.get(there);
        let found = (x | x >> 1) & LOW;
        if self.any_others { found | self.others.get(at) } else { found }
    }

    /// The same for the codes before `end` and before `there`: the last of them in the highest pair.
    #[inline(always)]
    pub(super) fn differences_before(&self, end: usize, other: &Packed, there: usize) -> u64 {
        let x = self.codes.get_before(end) ^ other.get_before(there);
        let found = (x | x >> 1) & LOW;
        if self.any_others { found | self.others.get_before(end) } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(word: u64, at: usize) -> u8 {
        (word >> (2 * at) & 3) as u8
    }

    proptest! {
        #[test]
        fn words_hold_the_codes(pieces in proptest::collection::vec(proptest::collection::vec(0u8..16, 0..100), 1..5), at in 0usize..300) {
            let mut packed = Packed::default();
            for piece in &pieces {
                packed.extend(piece);
            }
            let codes = pieces.concat();
            prop_assert_eq!(packed.len(), codes.len());
            for i in 0..WORD {
                let expected = codes.get(at + i).map_or(0, |c| c & 3);
                prop_assert_eq!(code(packed.get(at), i), expected);
                let before = (at + i).checked_sub(WORD).and_then(|j| codes.get(j)).map_or(0, |c| c & 3);
                prop_assert_eq!(code(packed.get_before(at), i), before);
            }
        }
    }
}
