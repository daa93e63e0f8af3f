//! `panarc._core.Archive`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use panarc_core::archive::{
    self as core, Case, Detail, DigestFacts, ExportOptions, Original, Originals, Packing, ReadOptions, Region, Stretch,
};
use panarc_core::fasta::MissingEof;
use panarc_core::{Result, Target, digest};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::buffer::divided;
use crate::errors::raised;
use crate::inputs::split_of;
use crate::names::{bytes, text};
use crate::remote;
use crate::report::{PyReport, report};
use crate::sample::{Sample, check};
use crate::signals::Signals;
use crate::stretch::{PyNamed, PyStretch, native, region};
use crate::usage::{PyUsage, usage_of};

/// An open archive; see `panarc.Archive`.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Archive {
    core: Arc<core::Archive>,
    threads: usize,
    /// Samples that `export_samples` or `export_each` has begun.
    begun: AtomicU64,
    /// Whether what is read comes by way of the interpreter: whoever waits for it must not hold its lock.
    remote: bool,
}

/// Bases a line, level of BGZF, level of zstd (0 for none), whether indexes are wanted.
type PyStyle = (usize, u32, i32, bool);

#[pymethods]
impl Archive {
    #[new]
    #[pyo3(signature = (source, *, cache_bytes, memory_limit, threads, upper, verify))]
    fn new(
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        cache_bytes: Option<u64>,
        memory_limit: Option<u64>,
        threads: usize,
        upper: bool,
        verify: bool,
    ) -> PyResult<Self> {
        let mut options = memory_limit.map_or_else(ReadOptions::default, ReadOptions::within);
        (options.upper, options.verify) = (upper, verify);
        options.cache_bytes = cache_bytes.unwrap_or(options.cache_bytes);
        let remote = source.hasattr("read_ranges")?;
        let core = if remote {
            let options = options.far();
            let source = remote::source(source, options.remote_bytes)?;
            py.detach(|| core::Archive::from_source(source, &options))
        } else {
            let path: PathBuf = source.extract()?;
            py.detach(|| core::Archive::open(&path, &options))
        };
        Ok(Archive { core: Arc::new(core.map_err(|e| raised(py, e))?), threads, begun: AtomicU64::new(0), remote })
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

    /// What is known of lower case.
    #[getter]
    fn case(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(match py.detach(|| self.core.case()).map_err(|e| raised(py, e))? {
            Case::Upper => "upper",
            Case::Kept => "kept",
            Case::Stale => "stale",
            Case::Later => "later",
        })
    }

    /// What is known of digests: which are stored, from which sample on, and whether MD5s are.
    #[getter]
    fn digests(&self, py: Python<'_>) -> PyResult<(&'static str, usize, bool)> {
        Ok(match py.detach(|| self.core.digest_facts()).map_err(|e| raised(py, e))? {
            DigestFacts::None => ("none", 0, false),
            DigestFacts::Kept { rule, first } => (if rule.is_full() { "full" } else { "auto" }, first, rule.md5()),
            DigestFacts::Stale => ("stale", 0, false),
            DigestFacts::Later => ("later", 0, false),
        })
    }

    /// Digest of a contig, and its MD5 if that is wanted or stored.
    fn contig_digests(
        &self,
        py: Python<'_>,
        sample: &Bound<'_, Sample>,
        contig: usize,
        md5: bool,
    ) -> PyResult<(String, Option<String>)> {
        let sample = sample.get().known(py)?;
        check(&sample, contig)?;
        let found = py.detach(|| self.core.contig_digests(&sample, contig, md5)).map_err(|e| raised(py, e))?;
        Ok((digest::refget(&found.digest), found.md5.map(|md5| digest::hex(&md5))))
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

    /// Gives back the memory of decoded references and packs.
    fn clear_cache(&self) {
        self.core.clear_cache();
    }

    /// Sample names in order.
    fn samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let names = self.core.samples().iter().map(|name| text(py, name)).collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, names)
    }

