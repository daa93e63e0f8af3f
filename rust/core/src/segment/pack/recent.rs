//! Where the bytes at a place were seen last, for text that agrees with no other at its place of the reference.

use super::units::NONE;

const BITS: u32 = 14;

/// How many bytes the contexts have.
const LENGTHS: [usize; 3] = [4, 6, 12];

/// Units that begin with the same bytes, one for each length of those; [`NONE`] where there is none.
pub(super) type Found = [u32; LENGTHS.len()];

/// The last unit of each hash of so many bytes.
#[derive(Debug, Default)]
pub(super) struct Recent {
    units: Vec<u32>,
}

impl Recent {
    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.units.clear();
        self.units.resize(LENGTHS.len() << BITS, NONE);
    }

    /// The last units that may begin as `text`.
    pub(super) fn find(&self, text: &[u8]) -> Found {
        slots(text).map(|slot| slot.map_or(NONE, |slot| self.units[slot]))
    }

    /// Remembers that a unit begins as `text`.
    pub(super) fn put(&mut self, text: &[u8], unit: u32) {
        slots(text).into_iter().flatten().for_each(|slot| self.units[slot] = unit);
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.units.capacity() * size_of::<u32>()
    }
}

fn slots(text: &[u8]) -> [Option<usize>; LENGTHS.len()] {
    let mut table = 0;
    LENGTHS.map(|length| {
        let hash = text
            .get(..length)?
            .iter()
            .fold(0u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23));
        let slot = table << BITS | (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize;
        table += 1;
        Some(slot)
    })
}
