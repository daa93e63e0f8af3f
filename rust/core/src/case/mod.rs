//! Where lower case was: a stream of *blocks*, each with runs of lower case in the order of samples, contigs and bases, and
//! an *index* of the blocks in the stream's header (docs/format.md).

mod bits;
mod block;
mod index;
mod read;

pub use bits::{runs, split};
pub use block::{BlockWriter, FULL};
pub use index::{Entry, Index};
pub use read::Block;

/// Version of the stream.
pub const VERSION: u64 = 1;

/// Bytes of content that a block may have; it is in memory whole.
pub const MOST: u64 = 1 << 20;

/// Where a block begins: its first base of lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Place of the sample in the archive.
    pub sample: u32,
    /// Place of the contig in the sample.
    pub contig: u32,
    /// Base of the contig, from 0.
    pub base: u64,
}