    /// The contigs of the sample of this name.
    fn sample(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<Sample> {
        let place = self.core.find_sample(&bytes(name)?).map_err(|e| raised(py, e))?;
        let sample = Sample::new(&self.core, place);
        // What is wrong with it is told here, not by what is asked of it.
        sample.known(py)?;
        Ok(sample)
    }

    /// Places in `samples` of the samples with a contig of this header or first word, a few at most, for each name.
    fn locate(&self, py: Python<'_>, names: Vec<Bound<'_, PyString>>) -> PyResult<Vec<Vec<usize>>> {
        let names = names.iter().map(bytes).collect::<PyResult<Vec<_>>>()?;
        let signals = Signals::new();
        py.detach(|| self.core.locate(&names, &|| signals.interrupted())).map_err(|e| signals.raise(py, e))
    }

    /// Samples begun and bases decoded by all calls that write samples or verify, so far.
    #[getter]
    fn done(&self) -> (u64, u64) {
        (self.begun.load(Ordering::Relaxed), self.core.done())
    }

    /// Where the bytes went; with a number of cells and one of rows also where along the first sample.
    fn usage<'py>(&self, py: Python<'py>, detail: Option<(u32, u32)>) -> PyResult<PyUsage<'py>> {
        let signals = Signals::new();
        let detail = detail.map(|(cells, rows)| Detail { cells, rows });
        let usage = py.detach(|| self.core.usage(detail, &|| signals.interrupted()));
        let usage = usage.map_err(|e| signals.raise(py, e))?;
        usage_of(py, usage)
    }

    /// Looks whether the archive is well formed, without decoding sequence.
    fn check<'py>(&self, py: Python<'py>) -> PyResult<PyReport<'py>> {
        let signals = Signals::new();
        let found = py.detach(|| self.core.check(&|| signals.interrupted())).map_err(|e| signals.raise(py, e))?;
        report(py, found)
    }

    /// Looks at all that is in the archive, and compares it with originals; `progress` is told how many samples are done.
    fn verify<'py>(
        &self,
        py: Python<'py>,
        progress: Option<Bound<'py, PyAny>>,
        originals: Option<Vec<(PathBuf, Option<String>)>>,
        split: &str,
        allow_missing_eof: bool,
    ) -> PyResult<PyReport<'py>> {
        let signals = Signals::new();
        let originals = originals.map(|files| {
            let asked = signals.clone();
            let files = files.into_iter().map(|(path, sample)| Original { path, sample }).collect();
            let split = split_of(split).map_err(|e| raised(py, e))?;
            let missing_eof = MissingEof::allowed(allow_missing_eof);
            Ok::<_, PyErr>(Originals { files, split, missing_eof, interrupt: Arc::new(move || asked.interrupted()) })
        });
        let originals = originals.transpose()?;
        let mut tell = signals.telling(progress.map(Bound::unbind));
        let found =
            py.detach(|| self.core.verify(originals.as_ref(), self.threads, &|| signals.interrupted(), &mut tell));
        report(py, found.map_err(|e| signals.raise(py, e))?)
    }

    /// Bases of a stretch, 0-based and half-open.
    fn fetch<'py>(&self, py: Python<'py>, stretch: PyStretch<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let stretch = native(stretch);
        let bases = self.one(py, &stretch).map_err(|e| raised(py, e))?;
        Ok(PyBytes::new(py, &bases))
    }

    /// Bases of a stretch by names; None where anything about it needs a closer look.
    fn fetch_named<'py>(
        &self,
        py: Python<'py>,
        stretch: PyNamed<'py>,
        reverse: bool,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let Some(stretch) = self.named(&stretch, reverse)? else { return Ok(None) };
        let bases = unexplained(py, self.one(py, &stretch))?;
        Ok(bases.map(|bases| PyBytes::new(py, &bases)))
    }

    /// Bases of many stretches by names, in their order; None where anything about them needs a closer look.
    fn fetch_many_named<'py>(
        &self,
        py: Python<'py>,
        stretches: Vec<PyNamed<'py>>,
        reverse: bool,
    ) -> PyResult<Option<Vec<Bound<'py, PyBytes>>>> {
        let named =
            stretches.iter().map(|(sample, contig, start, end)| Ok((bytes(sample)?, bytes(contig)?, *start..*end)));
        let named = named.collect::<PyResult<Vec<_>>>()?;
        match unexplained(py, py.detach(|| self.core.stretches(&named, reverse)))? {
            Some(stretches) => self.many(py, &stretches).map(Some),
            None => Ok(None),
        }
    }

    /// Puts the bases of many stretches one behind another into a buffer, which must be of exactly their size.
    fn fetch_into(&self, py: Python<'_>, mut buffer: PyBuffer<u8>, stretches: Vec<PyStretch<'_>>) -> PyResult<()> {
        let stretches = stretches.into_iter().map(native).collect::<Vec<_>>();
        let places = divided(&mut buffer, stretches.iter().map(Stretch::length))?;
        let signals = Signals::new();
        py.detach(|| self.core.fetch_many_into(&stretches, places, self.threads, &|| signals.interrupted()))
            .map_err(|e| signals.raise(py, e))
    }

    /// Bases of many stretches, in their order.
    fn fetch_many<'py>(&self, py: Python<'py>, stretches: Vec<PyStretch<'py>>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let stretches = stretches.into_iter().map(native).collect::<Vec<_>>();
        self.many(py, &stretches)
    }

    /// Writes records as FASTA to a file, or to standard output. They are taken from an iterable as they are written.
    fn export(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        target: Option<PathBuf>,
        style: PyStyle,
    ) -> PyResult<()> {
        let records = records.try_iter()?.unbind();
        let signals = Signals::new();
        let keeper = signals.clone();
        let regions = std::iter::from_fn(move || {
            let next = Python::attach(|py| records.bind(py).clone().next().map(|item| region(&item?)));
            next.map(|region| region.map_err(|e| keeper.keep(e)))
        });
        self.write(py, regions, target, style, &signals)
    }

    /// Writes whole samples as FASTA, one after another, to a file or to standard output.
    fn export_samples(
        &self,
        py: Python<'_>,
        samples: Vec<Bound<'_, PyString>>,
        target: Option<PathBuf>,
        style: PyStyle,
    ) -> PyResult<()> {
        let find = |name: &Bound<'_, PyString>| {
            let name = bytes(name)?;
            self.core.find_sample(&name).map_err(|e| raised(py, e))
        };
        let samples = samples.iter().map(find).collect::<PyResult<Vec<_>>>()?;
        let regions = samples.into_iter().flat_map(|index| self.regions(index));
        self.write(py, regions, target, style, &Signals::new())
    }

    /// Writes whole samples as FASTA, each to a file in a folder. `tell` is called with the number of each sample that is
    /// there, its path, and whether its name is shortened.
    fn export_each(
        &self,
        py: Python<'_>,
        samples: Vec<Bound<'_, PyString>>,
        folder: PathBuf,
        style: PyStyle,
        replace: bool,
        tell: Py<PyAny>,
    ) -> PyResult<()> {
        let names = samples.iter().map(bytes).collect::<PyResult<Vec<_>>>()?;
        let find = |name: &Vec<u8>| self.core.find_sample(name).map_err(|e| raised(py, e));
        let found = names.iter().map(find).collect::<PyResult<Vec<_>>>()?;
        let signals = Signals::new();
        let mut tell = |sample: core::Exported| {
            let told = (sample.number, sample.path, sample.shortened);
            Python::attach(|py| tell.call1(py, told).map(drop).map_err(|e| signals.keep(e)))
        };
        let options = self.style(style);
        py.detach(|| {
            let regions = |number: usize| self.regions(found[number]);
            self.core.export_each(&folder, &names, regions, &options, replace, &|| signals.interrupted(), &mut tell)
        })
        .map_err(|e| signals.raise(py, e))
    }
}

