//! Locks, threads and channels of the parts that a model checker looks at: it puts its own in their place (rust/model).

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::select;

use crate::stop::give_up_when;

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

/// The next item; none at the end of patience.
pub(crate) fn item_within<T>(items: &Receiver<T>, patience: Duration) -> Option<T> {
    items.recv_timeout(patience).ok()
}

/// Starts a thread, if the system has one.
pub(crate) fn start<'scope>(scope: &'scope thread::Scope<'scope, '_>, run: impl FnOnce() + Send + 'scope) -> bool {
    thread::Builder::new().spawn_scoped(scope, run).is_ok()
}

/// As [`start`], for work that nobody wants any more when `flag` is set.
pub(crate) fn start_until<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    flag: Arc<atomic::AtomicBool>,
    run: impl FnOnce() + Send + 'scope,
) -> bool {
    start(scope, || {
        give_up_when(flag);
        run();
    })
}
