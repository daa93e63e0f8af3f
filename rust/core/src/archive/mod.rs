//! The reader: opens an archive, knows its samples and contigs, and decodes windows of them without needless work.

mod catalog;
mod decode;
mod export;
mod groups;
mod lengths;
mod locate;
mod open;
mod parts;
mod sample;
mod shares;
mod store;
mod usage;
mod walk;

pub use export::{ExportOptions, Region};
pub use open::{Archive, ReadOptions};
pub use sample::Sample;
pub use usage::{BytesByKind, GroupUsage, SampleUsage, Usage};
