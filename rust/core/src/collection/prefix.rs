//! The prefix integer of the collection streams (FORMAT 1.2).

use crate::error::{Error, Result};

/// First value of each longer form.
const STARTS: [u32; 5] = [0, 0x80, 0x4080, 0x20_4080, 0x1020_4080];

/// Appends `value`.
pub(crate) fn push_prefix(value: u32, out: &mut Vec<u8>) {
    let extra = STARTS.iter().rposition(|&start| value >= start).unwrap_or(0);
    let rest = value - STARTS[extra];
    if extra == 4 {
        out.push(0xF0);
        out.extend_from_slice(&rest.to_be_bytes());
    } else {
        let mark = 0xF0u8 << (4 - extra);
        let bytes = rest.to_be_bytes();
        out.push(mark | bytes[3 - extra]);
        out.extend_from_slice(&bytes[4 - extra..]);
    }
}

/// A decoder's position in a collection stream.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Cursor { rest: bytes }
    }

    /// Bytes not yet read.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads an integer.
    pub(crate) fn prefix(&mut self) -> Result<u32> {
        let (&first, rest) = self.rest.split_first().ok_or_else(ends_early)?;
        let extra = (first.leading_ones() as usize).min(4);
        if extra == 4 && first != 0xF0 {
            return Err(Error::corrupt(format!("byte {first:#04X} begins no integer")));
        }
        let (digits, rest) = rest.split_at_checked(extra).ok_or_else(ends_early)?;
        self.rest = rest;
        let head = if extra == 4 { 0 } else { u32::from(first & (0x7F >> extra)) };
        let value = digits.iter().fold(head, |value, &digit| value << 8 | u32::from(digit));
        value.checked_add(STARTS[extra]).ok_or_else(|| Error::corrupt("an integer beyond 32 bits"))
    }

    /// Reads a count of things that take at least `least` bytes each, so that memory can be asked for.
    pub(crate) fn count(&mut self, least: usize) -> Result<usize> {
        let count = self.prefix()? as usize;
        if count > self.left() / least.max(1) {
            return Err(Error::corrupt(format!("{count} entries announced in {} bytes", self.left())));
        }
        Ok(count)
    }

    /// Reads a string up to its zero byte.
    pub(crate) fn string(&mut self) -> Result<&'a [u8]> {
        let end = memchr::memchr(0, self.rest).ok_or_else(ends_early)?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(text)
    }

    /// Reads `n` bytes.
    pub(crate) fn bytes(&mut self, n: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(n).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Fails unless everything was read.
    pub(crate) fn finish(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(Error::corrupt(format!("{} bytes are left over", self.left()))) }
    }
}

fn ends_early() -> Error {
    Error::corrupt("the data ends early")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(value: u32) -> Vec<u8> {
        let mut out = Vec::new();
        push_prefix(value, &mut out);
        out
    }

    #[test]
    fn vectors_of_the_format() {
        let vectors: [(u32, &[u8]); 10] = [
            (0, &[0]),
            (127, &[0x7F]),
            (128, &[0x80, 0]),
            (300, &[0x80, 0xAC]),
            (16511, &[0xBF, 0xFF]),
            (16512, &[0xC0, 0, 0]),
            (2_113_663, &[0xDF, 0xFF, 0xFF]),
            (2_113_664, &[0xE0, 0, 0, 0]),
            (270_549_119, &[0xEF, 0xFF, 0xFF, 0xFF]),
            (4_294_967_295, &[0xF0, 0xEF, 0xDF, 0xBF, 0x7F]),
        ];
        for (value, bytes) in vectors {
            assert_eq!(encoded(value), bytes, "{value}");
            assert_eq!(Cursor::new(bytes).prefix().unwrap(), value);
        }
        assert_eq!(encoded(270_549_120), [0xF0, 0, 0, 0, 0]);
    }

    #[test]
    fn malformed() {
        for bytes in [&[][..], &[0x80], &[0xF1, 0, 0, 0, 0], &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF]] {
            assert!(Cursor::new(bytes).prefix().is_err());
        }
        assert!(Cursor::new(&[5, 1, 1]).count(1).is_err());
        assert!(Cursor::new(b"abc").string().is_err());
    }

    proptest! {
        #[test]
        fn round_trip(value: u32) {
            let bytes = encoded(value);
            let mut cursor = Cursor::new(&bytes);
            prop_assert_eq!(cursor.prefix().unwrap(), value);
            cursor.finish().unwrap();
        }
    }
}
