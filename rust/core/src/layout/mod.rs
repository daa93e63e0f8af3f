//! Which streams an archive has and what the small ones hold (FORMAT 3).

mod extra;
mod info;
mod keys;
mod params;
mod streams;

pub(crate) use extra::header_at;
pub use extra::{CASE, Coverage, DIGEST, Header, crc32};
pub use info::FileInfo;
pub use keys::{NONE, SegmentKey, decode_keys, decode_splitters, encode_keys, encode_splitters};
pub use params::Params;
pub use streams::{
    COLLECTION_CONTIGS, COLLECTION_DESC, COLLECTION_DETAILS, COLLECTION_MAIN, COLLECTION_SAMPLES, FILE_TYPE_INFO,
    GroupStream, PARAMS, RAW_GROUPS, SEGMENT_SPLITTERS, SPLITTERS, StreamKind,
};
