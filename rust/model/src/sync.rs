//! What `sync.rs` of the core offers, by shuttle.

use std::sync::Arc;
use std::time::Duration;

pub(crate) use crate::channel::{Receiver, Sender, bounded, unbounded};
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic};
pub(crate) use shuttle::thread;

/// Waits without an end of patience: a wake-up that got lost is a schedule that never ends.
pub(crate) fn item_or_nudge<T>(items: &Receiver<T>, nudges: &Receiver<()>, _patience: Duration) -> Option<T> {
    loop {
        if let Ok(item) = items.try_recv() {
            return Some(item);
        }
        if nudges.try_recv().is_ok() {
            return None;
        }
        thread::yield_now();
    }
}

/// Waits without an end of patience, too.
pub(crate) fn item_within<T>(items: &Receiver<T>, _patience: Duration) -> Option<T> {
    items.recv().ok()
}

pub(crate) fn start<'scope>(scope: &'scope thread::Scope<'scope, '_>, run: impl FnOnce() + Send + 'scope) -> bool {
    scope.spawn(run);
    true
}

/// Nothing here waits for what is far away.
pub(crate) fn start_until<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    _flag: Arc<atomic::AtomicBool>,
    run: impl FnOnce() + Send + 'scope,
) -> bool {
    start(scope, run)
}
