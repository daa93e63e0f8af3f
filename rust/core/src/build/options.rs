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
}

impl Default for Options {
    fn default() -> Self {
        Options { params: Params::default(), threads: 1 }
    }
}

impl Options {
    pub(super) fn validate(&self) -> Result<()> {
        self.params.validate()
    }
}
