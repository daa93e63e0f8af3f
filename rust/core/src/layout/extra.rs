//! Streams that are none of the format's (FORMAT 2.5).
//!
//! Other programs leave such a stream out of what they write, or copy it although the samples are other ones. So its last
//! part is a *header*, which tells for which samples the stream was written. The header's metadata is the version of what
//! the stream holds; its payload, in varints, is number of samples, size and CRC-32 of their names as
//! `collection-samples` has them, size of the content, and then the content and, in four bytes, the CRC-32 of the version
//! (in eight bytes) and all that.

use flate2::Crc;

use crate::error::{Error, Result};
use crate::varint::{push_varint, take_varint};

/// Where lower case was.
pub const CASE: &str = "panarc-case";

/// Digests of contigs.
pub const DIGEST: &str = "panarc-digest";

/// Which samples an extra stream was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    samples: u64,
    size: u64,
    crc: u32,
}

/// What the header of an extra stream says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header<'a> {
    /// The stream belongs to the samples that there are; the header's content.
    Current(&'a [u8]),
    /// It was written for other samples, namely these.
    Stale(Coverage),
    /// It holds something that a later program knows.
    Later,
}

impl Coverage {
    /// Of `samples` samples, whose names are `names` in the raw content of `collection-samples`.
    pub fn new(samples: usize, names: &[u8]) -> Coverage {
        Coverage { samples: samples as u64, size: names.len() as u64, crc: crc32(names) }
    }

    /// Number of samples.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Payload of a header.
    pub fn encode(&self, version: u64, content: &[u8]) -> Vec<u8> {
        let mut payload = Vec::new();
        for value in [self.samples, self.size, u64::from(self.crc), content.len() as u64] {
            push_varint(value, &mut payload);
        }
        payload.extend_from_slice(content);
        payload.extend_from_slice(&checksum(version, &payload));
        payload
    }

    /// Reads a header: whether its stream is of version `known`, and of these samples.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the payload is damaged.
    pub fn decode<'a>(&self, known: u64, version: u64, payload: &'a [u8]) -> Result<Header<'a>> {
        let damaged = || Error::corrupt("the header of an extra stream is damaged");
        let (mut rest, &stored) = payload.split_last_chunk::<4>().ok_or_else(damaged)?;
        if checksum(version, rest) != stored || version < known {
            return Err(damaged());
        }
        if version > known {
            return Ok(Header::Later);
        }
        let mut next = || take_varint(&mut rest);
        let (samples, size, crc, length) = (next()?, next()?, next()?, next()?);
        if rest.len() as u64 != length {
            return Err(damaged());
        }
        let crc = u32::try_from(crc).map_err(|_| damaged())?;
        let told = Coverage { samples, size, crc };
        Ok(if told == *self { Header::Current(rest) } else { Header::Stale(told) })
    }
}

/// Size and content of the header of that version with which bytes begin, if they do: its checksum tells. `effort` is what
/// may be compared with checksums in all.
pub(crate) fn header_at<'a>(bytes: &'a [u8], version: u64, effort: &mut u64) -> Option<(usize, &'a [u8])> {
    let mut rest = bytes;
    let mut length = 0;
    for _ in 0..4 {
        length = take_varint(&mut rest).ok()?;
    }
    let content = rest.get(..usize::try_from(length).ok()?)?;
    let size = bytes.len() - rest.len() + content.len();
    let stored = bytes.get(size..size + 4)?;
    *effort = effort.checked_sub(size as u64)?;
    (checksum(version, &bytes[..size]) == stored).then_some((size + 4, content))
}

fn checksum(version: u64, payload: &[u8]) -> [u8; 4] {
    crc32(&[&version.to_le_bytes(), payload].concat()).to_le_bytes()
}

/// The checksum of extra streams.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vector() {
        let bytes = [0x02, 0x05, 0xBE, 0xFA, 0xCC, 0xC5, 0x06, 0x02, 0x78, 0x79, 0x6C, 0x45, 0x56, 0x6A];
        assert_eq!(Coverage::new(2, b"\x02a\0b\0").encode(1, b"xy"), bytes);
    }

    #[test]
    fn other_samples_and_later_versions() {
        let coverage = Coverage::new(2, b"\x02a\0b\0");
        let payload = coverage.encode(1, b"content");
        assert_eq!(coverage.decode(1, 1, &payload).unwrap(), Header::Current(b"content"));
        assert_eq!(coverage.decode(1, 2, &coverage.encode(2, b"content")).unwrap(), Header::Later);
        assert!(coverage.decode(2, 1, &payload).is_err());
        assert!(coverage.decode(1, 2, &payload).is_err());
        for other in [Coverage::new(3, b"\x02a\0b\0"), Coverage::new(2, b"\x02b\0a\0"), Coverage::new(2, b"\x02a\0")] {
            assert_eq!(other.decode(1, 1, &payload).unwrap(), Header::Stale(coverage));
        }
    }

    proptest! {
        #[test]
        fn damage_is_noticed(content: Vec<u8>, at: prop::sample::Index, bit in 0..8, cut: prop::sample::Index) {
            let coverage = Coverage::new(1, b"\x01s\0");
            let payload = coverage.encode(1, &content);
            prop_assert!(coverage.decode(1, 1, &payload[..cut.index(payload.len())]).is_err());
            let mut damaged = payload.clone();
            damaged[at.index(payload.len())] ^= 1u8 << bit;
            prop_assert!(coverage.decode(1, 1, &damaged).is_err());
        }

        #[test]
        fn garbage_never_panics(payload: Vec<u8>) {
            let _ = Coverage::new(1, b"\x01s\0").decode(1, 1, &payload);
        }
    }
}
