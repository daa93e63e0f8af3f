//! `panarc._core.Archive` and `panarc._core.Sample`.

use std::path::PathBuf;
use std::sync::Arc;

use panarc_core::archive::{self as core, ExportOptions, ReadOptions, Region};
use panarc_core::{Result, Target};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyList, PyString};

use crate::errors::raised;
use crate::names::{bytes, text};
use crate::signals::Signals;

/// An open archive; see `panarc.Archive`.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Archive {
    core: Arc<core::Archive>,
}

/// Contigs of a sample; see `panarc.Sample`.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Sample {
    core: core::Sample,
}

/// Sample, contig, start, end, header: the latter three may be left out.
type PyRegion<'py> = (Bound<'py, Sample>, usize, Option<u64>, Option<u64>, Option<Bound<'py, PyString>>);

/// Bytes by kind; of each group number, segments, deltas, packs, bytes of its reference and of its packs; of each sample
/// contigs, bases, segments, and its shares of references and of packs.
type PyUsage<'py> = (Bound<'py, PyDict>, Vec<(u32, u64, u64, u64, u64, u64)>, Vec<(u64, u64, u64, u64, u64)>);

#[pymethods]
impl Archive {
    #[new]
    #[pyo3(signature = (path, *, cache_bytes=None))]
    fn new(py: Python<'_>, path: PathBuf, cache_bytes: Option<u64>) -> PyResult<Self> {
        let mut options = ReadOptions::default();
        options.cache_bytes = cache_bytes.unwrap_or(options.cache_bytes);
        let core = py.detach(|| core::Archive::open(&path, &options)).map_err(|e| raised(py, e))?;
        Ok(Archive { core: Arc::new(core) })
    }

    #[getter]
    fn name(&self) -> &str {
        self.core.name()
    }

    #[getter]
    fn size(&self) -> u64 {
        self.core.size()
    }

    #[getter]
    fn format(&self) -> u32 {
        self.core.format()
    }

    #[getter]
    fn group_count(&self) -> usize {
        self.core.group_count()
    }

    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let params = self.core.params();
        let dict = PyDict::new(py);
        dict.set_item("k", params.k)?;
        dict.set_item("min_match", params.min_match)?;
        dict.set_item("segment_size", params.segment_size)?;
        dict.set_item("pack_cardinality", params.pack_cardinality)?;
        Ok(dict)
    }

    /// Key-value pairs about the file itself.
    #[getter]
    fn info(&self) -> Vec<(String, String)> {
        self.core.info().pairs().to_vec()
    }

    /// Command lines and dates, where the archive stores them.
    #[getter]
    fn commands(&self) -> Vec<(String, String)> {
        self.core.commands().clone()
    }

    /// Sample names in order.
    fn samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let names = self.core.samples().iter().map(|name| text(py, name)).collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, names)
    }

    /// The contigs of the sample of this name.
    fn sample(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<Sample> {
        let name = bytes(name)?;
        let found = py.detach(|| self.core.find_sample(&name).and_then(|index| self.core.sample(index)));
        Ok(Sample { core: found.map_err(|e| raised(py, e))? })
    }

    /// Place in `samples` of the only sample with a contig of this header or first word.
    fn locate(&self, py: Python<'_>, contig: &Bound<'_, PyString>) -> PyResult<usize> {
        let contig = bytes(contig)?;
        let signals = Signals::new();
        py.detach(|| self.core.locate(&contig, &|| signals.interrupted())).map_err(|e| signals.raise(py, e))
    }

    /// Where the bytes went.
    fn usage<'py>(&self, py: Python<'py>) -> PyResult<PyUsage<'py>> {
        let signals = Signals::new();
        let usage = py.detach(|| self.core.usage(&|| signals.interrupted())).map_err(|e| signals.raise(py, e))?;
        let groups =
            usage.groups.iter().map(|g| (g.group, g.segments, g.deltas, g.packs, g.reference_bytes, g.delta_bytes));
        let samples = usage.samples.iter().map(|s| (s.contigs, s.bases, s.segments, s.reference_bytes, s.delta_bytes));
        Ok((usage.bytes.by_name().into_py_dict(py)?, groups.collect(), samples.collect()))
    }

    /// Bases of a contig, 0-based and half-open.
    fn fetch<'py>(
        &self,
        py: Python<'py>,
        sample: &Sample,
        contig: usize,
        start: u64,
        end: u64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        sample.check(contig)?;
        let bases = py.detach(|| self.core.fetch(&sample.core, contig, start..end)).map_err(|e| raised(py, e))?;
        Ok(PyBytes::new(py, &bases))
    }

    /// Writes regions as FASTA to a file, or to standard output.
    #[pyo3(signature = (regions, target, *, line_width, gzip_level))]
    fn export(
        &self,
        py: Python<'_>,
        regions: Vec<PyRegion<'_>>,
        target: Option<PathBuf>,
        line_width: usize,
        gzip_level: u32,
    ) -> PyResult<()> {
        let regions = regions
            .into_iter()
            .map(|(sample, contig, start, end, header)| {
                let sample = sample.get();
                sample.check(contig)?;
                let range = start.zip(end).map(|(start, end)| start..end);
                let header = header.map(|header| bytes(&header)).transpose()?;
                Ok(Region { sample: sample.core.clone(), contig, range, header })
            })
            .collect::<PyResult<Vec<_>>>()?;
        self.write(py, regions.into_iter().map(Ok), target, line_width, gzip_level)
    }

    /// Writes whole samples as FASTA, one after another, to a file or to standard output.
    #[pyo3(signature = (samples, target, *, line_width, gzip_level))]
    fn export_samples(
        &self,
        py: Python<'_>,
        samples: Vec<Bound<'_, PyString>>,
        target: Option<PathBuf>,
        line_width: usize,
        gzip_level: u32,
    ) -> PyResult<()> {
        let find = |name: &Bound<'_, PyString>| {
            let name = bytes(name)?;
            self.core.find_sample(&name).map_err(|e| raised(py, e))
        };
        let samples = samples.iter().map(find).collect::<PyResult<Vec<_>>>()?;
        // Samples are looked up one by one as they are written: all of them at once could be large.
        let regions = samples.into_iter().flat_map(|index| {
            let sample = self.core.sample(index);
            let contigs = sample.as_ref().map_or(1, core::Sample::len);
            let mut failure = None;
            let sample = sample.map_err(|e| failure = Some(e)).ok();
            (0..contigs).map(move |contig| match &sample {
                Some(sample) => Ok(Region { sample: sample.clone(), contig, range: None, header: None }),
                None => Err(failure.take().unwrap_or(panarc_core::Error::Interrupted)),
            })
        });
        self.write(py, regions, target, line_width, gzip_level)
    }
}

impl Archive {
    fn write(
        &self,
        py: Python<'_>,
        regions: impl Iterator<Item = Result<Region>> + Send,
        target: Option<PathBuf>,
        line_width: usize,
        gzip_level: u32,
    ) -> PyResult<()> {
        let target = target.map_or(Target::Stdout, Target::File);
        let options = ExportOptions { line_width, gzip_level };
        let signals = Signals::new();
        py.detach(|| self.core.export(regions, &target, &options, &|| signals.interrupted()))
            .map_err(|e| signals.raise(py, e))
    }
}

impl Sample {
    fn check(&self, contig: usize) -> PyResult<()> {
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
}
