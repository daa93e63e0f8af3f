//! Splitters and the keys of groups (FORMAT 3.5, 3.6). Only `append` needs them.

use crate::error::{Error, Result};

/// Stands for the missing splitter at an end of a segment; no k-mer has this value.
pub const NONE: u64 = u64::MAX;

const KEY_SIZE: usize = 20;

/// The splitters at the two ends of the segments of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey {
    /// Canonical k-mer at the front of the stored orientation, or [`NONE`].
    pub first: u64,
    /// Canonical k-mer at its back, or [`NONE`].
    pub second: u64,
}

impl SegmentKey {
    /// The key of segments with no splitter at either end.
    pub const UNKEYED: SegmentKey = SegmentKey { first: NONE, second: NONE };
}

/// Payload of stream `splitters`; `splitters` must be strictly increasing.
pub fn encode_splitters(splitters: &[u64]) -> Vec<u8> {
    debug_assert!(splitters.is_sorted_by(|a, b| a < b));
    splitters.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Reads stream `splitters`.
///
/// # Errors
/// [`Error::Corrupt`] when the payload is no whole number of k-mers.
pub fn decode_splitters(payload: &[u8]) -> Result<Vec<u64>> {
    let (values, rest) = payload.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::corrupt(format!("{} bytes of splitters, not a multiple of 8", payload.len())));
    }
    Ok(values.iter().map(|&v| u64::from_le_bytes(v)).collect())
}

/// Payload of stream `segment-splitters`: the given keys, which must be sorted and unique, and the row of the raw groups.
pub fn encode_keys(keys: &[(SegmentKey, u32)]) -> Vec<u8> {
    debug_assert!(keys.is_sorted_by(|a, b| a.0 < b.0));
    let raw = (SegmentKey::UNKEYED, 0);
    let mut payload = Vec::with_capacity((keys.len() + 1) * KEY_SIZE);
    for (key, group) in keys.iter().chain([&raw]) {
        payload.extend_from_slice(&key.first.to_le_bytes());
        payload.extend_from_slice(&key.second.to_le_bytes());
        payload.extend_from_slice(&group.to_le_bytes());
    }
    payload
}

/// Reads stream `segment-splitters`, the row of the raw groups left out.
///
/// # Errors
/// [`Error::Corrupt`] when the payload is no whole number of rows.
pub fn decode_keys(payload: &[u8]) -> Result<Vec<(SegmentKey, u32)>> {
    let (rows, rest) = payload.as_chunks::<KEY_SIZE>();
    if !rest.is_empty() {
        return Err(Error::corrupt(format!("{} bytes of segment keys, not a multiple of {KEY_SIZE}", payload.len())));
    }
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b));
    let row = |row: &[u8; KEY_SIZE]| {
        let key = SegmentKey { first: number(&row[..8]), second: number(&row[8..16]) };
        (key, number(&row[16..]) as u32)
    };
    Ok(rows.iter().map(row).filter(|(key, _)| *key != SegmentKey::UNKEYED).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn only_the_raw_row_in_an_archive_without_keys() {
        let mut expected = vec![0xFF; 16];
        expected.extend([0; 4]);
        assert_eq!(encode_keys(&[]), expected);
        assert_eq!(decode_keys(&expected).unwrap(), []);
        assert!(decode_keys(&expected[1..]).is_err());
        assert!(decode_splitters(&[0; 9]).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(keys: BTreeMap<(u64, u64), u32>, splitters: BTreeSet<u64>) {
            let keys: Vec<_> = keys.into_iter().map(|((first, second), g)| (SegmentKey { first, second }, g))
                .filter(|(key, _)| *key != SegmentKey::UNKEYED).collect();
            prop_assert_eq!(decode_keys(&encode_keys(&keys)).unwrap(), keys);
            let splitters: Vec<_> = splitters.into_iter().collect();
            prop_assert_eq!(decode_splitters(&encode_splitters(&splitters)).unwrap(), splitters);
        }
    }
}
