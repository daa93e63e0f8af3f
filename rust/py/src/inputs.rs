//! Names and lists of input files. Paths go to Python as text: to make a `Path` takes a module that is slow to load.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use panarc_core::fasta::{self, Split};
use panarc_core::{Error, Result};
use pyo3::prelude::*;

use crate::errors::raised;

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

/// Paths and sample names that a list file holds.
#[pyfunction]
pub(crate) fn read_list(py: Python<'_>, path: PathBuf) -> PyResult<Vec<(OsString, Option<String>)>> {
    let list = py.detach(|| fasta::read_list(Path::new(&path))).map_err(|e| raised(py, e))?;
    Ok(list.into_iter().map(|input| (input.path.into(), input.sample)).collect())
}

/// The FASTA files in a folder, sorted by name.
#[pyfunction]
pub(crate) fn fasta_files(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<OsString>> {
    let files = py.detach(|| fasta::fasta_files(&folder)).map_err(|e| raised(py, e))?;
    Ok(files.into_iter().map(PathBuf::into_os_string).collect())
}
