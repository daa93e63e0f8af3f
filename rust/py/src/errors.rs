//! From the core's errors to the exceptions of `panarc.errors`.

use panarc_core::Error;
use panarc_core::error::os_error;
use pyo3::PyErrArguments;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The system's number for what is there already; the same on all systems.
const EEXIST: i32 = 17;

/// The exception for an error of the core.
pub(crate) fn raised(py: Python<'_>, error: Error) -> PyErr {
    let error = match error {
        // What an object of Python has raised passes as it is.
        Error::Source(source) => match source.downcast::<PyErr>() {
            Ok(error) => return *error,
            Err(source) => Error::Source(source),
        },
        other => other,
    };
    let message = error.to_string();
    let name = match &error {
        Error::Io { source, .. } => {
            let name = if source.kind() == std::io::ErrorKind::NotFound { "MissingFileError" } else { "FileError" };
            return exception(py, name, (os_error(source), message));
        }
        Error::Taken { .. } => return exception(py, "FileError", (EEXIST, message)),
        Error::Source(_) => return exception(py, "RemoteError", (None::<i32>, message)),
        Error::Input(_) => "InputError",
        Error::Corrupt(_) => "CorruptArchiveError",
        Error::Version { .. } => "UnsupportedVersionError",
        Error::NoSample { .. } => "SampleNotFoundError",
        Error::NoContig { .. } => "ContigNotFoundError",
        Error::SeveralContigs { .. } => "AmbiguousContigError",
        Error::Range { .. } => "RangeError",
        Error::Duplicate(_) => "DuplicateError",
        Error::Parameter(_) => "ParameterError",
        Error::MemoryLimit { .. } => "MemoryLimitError",
        Error::Interrupted => return PyKeyboardInterrupt::new_err(()),
        _ => "InternalError",
    };
    exception(py, name, (message,))
}

fn exception(py: Python<'_>, name: &str, args: impl PyErrArguments + 'static) -> PyErr {
    match py.import("panarc.errors").and_then(|module| module.getattr(name)) {
        Ok(class) => match class.cast_into::<PyType>() {
            Ok(class) => PyErr::from_type(class, args),
            Err(error) => error.into(),
        },
        Err(error) => error,
    }
}
