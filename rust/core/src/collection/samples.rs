//! Stream `collection-samples` (FORMAT 4.3).

use super::prefix::{Cursor, push_prefix};
use crate::codec::check_size;
use crate::error::Result;

/// Raw content for these names; none may hold a zero byte.
pub fn encode_samples<'a>(names: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut raw = Vec::new();
    push_prefix(names.len() as u32, &mut raw);
    for name in names {
        debug_assert!(!name.contains(&0));
        raw.extend_from_slice(name);
        raw.push(0);
    }
    raw
}

/// Bytes that a name takes in memory, beside its own, with a table to find it by.
const NAME: u64 = 64;

/// Names out of the raw content, which may take about `most` bytes.
///
/// # Errors
/// [`crate::Error::Corrupt`] when the content is malformed, [`crate::Error::MemoryLimit`].
pub fn decode_samples(raw: &[u8], most: u64) -> Result<Vec<Box<[u8]>>> {
    let mut cursor = Cursor::new(raw);
    let count = cursor.count(1)?;
    check_size(count as u64 * NAME, most)?;
    let names = (0..count).map(|_| cursor.string().map(Box::from)).collect::<Result<_>>()?;
    cursor.finish()?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(names in proptest::collection::vec("[^\0]{0,20}", 0..300)) {
            let raw = encode_samples(names.iter().map(|name| name.as_bytes()));
            let back = decode_samples(&raw, 1 << 20).unwrap();
            prop_assert!(back.iter().map(|name| &name[..]).eq(names.iter().map(|name| name.as_bytes())));
        }

        #[test]
        fn garbage_never_panics(raw: Vec<u8>) {
            let _ = decode_samples(&raw, 1 << 20);
        }
    }
}
