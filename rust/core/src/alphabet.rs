//! Letters and codes (FORMAT 4.1), and the reverse complement as the format defines it (FORMAT 4.2).

/// Codes by number: code `c` is the letter `LETTERS[c]`.
pub const LETTERS: &[u8; 16] = b"ACGTNRYSWKMBDHVU";

/// The code of `N`; codes below it are A, C, G, T.
pub const N: u8 = 4;

/// The bit that makes a letter lower case. Codes do not use it, so it can go along with them.
pub const LOWER: u8 = 0x20;

/// What [`CODES`] holds for a byte that is no IUPAC letter.
pub const INVALID: u8 = 0xFF;

/// Code of each byte, case folded; [`INVALID`] for all that is not IUPAC.
pub const CODES: [u8; 256] = {
    let mut table = [INVALID; 256];
    let mut code = 0;
    while code < LETTERS.len() {
        table[LETTERS[code] as usize] = code as u8;
        table[LETTERS[code].to_ascii_lowercase() as usize] = code as u8;
        code += 1;
    }
    table
};

/// Codes or letters that are looked at together.
const BLOCK: usize = 64;

/// Complement of a code. Codes from 4 on stay as they are: that is the format's rule, not biology's.
#[inline(always)]
pub const fn complement(code: u8) -> u8 {
    if code < N { 3 - code } else { code }
}

/// Reverse complement in place.
pub fn reverse_complement(codes: &mut [u8]) {
    codes.reverse();
    for code in codes {
        *code = complement(*code);
    }
}

/// Appends the reverse complement of `codes` to `out`.
pub fn push_reverse_complement(codes: &[u8], out: &mut Vec<u8>) {
    out.extend(codes.iter().rev().map(|&code| complement(code)));
}

/// Codes to upper-case letters in place. Every code must be below 16.
pub fn to_letters(codes: &mut [u8]) {
    for block in codes.chunks_mut(BLOCK) {
        if block.iter().fold(0, |all, code| all | code) < N {
            // Sums of comparisons, not look-ups: compilers make vector code of them.
            for code in block {
                let c = *code;
                *code = b'A' + 2 * c + 2 * u8::from(c == 2) + 13 * u8::from(c == 3);
            }
        } else {
            for code in block {
                *code = LETTERS[(*code & 15) as usize];
            }
        }
    }
}

/// The letter that pairs with an IUPAC letter, in its case; other bytes stay as they are. Unlike [`complement`], this knows
/// all codes: R and Y, K and M, B and V, D and H change places, and U pairs as T does.
const PAIRS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte as u8;
        byte += 1;
    }
    let (letters, pairs) = (b"ACGTNRYSWKMBDHVU", b"TGCANYRSWMKVHDBA");
    let mut code = 0;
    while code < letters.len() {
        table[letters[code] as usize] = pairs[code];
        table[(letters[code] | LOWER) as usize] = pairs[code] | LOWER;
        code += 1;
    }
    table
};

/// The other strand of letters, in place, with all IUPAC codes complemented.
pub fn other_strand(letters: &mut [u8]) {
    letters.reverse();
    for block in letters.chunks_mut(BLOCK) {
        let base = |letter: u8| (letter == b'A') | (letter == b'C') | (letter == b'G') | (letter == b'T');
        if block.iter().fold(true, |all, &letter| all & base(letter)) {
            pair_bases(block);
        } else {
            for letter in block {
                *letter = PAIRS[usize::from(*letter)];
            }
        }
    }
}

/// As [`reverse_complement`], for letters.
pub fn reverse_complement_letters(letters: &mut [u8]) {
    letters.reverse();
    pair_bases(letters);
}

/// Replaces A, C, G and T by their pairs. Masks, not look-ups or branches: compilers make vector code of them.
fn pair_bases(letters: &mut [u8]) {
    let mask = |is: bool| 0u8.wrapping_sub(u8::from(is));
    for letter in letters {
        let l = *letter;
        let at = mask((l == b'A') | (l == b'T')) & (b'A' ^ b'T');
        let cg = mask((l == b'C') | (l == b'G')) & (b'C' ^ b'G');
        *letter = l ^ at ^ cg;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_and_codes_are_inverse() {
        for (code, &letter) in LETTERS.iter().enumerate() {
            assert_eq!(CODES[letter as usize] as usize, code);
            assert_eq!(CODES[letter.to_ascii_lowercase() as usize] as usize, code);
        }
        assert_eq!(CODES.iter().filter(|&&c| c != INVALID).count(), 32);
    }

    #[test]
    fn ambiguity_codes_are_not_complemented() {
        let mut codes = [0, 1, 5, 6, 15, 3];
        reverse_complement(&mut codes);
        assert_eq!(codes, [0, 15, 6, 5, 2, 3]);
    }

    proptest! {
        #[test]
        fn reverse_complement_is_its_own_inverse(codes in proptest::collection::vec(0u8..16, 0..300)) {
            let mut twice = codes.clone();
            reverse_complement(&mut twice);
            let mut pushed = Vec::new();
            push_reverse_complement(&codes, &mut pushed);
            prop_assert_eq!(&twice, &pushed);
            reverse_complement(&mut twice);
            prop_assert_eq!(twice, codes);
        }
    }

    proptest! {
        #[test]
        fn letters_are_treated_as_their_codes(codes in proptest::collection::vec(prop_oneof![9 => 0u8..4, 1 => 0u8..16], 0..300)) {
            let spell = |codes: &[u8]| codes.iter().map(|&code| LETTERS[usize::from(code)]).collect::<Vec<u8>>();
            let mut letters = codes.clone();
            to_letters(&mut letters);
            prop_assert_eq!(&letters, &spell(&codes));
            let (mut other, mut turned) = (letters.clone(), codes);
            reverse_complement_letters(&mut letters);
            reverse_complement(&mut turned);
            prop_assert_eq!(letters, spell(&turned));
            let expected: Vec<u8> = other.iter().rev().map(|&letter| PAIRS[usize::from(letter)]).collect();
            other_strand(&mut other);
            prop_assert_eq!(other, expected);
        }
    }

    #[test]
    fn the_other_strand_knows_all_codes() {
        let mut letters = *b"ACGTURYSWKMBDHVNacgturyswkmbdhvn";
        other_strand(&mut letters);
        assert_eq!(&letters, b"nbdhvkmwsryaacgtNBDHVKMWSRYAACGT");
    }
}
