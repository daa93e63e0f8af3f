//! The container: named streams of byte parts in one file (FORMAT 2). It knows bytes, not genomes.

mod chunks;
mod extents;
mod footer;
mod integer;
mod reader;
mod remote;
mod source;
mod writer;

pub use extents::Extents;
pub use footer::PartPlace;
pub(crate) use footer::encode_footer;
pub(crate) use integer::{MAX_INTEGER, push_integer, take_integer};
pub use reader::Container;
pub(crate) use reader::foreign;
#[cfg(test)]
pub(crate) use remote::tests as far;
pub use remote::{RangeReader, RemoteSource};
pub use source::{ByteSource, FileSource};
pub(crate) use source::{read_exact_at, write_all_at};
pub use writer::{ContainerWriter, StreamEntry};
