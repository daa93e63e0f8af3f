//! Names and lists of input files. Paths go to Python as text: to make a `Path` takes a module that is slow to load.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use panarc_core::fasta::{self, Split};
use panarc_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::errors::raised;
use crate::names::{bytes, text};
use crate::signals::Signals;

/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;

/// Text of a file or of standard input (`-`), decompressed as FASTA would be, without a byte order mark.
#[pyclass(frozen, module = "panarc._core")]
pub(crate) struct Text {
    text: Mutex<fasta::Text>,
    signals: Signals,
}

#[pymethods]
impl Text {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Text> {
        let signals = Signals::new();
        let asked = signals.clone();
        let source = py.detach(|| fasta::Source::from_arg(&path)).map_err(|e| raised(py, e))?;
        let source = source.interruptible(Arc::new(move || asked.interrupted()));
        Ok(Text { text: Mutex::new(fasta::Text::new(source)), signals })
    }

    /// The next bytes, at most so many; none at the end.
    fn read<'py>(&self, py: Python<'py>, most: usize) -> PyResult<Bound<'py, PyBytes>> {
        let mut piece = vec![0; most.min(PIECE)];
        let filled = py.detach(|| self.text.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut piece));
        let filled = filled.map_err(|e| self.signals.raise(py, e))?;
        Ok(PyBytes::new(py, &piece[..filled]))
    }
}

/// The name in a header: its first word.
#[pyfunction]
pub(crate) fn first_word<'py>(py: Python<'py>, header: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    text(py, fasta::first_word(&bytes(header)?))
}

/// The way to split of this name.
pub(crate) fn split_of(name: &str) -> Result<Split> {
    let split = Split::ALL.iter().find(|(known, _)| *known == name).map(|(_, split)| *split);
    split.ok_or_else(|| Error::Parameter("there is no such way to split".into()))
}

/// Sample name that AGC derives from a file name.
#[pyfunction]
pub(crate) fn sample_name(path: PathBuf) -> String {
    fasta::sample_name(&path)
}

/// Path and, where it is given, sample name of an argument `path` or `name=path`.
#[pyfunction]
pub(crate) fn parse_input(argument: PathBuf) -> (OsString, Option<String>) {
    // What is not UTF-8 can only be a path: names are text.
    match argument.to_str().map(fasta::InputFile::parse) {
        Some(input) => (input.path.into(), input.sample),
        None => (argument.into(), None),
    }
}

/// A path, the name of its sample, and the line that it is from.
type Listed = (OsString, Option<String>, Option<u64>);

/// Paths and sample names that a list file holds, with their lines.
#[pyfunction]
pub(crate) fn read_list(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Listed>> {
    let list = py.detach(|| fasta::read_list(Path::new(&path))).map_err(|e| raised(py, e))?;
    Ok(list.into_iter().map(|input| (input.path.into(), input.sample, input.line)).collect())
}

/// The FASTA files in a folder, sorted by name.
#[pyfunction]
pub(crate) fn fasta_files(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<OsString>> {
    let files = py.detach(|| fasta::fasta_files(&folder)).map_err(|e| raised(py, e))?;
    Ok(files.into_iter().map(PathBuf::into_os_string).collect())
}
