//! `panarc._core.repair`.

use std::path::PathBuf;
use std::sync::Arc;

use panarc_core::Target;
use panarc_core::fasta::Interrupt;
use panarc_core::repair::{Action, Options, repair as core_repair};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

use crate::report::{PyFinding, PyReport, finding, report};
use crate::signals::Signals;

/// What was done, what the archive was like, what is lost, and counts by name.
type PyRepaired<'py> = (&'static str, PyReport<'py>, Vec<PyFinding>, Bound<'py, PyDict>);

/// Repairs an archive into a new one; `progress` is told how many samples were looked at.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
#[pyo3(signature = (path, target, *, threads, memory_limit, overwrite, progress))]
pub(crate) fn repair<'py>(
    py: Python<'py>,
    path: PathBuf,
    target: PathBuf,
    threads: usize,
    memory_limit: Option<u64>,
    overwrite: bool,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<PyRepaired<'py>> {
    let (signals, progress) = (Signals::new(), progress.map(Bound::unbind));
    let asked = signals.clone();
    let interrupt: Interrupt = Arc::new(move || asked.interrupted());
    let mut tell = signals.telling(progress);
    let options = Options { threads, memory_limit, overwrite };
    let found = py.detach(|| core_repair(&path, &Target::File(target), options, &interrupt, &mut tell));
    let found = found.map_err(|e| signals.raise(py, e))?;
    let action = match found.action {
        Action::Nothing => "none",
        Action::Lengths => "lengths",
        Action::Salvage => "salvage",
    };
    let counts = [
        ("samples", found.samples),
        ("contigs", found.contigs),
        ("unproven", found.unproven),
        ("case_lost", found.case_lost),
        ("lengths", found.lengths),
    ];
    let lost = found.lost.into_iter().map(finding).collect();
    Ok((action, report(py, found.report)?, lost, counts.into_py_dict(py)?))
}
