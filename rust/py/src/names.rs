//! Names: text in Python, bytes in an archive. Bytes that are not UTF-8 travel as surrogates, as in file names.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// The text for a name of an archive.
pub(crate) fn text<'py>(py: Python<'py>, name: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match std::str::from_utf8(name) {
        Ok(name) => Ok(PyString::new(py, name)),
        Err(_) => Ok(PyBytes::new(py, name).call_method1("decode", ("utf-8", "surrogateescape"))?.cast_into()?),
    }
}

/// The bytes of a name given in Python.
pub(crate) fn bytes(name: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    match name.to_cow() {
        Ok(name) => Ok(name.into_owned().into_bytes()),
        Err(_) => name.call_method1("encode", ("utf-8", "surrogateescape"))?.extract(),
    }
}
