//! The hot kernel: a slice of letters to codes.

use crate::alphabet::{CODES, INVALID, LOWER};

/// Letters translated at a time: both passes over a block stay in the first-level cache.
const BLOCK: usize = 4096;

/// Appends the codes of `letters` to `out`, with `CASE` each with the letter's bit [`LOWER`]. If one of them is no IUPAC letter, only the codes before it are
/// appended and its index is returned as the error.
#[inline]
pub(super) fn append_codes<const CASE: bool>(letters: &[u8], out: &mut Vec<u8>) -> Result<(), usize> {
    let mut done = 0;
    for block in letters.chunks(BLOCK) {
        let start = out.len();
        out.extend_from_slice(block);
        let codes = &mut out[start..];
        if !common_in_place::<CASE>(codes)
            && let Err(at) = iupac::<CASE>(block, codes)
        {
            out.truncate(start + at);
            return Err(done + at);
        }
        done += block.len();
    }
    Ok(())
}

/// Turns A, C, G, T and N of either case into codes, many at once: the loop has no branch and no table, so it
/// becomes vector code. Returns false, with what it wrote meaningless, if there is any other byte.
#[inline]
fn common_in_place<const CASE: bool>(bytes: &mut [u8]) -> bool {
    let mut common = true;
    for byte in bytes {
        let upper = *byte & 0xdf;
        let n = upper == b'N';
        common &= (upper == b'A') | (upper == b'C') | (upper == b'G') | (upper == b'T') | n;
        // Bits 1 and 2 of A, C, G, T are 0, 1, 3, 2; the Gray code of that is 0, 1, 2, 3. N would be 2.
        let bits = (upper >> 1) & 3;
        let case = if CASE { *byte & LOWER } else { 0 };
        *byte = bits ^ (bits >> 1) ^ if n { 6 } else { 0 } | case;
    }
    common
}

/// The same for all IUPAC letters, by table. The error is the index of the first byte that is none.
#[cold]
fn iupac<const CASE: bool>(letters: &[u8], codes: &mut [u8]) -> Result<(), usize> {
    let mut all = 0;
    for (code, &letter) in codes.iter_mut().zip(letters) {
        *code = CODES[letter as usize];
        all |= *code;
        if CASE {
            *code |= letter & LOWER;
        }
    }
    if all & 0xf0 == 0 { Ok(()) } else { Err(codes.iter().position(|&code| code == INVALID).unwrap_or(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(letters: &[u8]) -> (Vec<u8>, Result<(), usize>) {
        let codes: Vec<u8> = letters.iter().map(|&b| CODES[b as usize]).take_while(|&c| c != INVALID).collect();
        let result = if codes.len() == letters.len() { Ok(()) } else { Err(codes.len()) };
        (codes, result)
    }

    fn with_case(letters: &[u8]) -> (Vec<u8>, Result<(), usize>) {
        let (mut codes, result) = slow(letters);
        codes
            .iter_mut()
            .zip(letters)
            .filter(|(_, letter)| letter.is_ascii_lowercase())
            .for_each(|(code, _)| *code |= LOWER);
        (codes, result)
    }

    #[test]
    fn every_byte_alone_and_among_common_ones() {
        for byte in 0..=255 {
            for letters in [vec![byte], [&[b'A'; 40][..], &[byte], &[b't'; 40]].concat()] {
                let mut out = vec![];
                let result = append_codes::<false>(&letters, &mut out);
                assert_eq!((out, result), slow(&letters), "byte {byte}");
                let mut out = vec![];
                let result = append_codes::<true>(&letters, &mut out);
                assert_eq!((out, result), with_case(&letters), "byte {byte}");
            }
        }
    }

    proptest! {
        #[test]
        fn equals_the_table(
            letters in proptest::collection::vec(prop_oneof![20 => Just(b'A'), 20 => Just(b'n'), 9 => any::<u8>()], 0..200),
            front in 0usize..2 * BLOCK,
        ) {
            let letters = [vec![b'G'; front], letters].concat();
            let mut out = vec![7];
            let result = append_codes::<false>(&letters, &mut out);
            let (codes, expected) = slow(&letters);
            prop_assert_eq!(result, expected);
            prop_assert_eq!(out[0], 7);
            prop_assert_eq!(&out[1..], &codes);
            out.clear();
            let result = append_codes::<true>(&letters, &mut out);
            prop_assert_eq!((out, result), with_case(&letters));
        }
    }
}
