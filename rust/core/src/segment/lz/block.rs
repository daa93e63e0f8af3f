//! Blocks: stretches of a segment that lie beside the reference without a shift.

/// A stretch of a segment beside the reference, code by code; not all of its codes need be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Where it begins in the segment.
    pub start: usize,
    /// Where it ends in the segment.
    pub end: usize,
    /// Where it begins in the reference.
    pub position: usize,
}

impl Block {
    /// What a position in the segment must be moved by to give the one in the reference.
    pub(super) fn diagonal(&self) -> i64 {
        self.position as i64 - self.start as i64
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// The block of this diagonal between two positions of the segment.
    pub(super) fn on(diagonal: i64, start: usize, end: usize) -> Block {
        Block { start, end, position: (start as i64 + diagonal) as usize }
    }
}

/// The codes of the reference beside `segment[at..]` on a diagonal; nothing where that lies outside.
#[inline]
pub(super) fn beside(reference: &[u8], at: usize, diagonal: i64) -> &[u8] {
    usize::try_from(at as i64 + diagonal).ok().and_then(|position| reference.get(position..)).unwrap_or_default()
}
