//! Packs: entries, each followed by a separator, compressed together (FORMAT 5.3).

mod compress;
mod event;
mod extend;
mod frame;
mod nodes;
mod parse;
mod price;
mod recent;
#[cfg(test)]
mod tests;
mod units;

pub use compress::{PackCompressor, PackEffort, Search};

use crate::codec::{Compressor, Decompressor, Effort};
use crate::error::{Error, Result};

/// Behind every entry, also the last.
const SEPARATOR: u8 = 0xFF;

/// Behind the frame of a packed part.
const MARKER: u8 = 0;

/// Ends an entry of the raw pack, which must not be empty nor hold a separator.
pub fn separate(raw: &mut Vec<u8>) {
    debug_assert!(raw.last().is_some_and(|&last| last != SEPARATOR));
    raw.push(SEPARATOR);
}

#[cfg(test)]
fn push_entry(entry: &[u8], raw: &mut Vec<u8>) {
    raw.extend_from_slice(entry);
    separate(raw);
}

/// Payload (replacing what `out` holds) and metadata of the part for a raw pack.
///
/// # Errors
/// [`Error::Internal`] when zstd fails.
pub fn encode_pack(raw: &[u8], compressor: &mut Compressor, effort: Effort, out: &mut Vec<u8>) -> Result<u64> {
    out.clear();
    compressor.compress(raw, effort, out)?;
    out.push(MARKER);
    if out.len() < raw.len() {
        return Ok(raw.len() as u64);
    }
    out.clear();
    out.extend_from_slice(raw);
    Ok(0)
}

/// Replaces what `raw` holds by the entries of a part, separators included.
///
/// # Errors
/// [`Error::Corrupt`] when the part is malformed.
pub fn decode_pack(metadata: u64, payload: &[u8], decompressor: &mut Decompressor, raw: &mut Vec<u8>) -> Result<()> {
    raw.clear();
    if metadata == 0 {
        raw.extend_from_slice(payload);
    } else {
        let frame = zstd_safe::find_frame_compressed_size(payload)
            .map_err(|_| Error::corrupt("the frame of a pack is malformed or cut off"))?;
        // C++ AGC also reads packs without the marker.
        match payload.get(frame..) {
            Some([] | [MARKER]) => decompressor.decompress(&payload[..frame], metadata, raw)?,
            _ => return Err(Error::corrupt("something follows the frame of a pack")),
        }
    }
    if raw.len() > u32::MAX as usize {
        return Err(Error::corrupt("a pack of more than 4 GiB"));
    }
    if raw.last() != Some(&SEPARATOR) {
        return Err(Error::corrupt("a pack does not end with a separator"));
    }
    Ok(())
}

/// Where the entries of a decoded pack end; separators stand there. With a cardinality of 1 the one entry is all but
/// the last byte, whatever it holds.
pub fn pack_entries(raw: &[u8], cardinality: u32) -> Vec<u32> {
    if cardinality == 1 {
        return vec![raw.len() as u32 - 1];
    }
    memchr::memchr_iter(SEPARATOR, raw).map(|end| end as u32).collect()
}

#[cfg(test)]
mod part_tests {
    use super::*;
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 17, window_log: 20, table_log: 17, matches: crate::codec::Matches::ByLevel };

    proptest! {
        #[test]
        fn round_trip(entries in proptest::collection::vec(proptest::collection::vec(0u8..255, 1..60), 1..40)) {
            let (mut payload, mut raw) = (Vec::new(), Vec::new());
            for entry in &entries {
                push_entry(entry, &mut raw);
            }
            let metadata = encode_pack(&raw, &mut Compressor::default(), EFFORT, &mut payload).unwrap();
            decode_pack(metadata, &payload, &mut Decompressor::default(), &mut raw).unwrap();
            let mut start = 0;
            let ends = pack_entries(&raw, 50);
            prop_assert_eq!(ends.len(), entries.len());
            for (end, item) in ends.into_iter().zip(&entries) {
                prop_assert_eq!(&raw[start..end as usize], &item[..]);
                start = end as usize + 1;
            }
            if metadata > 0 {
                prop_assert_eq!(payload.pop(), Some(0));
                prop_assert!(decode_pack(metadata, &payload, &mut Decompressor::default(), &mut raw).is_ok());
                payload.push(7);
                prop_assert!(decode_pack(metadata, &payload, &mut Decompressor::default(), &mut raw).is_err());
            }
        }

        #[test]
        fn garbage_never_panics(metadata in 0u64..500, payload: Vec<u8>) {
            let mut raw = Vec::new();
            let _ = decode_pack(metadata, &payload, &mut Decompressor::default(), &mut raw);
        }
    }
}
