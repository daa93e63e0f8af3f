//! Buffers that come back to be used again.

use crossbeam_channel::{Receiver, Sender, bounded};

/// Emptied buffers on their way back.
pub(super) struct Pool<T> {
    back: Sender<T>,
    next: Receiver<T>,
}

impl<T: Default> Pool<T> {
    pub(super) fn new(size: usize) -> Self {
        let (back, next) = bounded(size);
        Pool { back, next }
    }

    pub(super) fn take(&self) -> T {
        self.next.try_recv().unwrap_or_default()
    }

    /// Frees all that is there.
    pub(super) fn clear(&self) {
        self.next.try_iter().for_each(drop);
    }

    pub(super) fn give(&self, item: T) {
        let _ = self.back.try_send(item);
    }
}
