//! Whether what a thread waits for is still wanted: who waits for bytes from far away gives up when it is not.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static FLAG: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// From now on this thread gives up waiting when `flag` is set. For threads that are started for one piece of work.
pub(crate) fn give_up_when(flag: Arc<AtomicBool>) {
    FLAG.with_borrow_mut(|own| *own = Some(flag));
}

/// Whether nobody wants any more what this thread works for.
#[must_use]
pub fn given_up() -> bool {
    FLAG.with_borrow(|own| own.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)))
}
