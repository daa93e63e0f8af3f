//! `panarc._core.Sample`.

use std::sync::{Arc, Weak};

use panarc_core::Error;
use panarc_core::archive as core;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::errors::raised;
use crate::names::{bytes, text};

/// Contigs of a sample; see `panarc.Sample`. It holds no copy of what is known of them: that is in the archive's cache.
/// Nor does it keep the archive open, which is closed when its owner lets go of it.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Sample {
    archive: Weak<core::Archive>,
    place: usize,
}

impl Sample {
    pub(crate) fn new(archive: &Arc<core::Archive>, place: usize) -> Sample {
        Sample { archive: Arc::downgrade(archive), place }
    }

    fn archive(&self, py: Python<'_>) -> PyResult<Arc<core::Archive>> {
        self.archive.upgrade().ok_or_else(|| raised(py, Error::Parameter("the archive is closed".into())))
    }

    /// Place of the sample in the archive.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// What is known of the sample. It is read without the interpreter's lock.
    pub(crate) fn known(&self, py: Python<'_>) -> PyResult<core::Sample> {
        let archive = self.archive(py)?;
        match archive.sample_at_hand(self.place) {
            Some(sample) => Ok(sample),
            None => py.detach(|| archive.sample(self.place)).map_err(|e| raised(py, e)),
        }
    }
}

/// Refuses the number of a contig that there is not.
pub(crate) fn check(sample: &core::Sample, contig: usize) -> PyResult<()> {
    if contig < sample.len() {
        return Ok(());
    }
    Err(PyIndexError::new_err(format!("contig {contig} of {}", sample.len())))
}

#[pymethods]
impl Sample {
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        text(py, &self.archive(py)?.samples()[self.place])
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.known(py)?.len())
    }

    /// Whole header of a contig.
    fn header<'py>(&self, py: Python<'py>, contig: usize) -> PyResult<Bound<'py, PyString>> {
        let sample = self.known(py)?;
        check(&sample, contig)?;
        text(py, sample.header(contig))
    }

    /// Whole headers of all contigs.
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let sample = self.known(py)?;
        let headers = (0..sample.len()).map(|contig| text(py, sample.header(contig)));
        PyList::new(py, headers.collect::<PyResult<Vec<_>>>()?)
    }

    /// Bases of a contig; nothing is decoded for it.
    fn length(&self, py: Python<'_>, contig: usize) -> PyResult<u64> {
        let sample = self.known(py)?;
        check(&sample, contig)?;
        sample.length(contig).map_err(|e| raised(py, e))
    }

    /// Bases of all contigs.
    fn lengths(&self, py: Python<'_>) -> PyResult<Vec<u64>> {
        let sample = self.known(py)?;
        let lengths = (0..sample.len()).map(|contig| sample.length(contig)).collect::<Result<_, _>>();
        lengths.map_err(|e| raised(py, e))
    }

    /// Place of the contig with this header or first word.
    fn find(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<usize> {
        let name = bytes(name)?;
        let sample = self.known(py)?;
        sample.find(&name).map_err(|e| raised(py, e))
    }

    /// Whether a contig answers to the name, or several do.
    fn knows(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<bool> {
        Ok(!matches!(self.known(py)?.find(&bytes(name)?), Err(Error::NoContig { .. })))
    }
}
