//! The index of blocks: content of the stream's header. Of each block, in varints: how many samples it begins behind the one
//! before, its contig, its first base, and the CRC-32 of its content.

use std::ops::Range;

use super::Place;
use crate::error::{Error, Result};
use crate::varint::{push_varint, take_varint};

/// Where a block begins, and the checksum of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its first base of lower case.
    pub first: Place,
    /// CRC-32 of its content.
    pub crc: u32,
}

/// All blocks, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    entries: Vec<Entry>,
}

impl Index {
    /// Adds a block behind the others.
    pub fn push(&mut self, entry: Entry) {
        debug_assert!(self.entries.last().is_none_or(|last| last.first < entry.first));
        self.entries.push(entry);
    }

    /// Takes the last block off.
    pub fn pop(&mut self) -> Option<Entry> {
        self.entries.pop()
    }

    /// Blocks in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The blocks that may have runs in a range of a contig.
    pub fn touching(&self, sample: u32, contig: u32, range: &Range<u64>) -> Range<usize> {
        let behind = |base| Place { sample, contig, base };
        let first = self.entries.partition_point(|entry| entry.first <= behind(range.start)).saturating_sub(1);
        let end = self.entries.partition_point(|entry| entry.first < behind(range.end));
        first..end.max(first)
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut last = 0;
        for Entry { first: Place { sample, contig, base }, crc } in &self.entries {
            push_varint(u64::from(sample - last), &mut out);
            push_varint(u64::from(*contig), &mut out);
            push_varint(*base, &mut out);
            push_varint(u64::from(*crc), &mut out);
            last = *sample;
        }
        out
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when they are no index of so many blocks.
    pub fn decode(mut bytes: &[u8], blocks: usize) -> Result<Index> {
        let wrong = |what: &str| Err(Error::corrupt(format!("the index of lower case {what}")));
        let mut index = Index::default();
        let mut sample = 0u64;
        while !bytes.is_empty() {
            let mut next = || take_varint(&mut bytes);
            sample = sample.saturating_add(next()?);
            let (contig, base, crc) = (next()?, next()?, next()?);
            let (Ok(sample), Ok(contig), Ok(crc)) = (u32::try_from(sample), u32::try_from(contig), u32::try_from(crc))
            else {
                return wrong("has a number beyond 32 bits");
            };
            let first = Place { sample, contig, base };
            if index.entries.last().is_some_and(|last| last.first >= first) {
                return wrong("is not in order");
            }
            index.entries.push(Entry { first, crc });
        }
        if index.entries.len() != blocks {
            return wrong("has another number of blocks than the stream");
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_that_may_touch_a_range() {
        let mut index = Index::default();
        for (sample, contig, base) in [(0, 1, 50), (0, 1, 90), (0, 3, 0), (2, 0, 7)] {
            index.push(Entry { first: Place { sample, contig, base }, crc: 0 });
        }
        assert_eq!(index.touching(0, 0, &(0..100)), 0..0);
        assert_eq!(index.touching(0, 1, &(0..50)), 0..0);
        assert_eq!(index.touching(0, 1, &(0..51)), 0..1);
        assert_eq!(index.touching(0, 1, &(60..80)), 0..1);
        assert_eq!(index.touching(0, 1, &(60..91)), 0..2);
        assert_eq!(index.touching(0, 2, &(0..9)), 1..2);
        assert_eq!(index.touching(1, 0, &(0..9)), 2..3);
        assert_eq!(index.touching(9, 0, &(0..9)), 3..4);
        assert_eq!(Index::default().touching(0, 0, &(0..9)), 0..0);
    }

    proptest! {
        #[test]
        fn round_trip(places: std::collections::BTreeSet<(u32, u32, u64)>, crc: u32) {
            let mut index = Index::default();
            for &(sample, contig, base) in &places {
                index.push(Entry { first: Place { sample, contig, base }, crc });
            }
            let bytes = index.encode();
            prop_assert!(Index::decode(&bytes, places.len() + 1).is_err());
            prop_assert_eq!(Index::decode(&bytes, places.len()).unwrap(), index);
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>, blocks in 0usize..4) {
            let _ = Index::decode(&bytes, blocks);
        }
    }
}
