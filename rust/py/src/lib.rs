//! The Python module `panarc._core`: a thin face of `panarc-core`. What users see is in `python/panarc`.

mod archive;
mod buffer;
mod builder;
mod errors;
mod inputs;
mod names;
mod process;
mod remote;
mod repair;
mod report;
mod sample;
mod signals;
mod stretch;
mod usage;
mod write;

/// Native part of panarc.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::archive::Archive;
    #[pymodule_export]
    use crate::builder::Builder;
    #[pymodule_export]
    use crate::inputs::{Text, fasta_files, first_word, parse_input, read_list, sample_name};
    #[pymodule_export]
    use crate::process::keep_memory_low;
    #[pymodule_export]
    use crate::repair::repair;
    #[pymodule_export]
    use crate::sample::Sample;
    #[pymodule_export]
    use crate::write::{named_packing, write_text};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
