//! `panarc._core.Sample`.

use panarc_core::Error;
use panarc_core::archive as core;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::errors::raised;
use crate::names::{bytes, text};

/// Contigs of a sample; see `panarc.Sample`.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Sample {
    pub(crate) core: core::Sample,
}

impl Sample {
    /// Refuses the number of a contig that there is not.
    pub(crate) fn check(&self, contig: usize) -> PyResult<()> {
        if contig < self.core.len() {
            return Ok(());
        }
        Err(PyIndexError::new_err(format!("contig {contig} of {}", self.core.len())))
    }
}

#[pymethods]
impl Sample {
    #[getter]
    fn name(&self) -> &str {
        self.core.name()
    }

    fn __len__(&self) -> usize {
        self.core.len()
    }

    /// Whole header of a contig.
    fn header<'py>(&self, py: Python<'py>, contig: usize) -> PyResult<Bound<'py, PyString>> {
        self.check(contig)?;
        text(py, self.core.header(contig))
    }

    /// Whole headers of all contigs.
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let headers = (0..self.core.len()).map(|contig| text(py, self.core.header(contig)));
        PyList::new(py, headers.collect::<PyResult<Vec<_>>>()?)
    }

    /// Bases of a contig; nothing is decoded for it.
    fn length(&self, py: Python<'_>, contig: usize) -> PyResult<u64> {
        self.check(contig)?;
        self.core.length(contig).map_err(|e| raised(py, e))
    }

    /// Place of the contig with this header or first word.
    fn find(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<usize> {
        let name = bytes(name)?;
        self.core.find(&name).map_err(|e| raised(py, e))
    }

    /// Whether a contig answers to the name, or several do.
    fn knows(&self, name: &Bound<'_, PyString>) -> PyResult<bool> {
        Ok(!matches!(self.core.find(&bytes(name)?), Err(Error::NoContig { .. })))
    }
}
