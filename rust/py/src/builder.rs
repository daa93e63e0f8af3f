//! `panarc._core.Builder`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use panarc_core::archive::{Archive, ReadOptions};
use panarc_core::build::{Builder as Core, DigestChoice, Level, Options, default_limit};
use panarc_core::codec::MOST;
use panarc_core::fasta::{MissingEof, Source};
use panarc_core::{Error, Result, Target};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyString};

use crate::errors::raised;
use crate::inputs::split_of;
use crate::names::{bytes, text};
use crate::signals::Signals;

/// How the archive is read that another one goes on from: each of its parts is wanted once.
fn reading(memory_limit: u64) -> ReadOptions {
    ReadOptions {
        cache_bytes: 2 << 20,
        collection_bytes: 2 << 20,
        remote_bytes: 0,
        part_bytes: memory_limit.min(MOST),
        ..ReadOptions::default()
    }
}

/// Builds an archive; see `panarc.Builder`.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Builder {
    core: Mutex<Option<Core>>,
    signals: Signals,
    bases: Arc<AtomicU64>,
    taken: Arc<AtomicU64>,
    memory_limit: u64,
    /// The process that made it.
    pid: u32,
}

impl Builder {
    /// Refuses a forked child, before it could wait for a lock that a thread of its parent held.
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if std::process::id() == self.pid {
            return Ok(());
        }
        Err(raised(py, Error::Parameter("a builder cannot be used in a forked process".into())))
    }

    /// What builds, unless a call is at work with it: a handler of signals runs inside that, and must not wait for it.
    fn lock(&self) -> Result<MutexGuard<'_, Option<Core>>> {
        match self.core.try_lock() {
            Ok(core) => Ok(core),
            Err(TryLockError::Poisoned(core)) => Ok(core.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::Parameter("another call of the builder has not ended yet".into()))
            }
        }
    }

    /// Runs `work` without the interpreter's lock. An error ends the build.
    fn run<R: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Core) -> Result<R> + Send) -> PyResult<R> {
        self.check_process(py)?;
        py.detach(|| match self.lock()?.as_mut() {
            Some(builder) => work(builder),
            None => Err(closed()),
        })
        .map_err(|e| self.signals.raise(py, e))
    }
}

/// FASTA files, each opened when its turn comes.
fn sources(paths: &[PathBuf], allow_missing_eof: bool) -> impl Iterator<Item = Result<Source>> {
    let missing_eof = MissingEof::allowed(allow_missing_eof);
    paths.iter().map(move |path| Ok(Source::from_arg(path)?.missing_eof(missing_eof)))
}

fn closed() -> Error {
    Error::Parameter("the builder is closed".into())
}

