//! Archives that an object of Python reads: see `panarc.remote`.

use std::ops::Range;
use std::sync::Arc;

use panarc_core::container::{ByteSource, RangeReader, RemoteSource};
use panarc_core::stop::given_up;
use panarc_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction, PyList};

/// An object with `read_ranges([(start, end), ...], given_up)`, which gives a list of bytes, and raises when `given_up()`
/// is true: then nobody wants them any more.
struct Object(Py<PyAny>);

impl RangeReader for Object {
    fn read_ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Vec<u8>>> {
        Python::attach(|py| {
            let ranges: Vec<_> = ranges.iter().map(|range| (range.start, range.end)).collect();
            let given_up = PyCFunction::new_closure(py, None, None, |_, _| given_up())?;
            let found = self.0.bind(py).call_method1("read_ranges", (ranges, given_up))?;
            let found = found.cast_into::<PyList>().map_err(PyErr::from)?;
            found.iter().map(|bytes| Ok(bytes.cast::<PyBytes>()?.as_bytes().to_vec())).collect::<PyResult<_>>()
        })
        .map_err(|error: PyErr| Error::Source(Box::new(error)))
    }

    fn bundles(&self) -> bool {
        // What does not say has requests for single ranges.
        Python::attach(|py| self.0.bind(py).getattr("bundles").and_then(|told| told.extract())).unwrap_or(false)
    }

    fn look(&self) -> Result<()> {
        Python::attach(|py| py.check_signals()).map_err(|error| Error::Source(Box::new(error)))
    }
}

/// What reads by way of an object; it also has `name`, `size`, and what it has read already of the end in `tail`.
pub(crate) fn source(object: &Bound<'_, PyAny>, cache_bytes: u64) -> PyResult<Arc<dyn ByteSource>> {
    let tail = object.getattr("tail")?;
    let (name, size) = (object.getattr("name")?.extract()?, object.getattr("size")?.extract()?);
    let tail = tail.cast::<PyBytes>()?.as_bytes().to_vec();
    Ok(Arc::new(RemoteSource::new(Object(object.clone().unbind()), name, size, tail, cache_bytes)))
}
