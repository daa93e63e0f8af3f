//! What travels from the parser: a stretch of input with the boundaries in it.

use crate::case;

/// Codes in a chunk at most, and bytes of names.
pub(super) const CHUNK: usize = 256 << 10;

/// What begins or ends at a place of a chunk.
#[derive(Debug)]
pub(super) enum Mark {
    Sample(Box<[u8]>),
    Contig(Box<[u8]>),
    EndContig,
    EndSample,
}

/// A stretch of input: codes of any number of contigs, and marks between them.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) codes: Vec<u8>,
    /// Marks with their places in `codes`, in order.
    pub(super) marks: Vec<(usize, Mark)>,
    /// Which codes were lower case, if that is kept; a bit each.
    pub(super) case: Vec<u64>,
    /// Bytes of codes and marks.
    pub(super) weight: usize,
}

impl Mark {
    /// Bytes that the mark counts for while in flight.
    pub(super) fn weight(&self) -> usize {
        let name = match self {
            Mark::Sample(name) | Mark::Contig(name) => name.len(),
            Mark::EndContig | Mark::EndSample => 0,
        };
        2 * size_of::<(usize, Mark)>() + name
    }
}

impl Chunk {
    pub(super) fn push_mark(&mut self, mark: Mark) {
        self.weight += mark.weight();
        self.marks.push((self.codes.len(), mark));
    }

    /// How many more codes fit.
    pub(super) fn room(&self) -> usize {
        CHUNK.saturating_sub(self.weight)
    }

    /// Takes the bit of case off the codes of a chunk that is complete.
    pub(super) fn split_case(&mut self) {
        case::split(&mut self.codes, &mut self.case);
    }

    /// Bytes that the chunk counts for from when it is handed on until nobody needs it: settling, digesting or mapping.
    pub(super) fn burden(&self) -> usize {
        self.weight + size_of_val(&self.case[..])
    }

    /// Empties the chunk for its next use.
    pub(super) fn clear(&mut self) {
        self.codes.clear();
        self.marks.clear();
        self.case.clear();
        self.weight = 0;
    }
}