impl Archive {
    /// A whole sample, which is looked up when its turn comes: all of them at once could be large.
    fn regions(&self, index: usize) -> impl Iterator<Item = Result<Region>> + Send + use<> {
        // Samples are looked up one by one as they are written: all of them at once could be large.
        let contigs = self.core.sample(index).map(|sample| sample.len());
        self.begun.fetch_add(1, Ordering::Relaxed);
        let (count, mut failure) = (contigs.as_ref().copied().unwrap_or(1), contigs.err());
        (0..count).map(move |contig| match failure.take() {
            None => Ok(Region { sample: index, contig, range: None, reverse: false, header: None }),
            Some(error) => Err(error),
        })
    }

    fn style(&self, (line_width, gzip_level, zstd_level, index): PyStyle) -> ExportOptions {
        let packing = match (gzip_level, zstd_level) {
            (0, 0) => Packing::Plain,
            (0, level) => Packing::Zstd(level),
            (level, _) => Packing::Bgzf(level),
        };
        ExportOptions { line_width, packing, index, threads: self.threads }
    }

    /// Reads without the interpreter's lock, unless that takes less time than to hand it over and back.
    fn one(&self, py: Python<'_>, stretch: &Stretch) -> Result<Vec<u8>> {
        if !self.remote && self.core.is_at_hand(stretch) {
            return self.core.fetch(stretch);
        }
        py.detach(|| self.core.fetch(stretch))
    }

    fn many<'py>(&self, py: Python<'py>, stretches: &[Stretch]) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let signals = Signals::new();
        let found = py.detach(|| self.core.fetch_many(stretches, self.threads, &|| signals.interrupted()));
        let found = found.map_err(|e| signals.raise(py, e))?;
        Ok(found.into_iter().map(|bases| PyBytes::new(py, &bases)).collect())
    }

    fn named(&self, (sample, contig, start, end): &PyNamed<'_>, reverse: bool) -> PyResult<Option<Stretch>> {
        let (py, names) = (sample.py(), (bytes(sample)?, bytes(contig)?));
        let find = || self.core.stretch(&names.0, &names.1, *start..*end, reverse);
        let index = self.core.find_sample(&names.0);
        let known = index.is_ok_and(|index| self.core.sample_at_hand(index).is_some());
        unexplained(py, if known { find() } else { py.detach(find) })
    }

    fn write(
        &self,
        py: Python<'_>,
        regions: impl Iterator<Item = Result<Region>> + Send,
        target: Option<PathBuf>,
        style: PyStyle,
        signals: &Signals,
    ) -> PyResult<()> {
        let target = target.map_or(Target::Stdout, Target::File);
        let options = self.style(style);
        py.detach(|| self.core.export(regions, &target, &options, &|| signals.interrupted()))
            .map_err(|e| signals.raise(py, e))
    }
}

/// None for an error that is to be explained by those who look closer; not so if the source has told why.
fn unexplained<T>(py: Python<'_>, found: Result<T>) -> PyResult<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error @ panarc_core::Error::Source(_)) => Err(raised(py, error)),
        Err(_) => Ok(None),
    }
}
