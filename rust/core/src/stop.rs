//! Whether what a thread works for is still wanted: who waits for bytes from far away, or computes for long, asks now and
//! then and gives up when it is not.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Asks the caller whether to stop.
type Ask = Arc<dyn Fn() -> bool + Send + Sync>;

thread_local! {
    static FLAG: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
    static ASK: RefCell<Option<Ask>> = const { RefCell::new(None) };
}

/// From now on this thread gives up when `flag` is set. For threads that are started for one piece of work.
pub(crate) fn give_up_when(flag: Arc<AtomicBool>) {
    FLAG.with_borrow_mut(|own| *own = Some(flag));
}

/// Runs `work` on the caller's own thread, which asks `ask` meanwhile, and gives up when `flag` is set too.
pub(crate) fn asking<R>(ask: &Ask, flag: &Arc<AtomicBool>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was there, also after a panic.
    struct Before(Option<Ask>, Option<Arc<AtomicBool>>);
    impl Drop for Before {
        fn drop(&mut self) {
            ASK.set(self.0.take());
            FLAG.set(self.1.take());
        }
    }
    let _before = Before(ASK.replace(Some(Arc::clone(ask))), FLAG.replace(Some(Arc::clone(flag))));
    work()
}

/// Whether nobody wants any more what this thread works for.
#[must_use]
pub fn given_up() -> bool {
    // Not borrowed while the caller is asked: it may begin other work on this thread.
    FLAG.with_borrow(|own| own.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)))
        || ASK.with_borrow(Option::clone).is_some_and(|ask| ask())
}

/// Fails when nobody wants any more what this thread works for. To be called some times a second in long work.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn go_on() -> Result<()> {
    if given_up() { Err(Error::Interrupted) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use super::*;

    #[test]
    fn the_caller_is_asked_only_while_the_work_lasts() {
        let (flag, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let answer = Arc::clone(&asked);
        let ask: Ask = Arc::new(move || answer.load(Ordering::Relaxed));
        assert!(go_on().is_ok());
        asking(&ask, &flag, || {
            assert!(go_on().is_ok());
            asked.store(true, Ordering::Relaxed);
            assert!(matches!(go_on(), Err(Error::Interrupted)));
            // Work inside the work has its own caller, and the outer one's comes back.
            let never: Ask = Arc::new(|| false);
            asking(&never, &flag, || assert!(!given_up()));
            assert!(given_up());
            asked.store(false, Ordering::Relaxed);
            flag.store(true, Ordering::Relaxed);
            assert!(given_up());
        });
        assert!(!given_up());
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| asking(&ask, &flag, || panic!("in the work"))));
        assert!(panicked.is_err() && !given_up());
    }
}
