//! What travels from the parser: a stretch of input with the boundaries in it.

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
    /// Codes, of which the first `context` repeat the end of the chunk before: they complete k-mers only.
    pub(super) codes: Vec<u8>,
    pub(super) context: usize,
    /// Marks with their places in `codes`, in order.
    pub(super) marks: Vec<(usize, Mark)>,
    /// Bytes that the chunk counts for while in flight.
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

    pub(super) fn push_codes(&mut self, codes: &[u8]) {
        self.weight += codes.len();
        self.codes.extend_from_slice(codes);
    }

    /// How many more codes fit.
    pub(super) fn room(&self) -> usize {
        CHUNK.saturating_sub(self.weight)
    }

    /// Prepares `next` to follow this chunk: the last codes, so far as they belong to the same contig, become its context.
    pub(super) fn carry_into(&self, next: &mut Chunk, k: usize) {
        next.codes.clear();
        next.marks.clear();
        next.weight = 0;
        let contig = self.marks.iter().rev().find(|(_, mark)| matches!(mark, Mark::Contig(_))).map_or(0, |(at, _)| *at);
        let start = self.codes.len().saturating_sub(k - 1).max(contig);
        next.codes.extend_from_slice(&self.codes[start..]);
        next.context = next.codes.len();
    }
}
