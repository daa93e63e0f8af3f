//! Digests of sequence (docs/format.md): those of GA4GH refget, MD5, and how an archive stores them.

mod hasher;
mod kernel;
mod lanes;
mod part;
mod rule;
mod sha512;
mod text;

pub use hasher::{Digests, Hasher};
pub use lanes::{Job, advance};
pub use part::{Entry, Headers, Part, PartWriter, is_part};
pub use rule::Rule;
pub use text::{hex, refget};

/// Version of the stream.
pub const VERSION: u64 = 1;

/// Bytes of a whole digest: the first of a SHA-512.
pub const WHOLE: usize = 24;

/// Bytes of an MD5.
pub const MD5: usize = 16;
