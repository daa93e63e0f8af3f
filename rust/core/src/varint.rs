//! Numbers of seven bits a byte, the lowest first, for what panarc stores beside the format.

use crate::error::{Error, Result};

/// Appends `value`: each byte but the last has its highest bit set.
pub(crate) fn push_varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7F {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front of `bytes`.
///
/// # Errors
/// [`Error::Corrupt`] when they end early or hold more than 64 bits.
#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(|| Error::corrupt("the data ends early"))?;
        *bytes = rest;
        let digit = u64::from(byte & 0x7F);
        if digit << shift >> shift != digit {
            break;
        }
        value |= digit << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Error::corrupt("a number beyond 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        let vectors: [(u64, &[u8]); 5] =
            [(0, &[0]), (127, &[0x7F]), (128, &[0x80, 1]), (300, &[0xAC, 2]), (16_384, &[0x80, 0x80, 1])];
        for (value, bytes) in vectors {
            let mut out = Vec::new();
            push_varint(value, &mut out);
            assert_eq!(out, bytes);
        }
        for bad in [&[][..], &[0x80], &[0xFF; 10], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2]] {
            assert!(take_varint(&mut &*bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(value: u64, shift in 0u32..64, behind: u8) {
            let value = value >> shift;
            let mut out = Vec::new();
            push_varint(value, &mut out);
            out.push(behind);
            let mut rest = &out[..];
            prop_assert_eq!(take_varint(&mut rest).unwrap(), value);
            prop_assert_eq!(rest, [behind]);
        }
    }
}
