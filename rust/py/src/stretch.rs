//! Stretches of contigs, and records, as they come from Python.

use panarc_core::archive::{Region, Stretch};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::names::bytes;
use crate::sample::Sample;

/// Sample, contig, start, end, whether the other strand is wanted.
pub(crate) type PyStretch<'py> = (Bound<'py, Sample>, usize, u64, u64, bool);

/// A stretch, and the header of its record; None for the contig's own.
type PyRecord<'py> = (PyStretch<'py>, Option<Bound<'py, PyString>>);

/// Sample, contig, start, end: names and positions.
pub(crate) type PyNamed<'py> = (Bound<'py, PyString>, Bound<'py, PyString>, u64, u64);

pub(crate) fn native((sample, contig, start, end, reverse): PyStretch<'_>) -> PyResult<Stretch> {
    let sample = sample.get().place_of(sample.py(), contig)?;
    Ok(Stretch { sample, contig, range: start..end, reverse })
}

pub(crate) fn region(record: &Bound<'_, PyAny>) -> PyResult<Region> {
    let (stretch, header): PyRecord<'_> = record.extract()?;
    let Stretch { sample, contig, range, reverse } = native(stretch)?;
    let header = header.map(|header| bytes(&header)).transpose()?;
    Ok(Region { sample, contig, range: Some(range), reverse, header })
}
