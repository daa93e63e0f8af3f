//! Whole texts, written as all outputs are.

use std::path::PathBuf;

use panarc_core::Target;
use panarc_core::archive::{Packing, write_text as core_write_text};
use pyo3::prelude::*;

use crate::errors::raised;
use crate::signals::Signals;

/// Writes a text, compressed as the name of its file says: a file appears when it is complete.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, path: PathBuf, text: &[u8]) -> PyResult<()> {
    let signals = Signals::new();
    py.detach(|| core_write_text(&Target::File(path), text, &|| signals.interrupted()))
        .map_err(|e| signals.raise(py, e))
}

/// How a file is compressed, as its name says.
#[pyfunction]
pub(crate) fn named_packing(py: Python<'_>, path: PathBuf) -> PyResult<&'static str> {
    Ok(match Packing::named(&path).map_err(|e| raised(py, e))? {
        None | Some(Packing::Plain) => "plain",
        Some(Packing::Bgzf(_)) => "BGZF",
        Some(Packing::Zstd(_)) => "zstd",
    })
}
