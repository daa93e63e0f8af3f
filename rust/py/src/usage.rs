//! Where an archive's bytes went, as Python takes it.

use panarc_core::archive::Usage;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

/// Cells of the first sample, samples in a row; of each row bytes and segments by cell, and elsewhere.
type PyAlong = (Vec<u64>, u64, Vec<(Vec<u64>, Vec<u64>, u64, u64)>);

/// Bytes by kind; of each group number, segments, deltas, packs, bytes of its reference and of its packs; of each sample
/// contigs, bases, segments, and its shares of references and of packs; what was spent along the first sample.
pub(crate) type PyUsage<'py> =
    (Bound<'py, PyDict>, Vec<(u32, u64, u64, u64, u64, u64)>, Vec<(u64, u64, u64, u64, u64)>, Option<PyAlong>);

pub(crate) fn usage_of(py: Python<'_>, usage: Usage) -> PyResult<PyUsage<'_>> {
    let groups =
        usage.groups.iter().map(|g| (g.group, g.segments, g.deltas, g.packs, g.reference_bytes, g.delta_bytes));
    let samples = usage.samples.iter().map(|s| (s.contigs, s.bases, s.segments, s.reference_bytes, s.delta_bytes));
    let along = usage.along.map(|along| {
        let rows = along.rows.into_iter();
        let rows = rows.map(|row| (row.bytes, row.segments, row.elsewhere_bytes, row.elsewhere_segments));
        (along.cells, along.samples, rows.collect())
    });
    Ok((usage.bytes.by_name().into_py_dict(py)?, groups.collect(), samples.collect(), along))
}
