//! Where the bytes at a place were seen last, for text that agrees with no other at its place of the reference.

const BITS: u32 = 14;

/// How many bytes the contexts have.
const LENGTHS: [usize; 2] = [6, 12];

/// The last place of each hash of so many bytes.
#[derive(Debug, Default)]
pub(super) struct Recent {
    places: Vec<u32>,
}

impl Recent {
    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.places.clear();
        self.places.resize(LENGTHS.len() << BITS, u32::MAX);
    }

    /// Where each context that begins at `place` may have been last; `place` itself takes the place of those.
    pub(super) fn replace(&mut self, raw: &[u8], place: u32) -> [Option<u32>; LENGTHS.len()] {
        let text = &raw[place as usize..];
        let mut found = [None; LENGTHS.len()];
        for (table, (length, found)) in LENGTHS.into_iter().zip(&mut found).enumerate() {
            let Some(context) = text.get(..length) else { break };
            let hash = context
                .iter()
                .fold(0u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23));
            let slot = &mut self.places[table << BITS | (hash >> (64 - BITS)) as usize];
            let before = std::mem::replace(slot, place);
            *found = (before < place).then_some(before);
        }
        found
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }
}
