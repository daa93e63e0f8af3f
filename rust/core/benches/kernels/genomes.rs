//! Seeded genomes for the benchmarks: a random ancestor and relatives of it.

use panarc_core::alphabet::LETTERS;

/// SplitMix64: small, seeded, the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    /// One of A, C, G and T as a code.
    pub(crate) fn base(&mut self) -> u8 {
        (self.number() >> 62) as u8
    }
}

/// Random codes.
pub(crate) fn ancestor(length: usize, random: &mut Random) -> Vec<u8> {
    (0..length).map(|_| random.base()).collect()
}

/// A relative: one base in `apart` differs, and one change in ten is an insertion or a deletion of up to 20 bases.
pub(crate) fn relative(codes: &[u8], apart: usize, random: &mut Random) -> Vec<u8> {
    let mut out = Vec::with_capacity(codes.len() + codes.len() / 64);
    let mut at = 0;
    while at < codes.len() {
        let next = (at + 1 + random.below(2 * apart)).min(codes.len());
        out.extend_from_slice(&codes[at..next]);
        at = next;
        if at == codes.len() {
            break;
        }
        match random.below(20) {
            0 => at += 1 + random.below(20),
            1 => out.extend((0..1 + random.below(20)).map(|_| random.base()).collect::<Vec<_>>()),
            _ => {
                out.push(codes[at] ^ (1 + random.below(3) as u8));
                at += 1;
            }
        }
    }
    out
}

/// FASTA of one record, in lines of 80 letters.
pub(crate) fn fasta(header: &str, codes: &[u8]) -> Vec<u8> {
    let mut text = format!(">{header}\n").into_bytes();
    for line in codes.chunks(80) {
        text.extend(line.iter().map(|&code| LETTERS[usize::from(code)]));
        text.push(b'\n');
    }
    text
}