#[pymethods]
impl Builder {
    #[new]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    #[pyo3(signature = (target, *, base, k, min_match, segment_size, pack_cardinality, threads, memory_limit, level, keep_case, digests, md5, overwrite=false, wait=0.0, skip_existing=false))]
    fn new(
        py: Python<'_>,
        target: Option<PathBuf>,
        base: Option<PathBuf>,
        k: Option<u32>,
        min_match: Option<u32>,
        segment_size: Option<u32>,
        pack_cardinality: Option<u32>,
        threads: usize,
        memory_limit: Option<u64>,
        level: &str,
        keep_case: bool,
        digests: &str,
        md5: bool,
        overwrite: bool,
        wait: f64,
        skip_existing: bool,
    ) -> PyResult<Self> {
        let target = target.map_or(Target::Stdout, Target::File);
        let level = Level::ALL.iter().find(|(name, _)| *name == level).map(|(_, level)| *level);
        let level = level.ok_or_else(|| raised(py, Error::Parameter("there is no such level".into())))?;
        let digests = DigestChoice::ALL.iter().find(|(name, _)| *name == digests).map(|(_, choice)| *choice);
        let digests =
            digests.ok_or_else(|| raised(py, Error::Parameter("there is no such choice of digests".into())))?;
        let options = Options {
            k,
            min_match,
            segment_size,
            pack_cardinality,
            threads,
            memory_limit,
            level,
            keep_case,
            digests,
            md5,
            overwrite,
            wait: Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX / 2),
            skip_existing,
        };
        let signals = Signals::new();
        let asked = signals.clone();
        let interrupt = Arc::new(move || asked.interrupted());
        let core = py.detach(|| match base {
            Some(base) => {
                let read = reading(memory_limit.unwrap_or_else(default_limit));
                Core::append(|| Archive::open(&base, &read), &target, options, interrupt)
            }
            None => Core::create(&target, options, interrupt),
        });
        let core = core.map_err(|e| signals.raise(py, e))?;
        Ok(Builder {
            bases: core.bases(),
            taken: core.taken(),
            memory_limit: core.memory_limit(),
            core: Mutex::new(Some(core)),
            signals,
            pid: std::process::id(),
        })
    }

    /// Bases taken so far; may be asked while another thread is in a method.
    #[getter]
    fn bases(&self) -> u64 {
        self.bases.load(Ordering::Relaxed)
    }

    /// Bytes that the process may have resident.
    #[getter]
    fn memory_limit(&self) -> u64 {
        self.memory_limit
    }

    /// Bytes of input files taken so far, as they are stored.
    #[getter]
    fn bytes_taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Adds FASTA files (`-`: standard input) as one sample; the number of contigs.
    fn add_fasta(&self, py: Python<'_>, paths: Vec<PathBuf>, sample: &str, allow_missing_eof: bool) -> PyResult<u64> {
        self.run(py, |core| core.add_fasta(sources(&paths, allow_missing_eof), sample))
    }

    /// Adds FASTA files whose records tell their samples; the number of samples.
    fn add_records(&self, py: Python<'_>, paths: Vec<PathBuf>, split: &str, allow_missing_eof: bool) -> PyResult<u64> {
        let split = split_of(split).map_err(|e| raised(py, e))?;
        self.run(py, |core| core.add_records(sources(&paths, allow_missing_eof), split))
    }

    /// Whether a sample is there already and is to be passed over.
    fn passes_over(&self, py: Python<'_>, sample: &Bound<'_, PyString>) -> PyResult<bool> {
        let Ok(sample) = sample.to_cow() else { return Ok(false) };
        self.run(py, |core| Ok(core.passes_over(&sample)))
    }

    /// The samples that were passed over.
    fn skipped(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.run(py, |core| Ok(core.skipped().to_vec()))
    }

    fn begin_sample(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<()> {
        let name = bytes(name)?;
        self.run(py, |core| core.begin_sample(&name))
    }

    fn begin_contig(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyResult<()> {
        let name = bytes(name)?;
        self.run(py, |core| core.begin_contig(&name))
    }

    /// Adds IUPAC letters to the contig.
    fn write(&self, py: Python<'_>, letters: &[u8]) -> PyResult<()> {
        self.run(py, |core| core.write(letters))
    }

    fn end_contig(&self, py: Python<'_>) -> PyResult<()> {
        self.run(py, Core::end_contig)
    }

    fn end_sample(&self, py: Python<'_>) -> PyResult<()> {
        self.run(py, Core::end_sample)
    }

    /// Completes the archive; counts by name.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.check_process(py)?;
        let stats = py.detach(|| {
            let core = self.lock()?.take();
            core.ok_or_else(closed)?.finish()
        });
        let stats = stats.map_err(|e| self.signals.raise(py, e))?;
        let counts = PyDict::new(py);
        let numbers = [
            ("samples", stats.samples),
            ("contigs", stats.contigs),
            ("bases", stats.bases),
            ("segments", stats.segments),
            ("groups", stats.groups),
            ("archive_bytes", stats.archive_bytes),
            ("input_bytes", stats.input_bytes),
            ("spilled_bytes", stats.spilled),
            ("memory_limit", stats.memory_limit),
            ("unrelated_samples", stats.unrelated_samples),
        ];
        for (name, number) in numbers {
            counts.set_item(name, number)?;
        }
        counts.set_item("mapped_sparsely", stats.mapped_sparsely)?;
        let unrelated = stats.unrelated.iter().map(|name| text(py, name)).collect::<PyResult<Vec<_>>>()?;
        counts.set_item("unrelated", unrelated)?;
        counts.set_item("elapsed", stats.elapsed)?;
        counts.set_item("waited", stats.waited.into_py_dict(py)?)?;
        counts.set_item("seconds", stats.seconds.into_py_dict(py)?)?;
        counts.set_item("peak_bytes", stats.peaks.into_py_dict(py)?)?;
        Ok(counts)
    }

    /// Gives up: nothing is left behind. Does nothing after `finish`.
    fn abort(&self, py: Python<'_>) {
        // In a forked child another thread of the parent may hold the lock for ever; what it guards is the parent's.
        if self.check_process(py).is_err() {
            return;
        }
        py.detach(|| match self.lock() {
            Ok(mut core) => drop(core.take()),
            // The call that is at work ends the build when it hears of it.
            Err(error) => drop(self.signals.keep(Python::attach(|py| raised(py, error)))),
        });
    }
}
