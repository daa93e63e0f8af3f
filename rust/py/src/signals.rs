//! Ctrl-C while the core works without the interpreter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::errors::raised;

/// How often the interpreter is asked at most.
const INTERVAL: Duration = Duration::from_millis(50);

/// Asks the interpreter for signals, and keeps the exception that a signal raised.
#[derive(Clone)]
pub(crate) struct Signals {
    state: Arc<Mutex<(Instant, Option<PyErr>)>>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Signals { state: Arc::new(Mutex::new((Instant::now(), None))) }
    }

    /// Whether a signal asks to stop. Must be called without the interpreter's lock.
    pub(crate) fn interrupted(&self) -> bool {
        let lock = || self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = lock();
        if state.1.is_some() || state.0.elapsed() < INTERVAL {
            return state.1.is_some();
        }
        state.0 = Instant::now();
        // A handler of signals may come here again, and another thread may wait for this lock with the interpreter's.
        drop(state);
        let raised = Python::attach(|py| py.check_signals().err());
        let mut state = lock();
        if raised.is_some() {
            state.1 = raised;
        }
        state.1.is_some()
    }

    /// Keeps an exception that ends the work for another reason: the core is to say that it was interrupted.
    pub(crate) fn keep(&self, error: PyErr) -> panarc_core::Error {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(error);
        panarc_core::Error::Interrupted
    }

    /// Tells a Python function, if there is one, how far work is; what it raises ends the work.
    pub(crate) fn telling(&self, progress: Option<Py<PyAny>>) -> impl FnMut(u64) -> panarc_core::Result<()> + Send {
        let signals = self.clone();
        let mut told = 0;
        move |done| match &progress {
            Some(progress) if done != told => {
                told = done;
                Python::attach(|py| progress.call1(py, (done,)).map(drop).map_err(|e| signals.keep(e)))
            }
            _ => Ok(()),
        }
    }

    /// The signal's exception, or the one for the core's error.
    pub(crate) fn raise(&self, py: Python<'_>, error: panarc_core::Error) -> PyErr {
        let kept = self.state.lock().unwrap_or_else(PoisonError::into_inner).1.take();
        match (kept, error) {
            (Some(kept), panarc_core::Error::Interrupted) => kept,
            (_, error) => raised(py, error),
        }
    }
}
