//! Buffers that come back to be used again.

use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Emptied buffers on their way back.
pub(super) struct Pool<T> {
    back: Sender<T>,
    next: Receiver<T>,
    closed: AtomicBool,
}

impl<T: Default> Pool<T> {
    pub(super) fn new(size: usize) -> Self {
        let (back, next) = bounded(size);
        Pool { back, next, closed: AtomicBool::new(false) }
    }

    pub(super) fn take(&self) -> T {
        self.next.try_recv().unwrap_or_default()
    }

    pub(super) fn give(&self, item: T) {
        if !self.closed.load(Ordering::Relaxed) {
            let _ = self.back.try_send(item);
        }
    }

    /// Frees all that is there; from now on nothing is kept.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.next.try_iter().for_each(drop);
    }
}
