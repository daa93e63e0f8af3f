//! What concerns the whole process.

use panarc_core::build;
use pyo3::prelude::*;

/// Makes the allocator give large buffers back as soon as they are freed. For a process that does nothing but panarc's
/// work: it is not a library's business how its host allocates.
#[pyfunction]
pub(crate) fn keep_memory_low() {
    build::keep_memory_low();
}
