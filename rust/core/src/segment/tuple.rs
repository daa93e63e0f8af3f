//! Several codes in a byte (FORMAT 5.2).

use crate::error::{Error, Result};

/// Codes in a byte and the base they are read in, for a sequence whose greatest code is `greatest`.
fn shape(greatest: u8) -> (usize, u8) {
    match greatest {
        0..4 => (4, 4),
        4..6 => (3, 6),
        _ => (2, 16),
    }
}

/// Appends the tuple block of `codes`, all below 16.
pub fn push_tuples(codes: &[u8], out: &mut Vec<u8>) {
    let (size, base) = shape(codes.iter().copied().max().unwrap_or(0));
    let value = |tuple: &[u8]| tuple.iter().fold(0, |value, &code| value * base + code);
    let tuples = codes.chunks_exact(size);
    let rest = tuples.remainder();
    out.reserve(codes.len() / size + 2);
    out.extend(tuples.map(value));
    push_end(value(rest), rest.len(), size, out);
}

/// Appends tail and trailer: the tail byte holds the codes that fill no tuple, and is there also when there are none.
pub(crate) fn push_end(tail: u8, rest: usize, size: usize, out: &mut Vec<u8>) {
    out.push(tail);
    out.push((16 * size + rest) as u8);
}

/// Replaces what `codes` holds by the codes of a tuple block, at most `limit` of them.
///
/// # Errors
/// [`Error::Corrupt`] when the block is malformed or holds more.
pub fn unpack_tuples(block: &[u8], limit: u64, codes: &mut Vec<u8>) -> Result<()> {
    let bad = || Error::corrupt("a block of tuples is malformed");
    codes.clear();
    let (&trailer, block) = block.split_last().ok_or_else(bad)?;
    let (size, rest) = (usize::from(trailer >> 4), usize::from(trailer & 15));
    if size == 1 {
        if rest != 0 || block.len() as u64 > limit || block.iter().any(|&code| code > 15) {
            return Err(bad());
        }
        codes.extend_from_slice(block);
        return Ok(());
    }
    let base: u8 = match size {
        4 => 4,
        3 => 6,
        2 => 16,
        _ => return Err(bad()),
    };
    let (&tail, tuples) = block.split_last().ok_or_else(bad)?;
    if rest >= size || (tuples.len() * size + rest) as u64 > limit {
        return Err(bad());
    }
    codes.reserve_exact(tuples.len() * size + rest);
    codes.resize(tuples.len() * size, 0);
    match size {
        4 => unpack_into::<4>(tuples, codes, base),
        3 => unpack_into::<3>(tuples, codes, base),
        _ => unpack_into::<2>(tuples, codes, base),
    }
    codes.extend(digits(rest, base)[usize::from(tail)].into_iter().take(rest));
    // Only in base 6 can a byte hold more than its tuple: the first digit then is too large, or no code at all.
    if base == 6 && (tuples.iter().any(|&tuple| tuple >= 216) || tail >= 216) {
        return Err(bad());
    }
    Ok(())
}

fn unpack_into<const SIZE: usize>(tuples: &[u8], codes: &mut [u8], base: u8) {
    let table: [[u8; SIZE]; 256] = digits(SIZE, base).map(|row| std::array::from_fn(|i| row[i]));
    for (codes, &tuple) in codes.as_chunks_mut().0.iter_mut().zip(tuples) {
        *codes = table[usize::from(tuple)];
    }
}

/// For each byte, its lowest `size` digits in `base`, most significant first.
fn digits(size: usize, base: u8) -> [[u8; 4]; 256] {
    let mut table = [[0; 4]; 256];
    for (byte, row) in table.iter_mut().enumerate() {
        let mut rest = byte;
        for digit in row[..size].iter_mut().rev() {
            *digit = (rest % usize::from(base)) as u8;
            rest /= usize::from(base);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::CODES;
    use proptest::prelude::*;

    #[test]
    fn vectors_of_the_format() {
        let vectors: [(&str, &[u8]); 5] = [
            ("ACGT", &[0x1B, 0x00, 0x40]),
            ("ACGTAC", &[0x1B, 0x01, 0x42]),
            ("ACGTN", &[0x08, 0x16, 0x32]),
            ("ACGTNACN", &[0x08, 0x84, 0x0A, 0x32]),
            ("RYKM", &[0x56, 0x9A, 0x00, 0x20]),
        ];
        for (letters, block) in vectors {
            let codes: Vec<u8> = letters.bytes().map(|b| CODES[b as usize]).collect();
            let mut out = Vec::new();
            push_tuples(&codes, &mut out);
            assert_eq!(out, block, "{letters}");
            let mut back = Vec::new();
            unpack_tuples(block, 8, &mut back).unwrap();
            assert_eq!(back, codes);
            assert!(unpack_tuples(block, 3, &mut back).is_err());
        }
    }

    #[test]
    fn one_code_a_byte() {
        let mut codes = Vec::new();
        unpack_tuples(&[1, 2, 15, 0x10], 9, &mut codes).unwrap();
        assert_eq!(codes, [1, 2, 15]);
        assert!(unpack_tuples(&[16, 0x10], 9, &mut codes).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(codes in (1u8..16).prop_flat_map(|top| proptest::collection::vec(0..top, 0..100))) {
            let mut block = Vec::new();
            push_tuples(&codes, &mut block);
            let mut back = Vec::new();
            unpack_tuples(&block, codes.len() as u64, &mut back).unwrap();
            prop_assert_eq!(back, codes);
        }

        #[test]
        fn garbage_is_refused_or_gives_codes(block: Vec<u8>) {
            let mut codes = Vec::new();
            if unpack_tuples(&block, 1000, &mut codes).is_ok() {
                prop_assert!(codes.iter().all(|&code| code < 16));
            }
        }
    }
}
