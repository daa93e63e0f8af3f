//! FASTA in and out: where the text comes from, what it means, what its sample is called, and how it is written.
//!
//! Reading goes `Source` (bytes, decompressed) → [`Parser`] (records as codes, in chunks); nothing holds a
//! contig whole. Writing goes text of [`writer`] → optionally [`BgzfWriter`] or [`ZstdWriter`]; [`Fai`] makes the index.

mod ahead;
pub mod bgzf;
mod codes;
mod complaint;
pub mod fai;
mod folder;
mod gzip;
pub mod list;
mod name;
pub mod parser;
mod raw;
pub mod sample_name;
pub mod source;
mod split;
mod text;
mod wait;
pub mod writer;
mod zstd;
mod zstd_writer;

#[cfg(test)]
mod tests;

pub use ahead::{Offer, WORK_MEMORY, Work};
pub use bgzf::BgzfWriter;
pub use fai::Fai;
pub use folder::fasta_files;
pub use gzip::MissingEof;
pub use list::{InputFile, read_list};
pub use name::{first_word, first_word_range};
pub use parser::Parser;
pub use sample_name::sample_name;
pub use source::Source;
pub use split::Split;
pub use text::Text;
pub use wait::Interrupt;
pub use writer::{push_header, push_lines};
pub use zstd_writer::ZstdWriter;
