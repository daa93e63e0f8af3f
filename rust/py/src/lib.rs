//! The Python module `panarc._core`: a thin face of `panarc-core`.

use pyo3::prelude::*;

/// Native part of panarc.
#[pymodule(gil_used = false)]
mod _core {}
