//! From a delta back to letters: all of them, or a window without the work for the rest.

use std::ops::Range;

use super::token::{Dialect, Token, Tokens};
use crate::alphabet::LETTERS;
use crate::error::{Error, Result};

/// Receives letters and keeps those that fall into a window.
pub struct Slice<'a> {
    out: &'a mut Vec<u8>,
    at: u64,
    window: Range<u64>,
}

impl<'a> Slice<'a> {
    /// Appends to `out` what falls into `window` (0-based, half-open).
    pub fn new(window: Range<u64>, out: &'a mut Vec<u8>) -> Self {
        Slice { out, at: 0, window }
    }

    /// Whether nothing that comes could fall into the window any more.
    #[inline]
    fn full(&self) -> bool {
        self.at >= self.window.end
    }

    /// The part of the next `count` letters that falls into the window, relative to the first of them; moves on.
    #[inline]
    fn wanted(&mut self, count: u64) -> Range<u64> {
        let start = self.window.start.clamp(self.at, self.at + count) - self.at;
        let end = self.window.end.clamp(self.at, self.at + count) - self.at;
        self.at += count;
        start..end.max(start)
    }

    #[inline]
    fn copy(&mut self, letters: &[u8]) {
        let wanted = self.wanted(letters.len() as u64);
        self.out.extend_from_slice(&letters[wanted.start as usize..wanted.end as usize]);
    }

    #[inline]
    fn literal(&mut self, letter: u8) {
        if self.window.contains(&self.at) {
            self.out.push(letter);
        }
        self.at += 1;
    }

    fn fill(&mut self, letter: u8, count: u64) {
        let wanted = self.wanted(count);
        self.out.resize(self.out.len() + (wanted.end - wanted.start) as usize, letter);
    }
}

/// Walks `delta` over the letters of `reference` and gives `slice` those of the segment, until the delta ends or the window is full.
/// Returns the number of letters walked over: all of the segment if the window reaches beyond it.
///
/// # Errors
/// [`Error::Corrupt`] when the delta is malformed or refers beyond the reference.
pub fn decode(delta: &[u8], reference: &[u8], min_match: u32, dialect: Dialect, mut slice: Slice<'_>) -> Result<u64> {
    let mut tokens = Tokens::new(delta, min_match, dialect);
    let mut predicted = 0i64;
    while !slice.full() {
        match tokens.next()? {
            Some(Token::Literal(code)) => {
                slice.literal(LETTERS[usize::from(code & 15)]);
                predicted += 1;
            }
            Some(Token::Same(count)) => {
                slice.copy(stretch(reference, predicted, count as i64)?);
                predicted += count as i64;
            }
            Some(Token::NRun(count)) => slice.fill(b'N', count),
            Some(Token::Match { distance, length }) => {
                let start = predicted + distance;
                let length = length.unwrap_or(reference.len() as i64 - start);
                slice.copy(stretch(reference, start, length)?);
                predicted = start + length;
            }
            None => break,
        }
    }
    Ok(slice.at)
}

/// Number of codes that `delta` stands for, over a reference of `reference` codes that need not be at hand.
///
/// # Errors
/// [`Error::Corrupt`] when the delta is malformed or refers beyond the reference.
pub fn decoded_length(delta: &[u8], reference: u64, min_match: u32, dialect: Dialect) -> Result<u64> {
    let mut tokens = Tokens::new(delta, min_match, dialect);
    let (mut predicted, mut total) = (0i64, 0u64);
    while let Some(token) = tokens.next()? {
        match token {
            Token::Literal(_) => (predicted, total) = (predicted + 1, total + 1),
            Token::Same(count) => (predicted, total) = (predicted + count as i64, total + count as u64),
            Token::NRun(count) => total += count,
            Token::Match { distance, length } => {
                let start = predicted + distance;
                let length = length.unwrap_or(reference as i64 - start);
                if start < 0 || length < 1 || start + length > reference as i64 {
                    return Err(beyond());
                }
                predicted = start + length;
                total += length as u64;
            }
        }
    }
    Ok(total)
}

#[inline]
fn stretch(reference: &[u8], start: i64, length: i64) -> Result<&[u8]> {
    let range = usize::try_from(start).ok().zip(usize::try_from(length).ok().filter(|&l| l > 0));
    range.and_then(|(start, length)| reference.get(start..start.checked_add(length)?)).ok_or_else(beyond)
}

fn beyond() -> Error {
    Error::corrupt("a delta refers to codes outside its reference")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(delta: &[u8], reference: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let length = decode(delta, reference, 20, Dialect::V2, Slice::new(0..u64::MAX, &mut out))?;
        assert_eq!(length, out.len() as u64);
        assert_eq!(decoded_length(delta, reference.len() as u64, 20, Dialect::V2)?, length);
        Ok(out)
    }

    #[test]
    fn example_of_the_format() {
        let reference: Vec<u8> = (0..400u32).map(|i| LETTERS[(i * i / 7 % 4) as usize]).collect();
        let delta = b"0,79.F0,81.BBC-5,61.\x1E3\x040,39.D0.";
        let out = whole(delta, &reference).unwrap();
        assert_eq!(out.len(), 412);
        let mut expected = reference[..99].to_vec();
        expected.push(LETTERS[5]);
        expected.extend_from_slice(&reference[100..201]);
        expected.extend(b"CCG");
        expected.extend_from_slice(&reference[199..280]);
        expected.extend([b'N'; 7]);
        expected.extend_from_slice(&reference[280..339]);
        expected.push(b'T');
        expected.extend_from_slice(&reference[340..]);
        assert_eq!(out, expected);
        for (start, end) in [(0, 1), (98, 102), (100, 205), (285, 293), (411, 500), (412, 413), (50, 50)] {
            let mut out = Vec::new();
            decode(delta, &reference, 20, Dialect::V2, Slice::new(start..end, &mut out)).unwrap();
            let (start, end) = (start.min(412) as usize, end.min(412) as usize);
            assert_eq!(out, &expected[start..end], "{start}..{end}");
        }
    }

    #[test]
    fn what_is_not_a_delta_is_an_error() {
        let reference = *b"ACGT";
        for bad in [
            &b"_"[..],
            b"Q",
            b"0,-19",
            b"0,-15.",
            b"1,-16.",
            b"-1,-19.",
            b"4.",
            b"AAAA!",
            b"\x1E1A",
            b"\x1E-9\x04",
            b"9999999999999,0.",
        ] {
            assert!(whole(bad, &reference).is_err(), "{}", bad.escape_ascii());
        }
        assert_eq!(whole(b"0,-16.", &reference).unwrap(), reference);
        assert_eq!(whole(b"1,-18.", &reference).unwrap(), b"CG");
        let mut out = Vec::new();
        for v2_only in [&b"!"[..], b"0."] {
            assert!(decode(v2_only, &reference, 20, Dialect::V1, Slice::new(0..9, &mut out)).is_err());
        }
    }
}
