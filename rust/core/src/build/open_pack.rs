//! The unfinished pack of a group: its deltas wait on disk, chained from the last to the first.
//!
//! A collection of N samples has up to N·groups deltas waiting while N is below the pack's size: kept in memory they
//! would grow with the number of samples. Here a waiting delta takes four bytes.

use super::spill::{Extent, SpillStore};
use crate::error::{Error, Result};

/// Before each delta on disk: where the one before it lies.
const LINK: usize = 12;

/// Equal deltas are looked for among this many at most.
const SEARCHED: usize = 4096;

/// Deltas of a group that are not in a finished pack.
#[derive(Debug)]
pub(super) struct OpenPack {
    /// The last delta, with its link.
    last: Extent,
    /// A hash of each delta, to find equal ones.
    hashes: Vec<u32>,
}

impl OpenPack {
    pub(super) fn new() -> Self {
        OpenPack { last: Extent::NONE, hashes: Vec::new() }
    }

    /// Number of deltas.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Place of an equal delta, if there is one. `scratch` is overwritten.
    pub(super) fn find(&self, delta: &[u8], store: &SpillStore, scratch: &mut Vec<u8>) -> Result<Option<usize>> {
        let hash = hash(delta);
        let first = self.len().saturating_sub(SEARCHED);
        let Some(oldest) = self.hashes[first..].iter().position(|&h| h == hash) else { return Ok(None) };
        let mut extent = self.last;
        for index in (first + oldest..self.len()).rev() {
            // Only links are of interest until a hash agrees; they come with the delta in one read.
            store.read(extent, scratch)?;
            if self.hashes[index] == hash && &scratch[LINK..] == delta {
                return Ok(Some(index));
            }
            extent = link(scratch)?;
        }
        Ok(None)
    }

    /// Adds a delta. `scratch` is overwritten.
    pub(super) fn push(&mut self, delta: &[u8], store: &SpillStore, scratch: &mut Vec<u8>) -> Result<()> {
        scratch.clear();
        scratch.extend_from_slice(&self.last.offset.to_le_bytes());
        scratch.extend_from_slice(&self.last.length.to_le_bytes());
        scratch.extend_from_slice(delta);
        self.last = store.append(scratch)?;
        if self.hashes.len() == self.hashes.capacity() {
            // Few sizes, so that what one group frees fits another.
            self.hashes.reserve_exact(if self.hashes.is_empty() { 8 } else { 56 });
        }
        self.hashes.push(hash(delta));
        Ok(())
    }

    /// Takes all deltas, in order, and is empty afterwards. `scratch` is overwritten.
    pub(super) fn take(
        &mut self,
        store: &SpillStore,
        scratch: &mut Vec<u8>,
        mut each: impl FnMut(&[u8]),
    ) -> Result<()> {
        let mut extents = Vec::with_capacity(self.len());
        let mut extent = self.last;
        for _ in 0..self.len() {
            extents.push(extent);
            store.read_start(extent, LINK, scratch)?;
            extent = link(scratch)?;
        }
        for extent in extents.into_iter().rev() {
            store.read(extent, scratch)?;
            each(&scratch[LINK..]);
        }
        self.last = Extent::NONE;
        self.hashes.clear();
        Ok(())
    }
}

fn link(record: &[u8]) -> Result<Extent> {
    let (offset, rest) = record.split_first_chunk::<8>().ok_or_else(cut_off)?;
    let length = rest.first_chunk::<4>().ok_or_else(cut_off)?;
    Ok(Extent { offset: u64::from_le_bytes(*offset), length: u32::from_le_bytes(*length) })
}

fn cut_off() -> Error {
    Error::Internal("a waiting delta is cut off".into())
}

/// FNV-1a, folded.
fn hash(bytes: &[u8]) -> u32 {
    let hash =
        bytes.iter().fold(0xCBF2_9CE4_8422_2325u64, |hash, &b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_a_list(deltas in proptest::collection::vec(proptest::collection::vec(0u8..3, 1..4), 1..60)) {
            let folder = tempfile::tempdir().unwrap();
            let store = SpillStore::new(folder.path(), 0);
            let mut scratch = Vec::new();
            let mut pack = OpenPack::new();
            for round in 0..2 {
                for (i, delta) in deltas.iter().enumerate() {
                    let expected = deltas[..i].iter().rposition(|d| d == delta);
                    prop_assert_eq!(pack.find(delta, &store, &mut scratch).unwrap(), expected, "round {}", round);
                    pack.push(delta, &store, &mut scratch).unwrap();
                }
                let mut back = Vec::new();
                pack.take(&store, &mut scratch, |delta| back.push(delta.to_vec())).unwrap();
                prop_assert_eq!(&back, &deltas);
                prop_assert_eq!(pack.len(), 0);
            }
        }
    }
}
