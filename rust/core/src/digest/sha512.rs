//! SHA-512 of a message that comes in pieces, with a state that other code can take further.

use sha2::block_api::compress512;

use super::WHOLE;

/// Bytes that are compressed at a time.
pub(super) const BLOCK: usize = 128;

const START: [u64; 8] = [
    0x6A09_E667_F3BC_C908,
    0xBB67_AE85_84CA_A73B,
    0x3C6E_F372_FE94_F82B,
    0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1,
    0x9B05_688C_2B3E_6C1F,
    0x1F83_D9AB_FB41_BD6B,
    0x5BE0_CD19_137E_2179,
];

/// The state of a message so far.
#[derive(Debug, Clone)]
pub(super) struct Sha512 {
    words: [u64; 8],
    pending: [u8; BLOCK],
    length: u128,
}

impl Default for Sha512 {
    fn default() -> Self {
        Sha512 { words: START, pending: [0; BLOCK], length: 0 }
    }
}

impl Sha512 {
    /// Adds bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (head, blocks, tail) = self.parts(bytes);
        self.fill(head);
        let (blocks, _) = blocks.as_chunks::<BLOCK>();
        compress512(&mut self.words, blocks);
        self.length += (blocks.len() * BLOCK) as u128;
        self.fill(tail);
    }

    /// Divides bytes that come next into those that complete a block, whole blocks, and the rest.
    pub(super) fn parts<'a>(&self, bytes: &'a [u8]) -> (&'a [u8], &'a [u8], &'a [u8]) {
        let missing = match self.filled() {
            0 => 0,
            filled => BLOCK - filled,
        };
        let (head, rest) = bytes.split_at(missing.min(bytes.len()));
        let (blocks, tail) = rest.split_at(rest.len() / BLOCK * BLOCK);
        (head, blocks, tail)
    }

    /// Adds bytes that reach to the end of a block at most.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let filled = self.filled();
        self.pending[filled..filled + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len() as u128;
        if !bytes.is_empty() && self.filled() == 0 {
            compress512(&mut self.words, &[self.pending]);
        }
    }

    /// What has been compressed so far, to go on with: whole blocks that somebody else compresses are `told`.
    pub(super) fn words(&mut self) -> &mut [u64; 8] {
        debug_assert_eq!(self.filled(), 0);
        &mut self.words
    }

    /// Counts bytes that were compressed into [`Sha512::words`].
    pub(super) fn told(&mut self, bytes: usize) {
        self.length += bytes as u128;
    }

    /// The first 24 bytes of the digest.
    pub(super) fn finish(mut self) -> [u8; WHOLE] {
        let (bits, filled) = (8 * self.length, self.filled());
        let mut end = [[0; BLOCK]; 2];
        end[0][..filled].copy_from_slice(&self.pending[..filled]);
        end[0][filled] = 0x80;
        let last = usize::from(filled + 1 + size_of::<u128>() > BLOCK);
        end[last][BLOCK - size_of::<u128>()..].copy_from_slice(&bits.to_be_bytes());
        compress512(&mut self.words, &end[..=last]);
        let mut digest = [0; WHOLE];
        for (bytes, word) in digest.chunks_exact_mut(8).zip(self.words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }

    fn filled(&self) -> usize {
        (self.length % BLOCK as u128) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::Digest;

    proptest! {
        #[test]
        fn as_the_crate_has_it(bytes in proptest::collection::vec(any::<u8>(), 0..1000), cuts: [prop::sample::Index; 3]) {
            let mut cuts = cuts.map(|cut| cut.index(bytes.len() + 1));
            cuts.sort_unstable();
            let mut ours = Sha512::default();
            let mut at = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                ours.update(&bytes[at..cut]);
                at = cut;
            }
            prop_assert_eq!(&ours.finish()[..], &sha2::Sha512::digest(&bytes)[..WHOLE]);
        }
    }
}
