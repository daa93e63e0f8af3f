//! Whether what a thread waits or works for is still wanted: who waits for bytes from far away, or has long work to do,
//! gives up when it is not.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

type Asked = Rc<dyn Fn() -> bool>;

thread_local! {
    static ASKED: RefCell<Option<Asked>> = const { RefCell::new(None) };
}

/// From now on this thread gives up when `flag` is set. For threads that are started for one piece of work.
pub(crate) fn give_up_when(flag: Arc<AtomicBool>) {
    ASKED.set(Some(Rc::new(move || flag.load(Ordering::Relaxed))));
}

/// Until the result is dropped this thread gives up when `asked` says so. It is asked many times a second, so it should
/// be quick, and what it calls may ask in turn.
pub(crate) fn give_up_if(asked: impl Fn() -> bool + 'static) -> Asking {
    Asking { before: ASKED.replace(Some(Rc::new(asked))) }
}

/// Whom the thread asked before.
pub(crate) struct Asking {
    before: Option<Asked>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKED.set(self.before.take());
    }
}

/// Whether nobody wants any more what this thread works for.
#[must_use]
pub fn given_up() -> bool {
    // What is asked may run a handler of signals, and that may work on this thread as well.
    let asked = ASKED.with_borrow(Option::clone);
    asked.is_some_and(|asked| asked())
}

/// Ends work that nobody wants any more.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn go_on() -> Result<()> {
    if given_up() { Err(Error::Interrupted) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn whoever_began_last_is_asked() {
        assert!(!given_up());
        let wanted = Rc::new(Cell::new(true));
        let asked = Rc::clone(&wanted);
        let outer = give_up_if(move || !asked.get());
        assert!(go_on().is_ok());
        wanted.set(false);
        {
            // Asks in turn, as a handler of signals may.
            let _inner = give_up_if(|| {
                let _nested = give_up_if(|| true);
                !given_up()
            });
            assert!(!given_up());
        }
        assert!(matches!(go_on(), Err(Error::Interrupted)));
        drop(outer);
        assert!(!given_up());
    }
}
