//! The footer: the registry of all streams and the places of their parts (FORMAT 2.1, 2.2).

use std::ops::Range;

use super::integer::{push_integer, take_integer};
use crate::codec::check_size;
use crate::error::{Error, Result};

/// Size of the trailer behind the footer: the footer's own size, little-endian.
pub(crate) const TRAILER: u64 = 8;

/// Where a part lies: `offset` is that of its metadata integer, `size` counts the payload alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartPlace {
    /// Offset of the metadata integer from the start of the file.
    pub offset: u64,
    /// Payload bytes.
    pub size: u64,
}

/// All streams, in registry order, in four flat tables (an archive of fragments has hundreds of thousands).
#[derive(Debug, Default)]
pub(crate) struct Footer {
    names: Vec<u8>,
    name_ends: Vec<u32>,
    part_ends: Vec<u32>,
    parts: Vec<PartPlace>,
    /// Where the footer begins.
    start: u64,
}

impl Footer {
    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        self.names.capacity()
            + 4 * (self.name_ends.capacity() + self.part_ends.capacity())
            + self.parts.capacity() * size_of::<PartPlace>()
    }

    /// Parses a footer; `start` is where it begins in the file, so that no part may reach beyond. The places of its parts
    /// may take `most` bytes: in memory each takes up to eight times what it takes in the file.
    pub(crate) fn parse(mut bytes: &[u8], start: u64, most: u64) -> Result<Footer> {
        let mut footer = Footer { start, ..Footer::default() };
        let streams = number(&mut bytes)?;
        // A stream takes at least three bytes (empty name, two zeros) and a part two.
        if streams > bytes.len() as u64 / 3 {
            return Err(Error::corrupt(format!("the footer announces {streams} streams, more than it can hold")));
        }
        for _ in 0..streams {
            let end = memchr::memchr(0, bytes).ok_or_else(ends_early)?;
            footer.names.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let parts = number(&mut bytes)?;
            number(&mut bytes)?;
            if parts > bytes.len() as u64 / 2 {
                return Err(Error::corrupt(format!("the footer announces {parts} parts, more than it can hold")));
            }
            check_size((footer.parts.len() as u64 + parts) * size_of::<PartPlace>() as u64, most)?;
            for _ in 0..parts {
                let place = PartPlace { offset: number(&mut bytes)?, size: number(&mut bytes)? };
                // One byte for the metadata integer at least.
                match place.offset.checked_add(place.size).and_then(|end| end.checked_add(1)) {
                    Some(end) if end <= start => footer.parts.push(place),
                    _ => return Err(Error::corrupt("the footer places a part beyond the end of the file")),
                }
            }
            footer.name_ends.push(table_index(footer.names.len())?);
            footer.part_ends.push(table_index(footer.parts.len())?);
        }
        if !bytes.is_empty() {
            return Err(Error::corrupt(format!("{} bytes are left over in the footer", bytes.len())));
        }
        Ok(footer)
    }

    pub(crate) fn len(&self) -> usize {
        self.name_ends.len()
    }

    pub(crate) fn name(&self, stream: usize) -> &[u8] {
        let start = if stream == 0 { 0 } else { self.name_ends[stream - 1] as usize };
        &self.names[start..self.name_ends[stream] as usize]
    }

    pub(crate) fn parts(&self, stream: usize) -> &[PartPlace] {
        &self.parts[self.range(stream)]
    }

    /// Where a stream's parts stand among those of all streams.
    pub(crate) fn range(&self, stream: usize) -> Range<usize> {
        let start = if stream == 0 { 0 } else { self.part_ends[stream - 1] as usize };
        start..self.part_ends[stream] as usize
    }

    /// Parts of all streams.
    pub(crate) fn all_parts(&self) -> &[PartPlace] {
        &self.parts
    }

    pub(crate) fn start(&self) -> u64 {
        self.start
    }
}

/// The end of a file with these streams: footer and trailer.
pub(crate) fn encode_footer(streams: &[(Vec<u8>, Vec<PartPlace>)]) -> Vec<u8> {
    let mut out = Vec::new();
    push_integer(streams.len() as u64, &mut out);
    for (name, parts) in streams {
        out.extend_from_slice(name);
        out.push(0);
        push_integer(parts.len() as u64, &mut out);
        push_integer(0, &mut out);
        for part in parts {
            push_integer(part.offset, &mut out);
            push_integer(part.size, &mut out);
        }
    }
    let size = out.len() as u64;
    out.extend_from_slice(&size.to_le_bytes());
    out
}

fn number(bytes: &mut &[u8]) -> Result<u64> {
    take_integer(bytes).ok_or_else(ends_early)
}

fn ends_early() -> Error {
    Error::corrupt("the footer is cut off or malformed")
}

fn table_index(n: usize) -> Result<u32> {
    u32::try_from(n).map_err(|_| Error::corrupt("the footer has more than 4 billion entries"))
}
