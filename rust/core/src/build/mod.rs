//! The builder: from codes to an archive, front to back (docs/architecture.md).
//!
//! The caller's thread parses and fills chunks. A crew of threads, the caller's among them, does the rest as tasks:
//! chunks are scanned for splitters in any order, stitched into segments and given groups in input order, encoded by
//! the shard that owns the group, and written in the order of the segments that completed them.

mod builder;
mod chunk;
mod crew;
mod encode;
mod engine;
mod key;
mod kmer;
mod map;
mod memory;
mod open_pack;
mod options;
mod resolve;
mod scan;
mod spill;
mod splitters;
mod spool;
mod stats;
mod stitch;
mod tasks;
mod write;

#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use memory::{default_limit, keep_memory_low};
pub use options::Options;
pub use stats::Stats;
