//! Digests of one contig whose letters come in pieces.

use md5::{Digest, Md5};

use super::sha512::Sha512;
use super::{MD5, WHOLE};
use crate::alphabet::{LOWER, to_letters};

/// Bytes that are spelt at a time.
const WINDOW: usize = 4096;

/// Digests of a contig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// The first 24 bytes of SHA-512.
    pub digest: [u8; WHOLE],
    /// MD5, if it was asked for.
    pub md5: Option<[u8; MD5]>,
    /// Number of bases.
    pub length: u64,
}

/// Follows a contig. Lower case counts as upper case.
#[derive(Debug, Clone, Default)]
pub struct Hasher {
    pub(super) sha: Sha512,
    md5: Option<Md5>,
    length: u64,
}

impl Hasher {
    /// Of a contig that begins.
    pub fn new(md5: bool) -> Hasher {
        Hasher { md5: md5.then(Md5::new), ..Hasher::default() }
    }

    /// Adds letters, in any case.
    pub fn update(&mut self, letters: &[u8]) {
        self.length += letters.len() as u64;
        let upper = |letters: &mut [u8]| letters.iter_mut().for_each(|letter| *letter &= !LOWER);
        spelt(letters, upper, |letters| {
            self.sha.update(letters);
            self.md5.iter_mut().for_each(|md5| md5.update(letters));
        });
    }

    /// Adds codes to all but the SHA-512, which [`super::advance`] takes further.
    pub(super) fn beside(&mut self, codes: &[u8]) {
        self.length += codes.len() as u64;
        if let Some(md5) = &mut self.md5 {
            spelt(codes, to_letters, |letters| md5.update(letters));
        }
    }

    /// Ends the contig.
    pub fn finish(self) -> Digests {
        let Hasher { sha, md5, length } = self;
        Digests { digest: sha.finish(), md5: md5.map(|md5| md5.finalize().into()), length }
    }
}

/// Gives `take` bytes as `spell` makes them, some at a time.
pub(super) fn spelt(bytes: &[u8], spell: impl Fn(&mut [u8]), mut take: impl FnMut(&[u8])) {
    let mut buffer = [0; WINDOW];
    for piece in bytes.chunks(WINDOW) {
        let letters = &mut buffer[..piece.len()];
        letters.copy_from_slice(piece);
        spell(letters);
        take(letters);
    }
}
