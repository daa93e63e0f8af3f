//! The builder: from codes to an archive, front to back (docs/architecture.md).
//!
//! The caller's thread parses and fills chunks. A crew of threads, the caller's among them, does the rest as tasks:
//! chunks are mapped to the references known so far, batch by batch in any order; settled into segments and groups in
//! input order; encoded by the shard that owns the group; and written in the order of the segments that completed them.

mod atlas;
mod base;
mod batch_limit;
mod batches;
mod builder;
mod carry;
mod case;
mod chunk;
mod crew;
mod digest;
mod encode;
mod engine;
mod files;
mod first_sample;
mod kinship;
mod kmer;
mod machine;
mod map;
mod memory;
mod open_pack;
mod options;
mod place;
mod pool;
mod repeats;
mod sequence;
mod settle;
mod shared;
mod spill;
mod stats;
mod streams;
mod tasks;
mod write;

#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use memory::{default_limit, keep_memory_low};
pub use options::{DigestChoice, Level, Options};
pub(crate) use place::for_new;
pub use stats::Stats;
