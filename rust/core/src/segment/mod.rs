//! Codecs of one segment: references, deltas against them, packs of deltas (FORMAT 5).

pub mod lz;
mod pack;
mod packed;
mod reference;
mod tuple;

pub use pack::{PackCompressor, PackEffort, Search, decode_pack, encode_pack, pack_entries, separate};
pub use packed::{pack_codes, unpack_codes};
pub use reference::{decode_reference, encode_reference, reference_length};
#[doc(hidden)]
pub use tuple::{push_tuples, unpack_tuples};
