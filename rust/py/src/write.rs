//! Whole texts, written as all outputs are.

use std::path::PathBuf;

use panarc_core::Target;
use panarc_core::archive::write_text as core_write_text;
use pyo3::prelude::*;

use crate::signals::Signals;

/// Writes a text, compressed as the name of its file says: a file appears when it is complete.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, path: PathBuf, text: &[u8]) -> PyResult<()> {
    let signals = Signals::new();
    py.detach(|| core_write_text(&Target::File(path), text, &|| signals.interrupted()))
        .map_err(|e| signals.raise(py, e))
}
