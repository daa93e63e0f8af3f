//! What the caller may choose.

use crate::error::Result;
use crate::layout::Params;

/// Options of a new archive.
#[derive(Debug, Clone)]
pub struct Options {
    /// Parameters that are written into the archive.
    pub params: Params,
    /// Threads that work, the caller's among them; at least one.
    pub threads: usize,
    /// Bytes that the whole process may have resident; [`super::default_limit`] if none is given.
    pub memory_limit: Option<u64>,
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
