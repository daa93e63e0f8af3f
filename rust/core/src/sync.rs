//! Locks, threads and channels of the parts that a model checker looks at: it puts its own in their place (rust/model).

use std::time::Duration;

use crossbeam_channel::select;

pub(crate) use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};
pub(crate) use std::thread;

/// What comes first: an item, a nudge, or the end of patience.
pub(crate) fn item_or_nudge<T>(items: &Receiver<T>, nudges: &Receiver<()>, patience: Duration) -> Option<T> {
    select! {
        recv(items) -> item => item.ok(),
        recv(nudges) -> _ => None,
        default(patience) => None,
    }
}

/// Starts a thread, if the system has one.
pub(crate) fn start<'scope>(scope: &'scope thread::Scope<'scope, '_>, run: impl FnOnce() + Send + 'scope) -> bool {
    thread::Builder::new().spawn_scoped(scope, run).is_ok()
}
