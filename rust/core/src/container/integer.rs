//! The container integer (FORMAT 1.1): a length byte, then that many bytes, most significant first.

use std::io::{self, Write};

/// Longest form in bytes.
pub(crate) const MAX_INTEGER: usize = 9;

/// Appends `value` in its shortest form.
pub(crate) fn push_integer(value: u64, out: &mut Vec<u8>) {
    let bytes = value.to_be_bytes();
    let skipped = (value.leading_zeros() / 8) as usize;
    out.push((bytes.len() - skipped) as u8);
    out.extend_from_slice(&bytes[skipped..]);
}

/// Writes `value` in its shortest form and returns how many bytes that took.
pub(crate) fn write_integer(value: u64, out: &mut impl Write) -> io::Result<u64> {
    let mut buffer = Vec::with_capacity(MAX_INTEGER);
    push_integer(value, &mut buffer);
    out.write_all(&buffer)?;
    Ok(buffer.len() as u64)
}

/// Takes an integer off the front of `bytes`; leading zero bytes are legal.
pub(crate) fn take_integer(bytes: &mut &[u8]) -> Option<u64> {
    let (&length, rest) = bytes.split_first()?;
    let (digits, rest) = rest.split_at_checked(length as usize)?;
    if digits.len() > 8 {
        return None;
    }
    *bytes = rest;
    Some(digits.iter().fold(0, |value, &digit| value << 8 | u64::from(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        push_integer(value, &mut out);
        out
    }

    #[test]
    fn vectors_of_the_format() {
        assert_eq!(encoded(0), [0]);
        assert_eq!(encoded(1), [1, 1]);
        assert_eq!(encoded(255), [1, 0xFF]);
        assert_eq!(encoded(256), [2, 1, 0]);
        assert_eq!(encoded(u64::MAX), [8, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn leading_zeros_are_read_and_overlong_forms_refused() {
        assert_eq!(take_integer(&mut &[8, 0, 0, 0, 0, 0, 0, 1, 2][..]), Some(258));
        assert_eq!(take_integer(&mut &[9, 0, 0, 0, 0, 0, 0, 0, 1, 2][..]), None);
        assert_eq!(take_integer(&mut &[2, 1][..]), None);
        assert_eq!(take_integer(&mut &[][..]), None);
    }

    proptest! {
        #[test]
        fn round_trip(value: u64, tail: Vec<u8>) {
            let mut bytes = encoded(value);
            let mut written = Vec::new();
            prop_assert_eq!(write_integer(value, &mut written).unwrap(), bytes.len() as u64);
            prop_assert_eq!(&written, &bytes);
            bytes.extend_from_slice(&tail);
            let mut rest = &bytes[..];
            prop_assert_eq!(take_integer(&mut rest), Some(value));
            prop_assert_eq!(rest, &tail[..]);
        }
    }
}
