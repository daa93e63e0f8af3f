//! What was found out about an archive, as Python takes it.

use panarc_core::archive::{Finding, Report};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

/// Counts by name; notes; findings; differences: of each sample, contig, group, stream, part and what is wrong.
pub(crate) type PyReport<'py> = (Bound<'py, PyDict>, Vec<String>, Vec<PyFinding>, Vec<PyFinding>);

pub(crate) type PyFinding = (Option<String>, Option<String>, Option<u32>, Option<String>, Option<u64>, String);

pub(crate) fn finding(Finding { place, group }: Finding) -> PyFinding {
    (place.sample, place.contig, group, place.stream, place.part, place.message)
}

pub(crate) fn report(py: Python<'_>, report: Report) -> PyResult<PyReport<'_>> {
    let counts = [
        ("samples", report.samples),
        ("samples_lost", report.samples_lost),
        ("contigs", report.contigs),
        ("contigs_damaged", report.contigs_damaged),
        ("digests", report.digests),
        ("compared", report.compared),
        ("bases", report.bases),
    ];
    let told = |findings: Vec<Finding>| findings.into_iter().map(finding).collect();
    Ok((counts.into_py_dict(py)?, report.notes, told(report.findings), told(report.differences)))
}
