//! The tokens of a delta: the one place that knows how they are spelt.

use crate::error::{Error, Result};

/// Code 0 as a literal; code 15 is `P`.
const LITERAL: u8 = b'A';
const LAST_LITERAL: u8 = b'P';
/// The base that the reference has at the predicted position.
pub(super) const SAME: u8 = b'!';
/// N as a literal.
pub(super) const N_LITERAL: u8 = LITERAL + crate::alphabet::N;
/// Around the length of a run of N.
pub(super) const N_RUN: u8 = 0x1E;
const N_RUN_END: u8 = 0x04;
/// What the length of a run of N is counted from; shorter runs are literals.
pub(super) const N_RUN_BASE: usize = 4;

/// More digits than any number in a delta has.
const MOST_DIGITS: usize = 12;

/// Which tokens a delta may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Format 1: no `!`, no match to the end.
    V1,
    /// Formats 2 and 3.
    V2,
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A code as it is; the predicted position moves on by one.
    Literal(u8),
    /// That many codes as the reference has them from the predicted position on.
    Same(usize),
    /// That many N; the predicted position stays.
    NRun(u64),
    /// Codes from the reference: at the predicted position plus `distance`, as many as are told or all that are left.
    Match { distance: i64, length: Option<i64> },
}

/// Appends the spelling of tokens.
pub(super) fn push_literal(code: u8, out: &mut Vec<u8>) {
    debug_assert!(code < 16);
    out.push(LITERAL + code);
}

pub(super) fn push_same(count: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + count, SAME);
}

pub(super) fn push_n_run(count: usize, out: &mut Vec<u8>) {
    out.push(N_RUN);
    push_decimal((count - N_RUN_BASE) as i64, out);
    out.push(N_RUN_END);
}

pub(super) fn push_match(distance: i64, length: usize, min_match: u32, out: &mut Vec<u8>) {
    push_decimal(distance, out);
    out.push(b',');
    push_decimal(length as i64 - i64::from(min_match), out);
    out.push(b'.');
}

fn push_decimal(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Codes and text length of the run of N that text of ours begins with.
pub(super) fn split_n_run(text: &[u8]) -> (usize, usize) {
    let (count, digits) = split_decimal(&text[1..]);
    (count as usize + N_RUN_BASE, digits + 2)
}

/// Distance, codes and text length of the match that text of ours begins with.
pub(super) fn split_match(text: &[u8], min_match: u32) -> (i64, usize, usize) {
    let (distance, first) = split_decimal(text);
    let (length, second) = split_decimal(&text[first + 1..]);
    (distance, (length + i64::from(min_match)) as usize, first + second + 2)
}

fn split_decimal(text: &[u8]) -> (i64, usize) {
    let negative = text.first() == Some(&b'-');
    let digits = text.iter().skip(usize::from(negative)).take_while(|byte| byte.is_ascii_digit());
    let (value, count) = digits.fold((0, 0), |(value, count), digit| (value * 10 + i64::from(digit - b'0'), count + 1));
    (if negative { -value } else { value }, count + usize::from(negative))
}

/// The tokens of a delta, one after another.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
    min_match: u32,
    dialect: Dialect,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(delta: &'a [u8], min_match: u32, dialect: Dialect) -> Self {
        Tokens { rest: delta, min_match, dialect }
    }

    /// The next token, `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Token>> {
        let Some((&first, rest)) = self.rest.split_first() else { return Ok(None) };
        let token = match first {
            LITERAL..=LAST_LITERAL => {
                self.rest = rest;
                Token::Literal(first - LITERAL)
            }
            SAME if self.dialect == Dialect::V2 => {
                let count = run(self.rest, SAME);
                self.rest = &self.rest[count..];
                Token::Same(count)
            }
            N_RUN => {
                self.rest = rest;
                let count = self.decimal()?;
                self.expect(N_RUN_END)?;
                let count = u64::try_from(count).map_err(|_| malformed())?;
                Token::NRun(count + N_RUN_BASE as u64)
            }
            b'-' | b'0'..=b'9' => {
                let distance = self.decimal()?;
                let length = if self.dialect == Dialect::V2 && self.rest.first() == Some(&b'.') {
                    None
                } else {
                    self.expect(b',')?;
                    Some(self.decimal()? + i64::from(self.min_match))
                };
                self.expect(b'.')?;
                Token::Match { distance, length }
            }
            _ => return Err(malformed()),
        };
        Ok(Some(token))
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        match self.rest.split_first() {
            Some((&first, rest)) if first == byte => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(malformed()),
        }
    }

    #[inline]
    fn decimal(&mut self) -> Result<i64> {
        let (negative, rest) = match self.rest {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (value, digits) = match rest.first_chunk().and_then(short_number) {
            Some(found) => found,
            None => long_number(rest)?,
        };
        self.rest = &rest[digits..];
        Ok(if negative { -value } else { value })
    }
}

