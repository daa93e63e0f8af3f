//! Bytes that are being decoded, by all threads together: who would exceed them waits for others to be done.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cache::Look;
use crate::error::{Error, Result};
use crate::stop::given_up;

/// How long to sleep before looking whether the work is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

thread_local! {
    /// Passes that this thread holds.
    static HELD: Cell<u32> = const { Cell::new(0) };
}

/// Bounds what is decoded and not yet in a cache, or no more in one.
pub(super) struct Gate {
    most: u64,
    look: Look,
    used: Mutex<u64>,
    freed: Condvar,
}

/// Leave to hold some bytes, until it is dropped.
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    bytes: u64,
    /// It counts for the thread that asked for it.
    _thread: PhantomData<*const ()>,
}

impl Gate {
    /// A gate for about `most` bytes at a time. Who waits calls `look` now and then.
    pub(super) fn new(most: u64, look: Look) -> Gate {
        Gate { most, look, used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Bytes that may be decoded at a time.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Waits until there is room for `bytes`. A thread that holds a pass gets another at once, so that threads never wait
    /// for each other in a circle; and what is larger than all the room is let through when nothing else is on its way.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when nobody wants any more what this thread works for, and what the look returns.
    pub(super) fn enter(&self, bytes: u64) -> Result<Pass<'_>> {
        let mut used = self.lock();
        if HELD.get() == 0 {
            while *used > 0 && used.saturating_add(bytes) > self.most {
                let waited = self.freed.wait_timeout(used, PATIENCE).unwrap_or_else(PoisonError::into_inner);
                used = waited.0;
                if waited.1.timed_out() {
                    drop(used);
                    if given_up() {
                        return Err(Error::Interrupted);
                    }
                    (self.look)()?;
                    used = self.lock();
                }
            }
        }
        *used += bytes;
        drop(used);
        HELD.set(HELD.get() + 1);
        Ok(Pass { gate: self, bytes, _thread: PhantomData })
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Adds what turned out to be needed besides.
    pub(super) fn grow(&mut self, bytes: u64) {
        *self.gate.lock() += bytes;
        self.bytes += bytes;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.gate.lock() -= self.bytes;
        self.gate.freed.notify_all();
        HELD.set(HELD.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    #[test]
    fn threads_together_hold_no_more_than_may_be() {
        let gate = Gate::new(100, Arc::new(|| Ok(())));
        let (now, peak) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let pass = gate.enter(40).unwrap();
                        peak.fetch_max(now.fetch_add(40, Ordering::SeqCst) + 40, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(40, Ordering::SeqCst);
                        drop(pass);
                    }
                });
            }
        });
        assert!(peak.load(Ordering::SeqCst) <= 100);
        assert_eq!(*gate.lock(), 0);
    }

    #[test]
    fn what_is_larger_than_the_room_goes_alone_and_the_second_of_a_thread_at_once() {
        let gate = Gate::new(100, Arc::new(|| Ok(())));
        let mut first = gate.enter(1000).unwrap();
        let second = gate.enter(50).unwrap();
        first.grow(7);
        assert_eq!(*gate.lock(), 1057);
        drop(first);
        assert_eq!(*gate.lock(), 50);
        drop(second);
        assert_eq!(*gate.lock(), 0);
    }
}
