//! Streaming, memory-bounded archives of assembled genomes in the AGC version 3 format.

pub mod alphabet;
pub mod archive;
pub mod build;
pub mod case;
pub mod codec;
pub mod collection;
pub mod container;
pub mod digest;
pub mod error;
pub mod fasta;
mod foreign;
mod heed;
pub mod layout;
mod output;
pub mod repair;
mod resident;
pub mod segment;
pub mod stop;
mod sync;
mod varint;

pub use error::{Error, Result};
pub use output::{FileName, Target, file_names};
