//! What a reader asks for.

use std::ops::Range;

/// A stretch of a contig, on one of its strands. It holds on to nothing of the archive.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Place of the sample in [`Archive::samples`](super::Archive::samples).
    pub sample: usize,
    /// Place of the contig in it.
    pub contig: usize,
    /// Bases, 0-based and half-open.
    pub range: Range<u64>,
    /// Whether the reverse complement is wanted.
    pub reverse: bool,
}

impl Stretch {
    /// Number of bases.
    pub fn length(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }
}