/// The number of 1 to 7 digits that a text begins with, and its digits; none where there are more or fewer. Without a
/// branch for each digit, as nobody can foretell how many there are.
#[inline]
fn short_number(text: &[u8; 8]) -> Option<(i64, usize)> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(*text) ^ (ONES * u64::from(b'0'));
    // A byte above 9 gets its highest bit; what it may carry goes to bytes behind it.
    let others = (text.wrapping_add(ONES * (0x80 - 10)) | text) & (ONES * 0x80);
    let digits = others.trailing_zeros() / 8;
    if digits == 0 || others == 0 {
        return None;
    }
    // The last digit is in the highest byte, zeros are in front of the first: twice as many digits together each time.
    let ones = text << (64 - 8 * digits);
    let twos = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    let eight = (fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF;
    Some((eight as i64, digits as usize))
}

/// The number that a text begins with, and its digits.
#[cold]
fn long_number(text: &[u8]) -> Result<(i64, usize)> {
    let (mut value, mut digits) = (0, 0);
    while let Some(digit @ b'0'..=b'9') = text.get(digits) {
        value = value * 10 + i64::from(digit - b'0');
        digits += 1;
        if digits > MOST_DIGITS {
            return Err(malformed());
        }
    }
    if digits == 0 { Err(malformed()) } else { Ok((value, digits)) }
}

/// How many bytes a text begins with that are all `byte`.
#[inline]
fn run(text: &[u8], byte: u8) -> usize {
    let alike = u64::from_le_bytes([byte; 8]);
    let mut rest = text;
    while let Some((block, behind)) = rest.split_first_chunk() {
        let differs = u64::from_le_bytes(*block) ^ alike;
        if differs != 0 {
            return text.len() - rest.len() + differs.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    text.len() - rest.len() + rest.iter().take_while(|&&found| found == byte).count()
}

fn malformed() -> Error {
    Error::corrupt("a delta is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens() -> impl Strategy<Value = Vec<Token>> {
        let distance = -1_000_000i64..1_000_000;
        let length = proptest::option::of(-15i64..1_000_000);
        proptest::collection::vec(
            prop_oneof![
                (0u8..16).prop_map(Token::Literal),
                (1usize..50).prop_map(Token::Same),
                (4u64..1 << 31).prop_map(Token::NRun),
                (distance, length).prop_map(|(distance, length)| Token::Match { distance, length }),
            ],
            0..20,
        )
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_are_written(value in 0u64..1_000_000_000_000, digits in 1u32..=12, behind: Vec<u8>) {
            let value = (value % 10u64.pow(digits)) as i64;
            for value in [value, -value] {
                let mut text = format!("{value:0>width$}", width = digits as usize).into_bytes();
                if value < 0 {
                    text = format!("-{:0>width$}", -value, width = digits as usize).into_bytes();
                }
                text.push(b',');
                text.extend(&behind);
                let mut tokens = Tokens::new(&text, 20, Dialect::V2);
                prop_assert_eq!(tokens.decimal().unwrap(), value);
                prop_assert_eq!(&tokens.rest[1..], &behind);
            }
        }

        #[test]
        fn texts_are_numbers_or_not(text in "[0-9/:,\\-\\x00\\u{7f}\\u{80}]{0,20}") {
            let text = text.as_bytes();
            let digits = text.iter().skip(usize::from(text.starts_with(b"-"))).take_while(|byte| byte.is_ascii_digit()).count();
            let mut tokens = Tokens::new(text, 20, Dialect::V2);
            prop_assert_eq!(tokens.decimal().is_ok(), (1..=MOST_DIGITS).contains(&digits));
        }

        #[test]
        fn spelling_and_reading_are_inverse(tokens in tokens()) {
            let mut text = Vec::new();
            let mut expected: Vec<Token> = Vec::new();
            for token in tokens {
                match token {
                    Token::Literal(code) => push_literal(code, &mut text),
                    Token::Same(count) => push_same(count, &mut text),
                    Token::NRun(count) => push_n_run(count as usize, &mut text),
                    Token::Match { distance, length: Some(length) } => push_match(distance, (length + 20) as usize, 20, &mut text),
                    Token::Match { distance, length: None } => {
                        push_decimal(distance, &mut text);
                        text.push(b'.');
                    },
                }
                match (expected.last_mut(), token) {
                    (Some(Token::Same(before)), Token::Same(count)) => *before += count,
                    (_, Token::Match { distance, length }) => {
                        expected.push(Token::Match { distance, length: length.map(|l| l + 20) });
                    }
                    _ => expected.push(token),
                }
            }
            let mut reader = Tokens::new(&text, 20, Dialect::V2);
            let mut back = Vec::new();
            while let Some(token) = reader.next().unwrap() {
                back.push(token);
            }
            prop_assert_eq!(back, expected);
        }
    }
}
