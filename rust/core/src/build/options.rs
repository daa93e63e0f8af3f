//! What the caller may choose.

use crate::error::Result;
use crate::layout::Params;

/// What is worth more: time, or the archive's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Runs of bases equal to the reference are tokens, so that packs are small also when they are unpacked.
    #[default]
    Balanced,
    /// Deltas are as long as their segments and aligned with each other, and packs are parsed by what is known of them:
    /// smaller, in several times the time, and with more work for whoever reads a short range.
    Smallest,
}

/// Options of a new archive.
#[derive(Debug, Clone)]
pub struct Options {
    /// Parameters that are written into the archive.
    pub params: Params,
    /// Threads that work, the caller's among them; at least one.
    pub threads: usize,
    /// Bytes that the whole process may have resident; [`super::default_limit`] if none is given.
    pub memory_limit: Option<u64>,
    /// Time or size.
    pub level: Level,
    /// Bytes of codes in flight, in place of what would follow from the rest.
    #[cfg(test)]
    pub(super) in_flight: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            params: Params::default(),
            threads: 1,
            memory_limit: None,
            level: Level::default(),
            #[cfg(test)]
            in_flight: None,
        }
    }
}

impl Options {
    pub(super) fn validate(&self) -> Result<()> {
        self.params.validate()
    }
}
