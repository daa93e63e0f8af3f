//! What concerns the whole process.

use panarc_core::build;
use pyo3::prelude::*;

/// Bytes that a build may have resident where no limit is given.
#[pyfunction]
pub(crate) fn default_memory_limit() -> u64 {
    build::default_limit()
}

/// Makes the allocator give large buffers back as soon as they are freed. For a process that does nothing but panarc's
/// work: it is not a library's business how its host allocates.
#[pyfunction]
pub(crate) fn keep_memory_low() {
    build::keep_memory_low();
}
