//! LZ-diff: a segment as a text over its group's reference (FORMAT 5.5, 5.6).

mod compare;
mod decode;
mod encode;
mod index;
mod token;

pub use decode::{Dialect, Slice, decode, decoded_length};
pub use encode::Encoder;
