//! Codecs of one segment: references, deltas against them, packs of deltas (FORMAT 5).

pub mod lz;
mod pack;
mod packed;
mod reference;
mod tuple;

pub use pack::{PackEncoder, decode_pack, pack_entries};
pub use packed::PackedCodes;
pub use reference::{decode_reference, encode_reference, reference_length};
