//! The reader: opens an archive, knows its samples and contigs, and decodes windows of them without needless work.

mod along;
mod case;
mod catalog;
mod check;
mod decode;
mod digest;
mod export;
mod export_each;
mod extra;
mod fetch;
mod groups;
mod in_order;
mod lengths;
mod locate;
mod many;
mod names;
mod open;
mod packing;
mod page;
mod parts;
mod records;
mod sample;
mod shares;
mod store;
mod stretch;
#[cfg(test)]
mod tests;
mod usage;
mod walk;
mod watch;

pub use along::{Along, AlongRow, Detail};
pub use case::Case;
pub(crate) use check::Verdict;
pub use check::{Finding, Original, Originals, Report};
pub use digest::{DigestFacts, Expected};
pub use export::ExportOptions;
pub use export_each::Exported;
pub use locate::LISTED;
pub use open::{Archive, ReadOptions};
pub use packing::{Packing, write_text};
pub use records::Region;
pub use sample::Sample;
pub use shares::{GroupUsage, SampleUsage};
pub use stretch::Stretch;
pub use usage::{BytesByKind, Usage};
