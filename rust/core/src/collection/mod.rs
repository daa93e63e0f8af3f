//! The collection: which samples there are, their contigs, and where each contig's segments lie (FORMAT 4, 9).

mod batch;
mod compact;
mod contigs;
mod details;
mod fold;
mod legacy;
mod names;
mod prefix;
mod samples;
mod segment;

pub use batch::Batch;
pub use compact::{CompactBatch, StoredBatch};
pub use contigs::{BatchSize, MAX_NAMES, decode_contigs, encode_contigs};
pub use details::{corrected_length, decode_details, encode_details};
pub use legacy::{Commands, OldCollection, decode_desc, decode_details_v2, decode_main};
pub use names::can_follow;
pub(crate) use prefix::Cursor;
pub use samples::{decode_samples, encode_samples};
pub use segment::Segment;
