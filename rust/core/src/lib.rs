//! Streaming, memory-bounded archives of assembled genomes in the AGC version 3 format.

pub mod alphabet;
pub mod error;
pub mod fasta;

pub use error::{Error, Result};
