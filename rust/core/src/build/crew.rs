//! The threads that work, and what is on their table.

use std::sync::PoisonError;
use std::time::Duration;

use super::stats::Clock;
use crate::error::{Error, Result};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard, Receiver, Sender, bounded, item_or_nudge, unbounded};

/// How long a waiting thread sleeps before it looks whether it was told to stop.
const PATIENCE: Duration = Duration::from_millis(50);

/// A lock whose poison is ignored: a panic is reported through [`Table::fail`], after which nothing is used any more.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tasks, the weight of what is in flight, and the first failure.
///
/// The channel of tasks is bounded by weight, not by count: only the feeding thread waits for weight to come free, and
/// while it waits it works. So nothing can wait in a circle.
pub(super) struct Table<T> {
    tasks: Sender<T>,
    queue: Receiver<T>,
    /// Tasks that are queued or running.
    open: AtomicUsize,
    weight: AtomicUsize,
    limit: AtomicUsize,
    freed: Sender<()>,
    free: Receiver<()>,
    failed: AtomicBool,
    failure: Mutex<Option<Error>>,
    /// Time that the feeding thread slept.
    pub(super) waited: Clock,
}

impl<T> Table<T> {
    /// A table on which at most about `limit` weight lies at a time.
    pub(super) fn new(limit: usize) -> Self {
        let (tasks, queue) = unbounded();
        let (freed, free) = bounded(1);
        Table {
            tasks,
            queue,
            open: AtomicUsize::new(0),
            weight: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
            freed,
            free,
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
            waited: Clock::default(),
        }
    }

    /// Puts a task on the table; whoever is free takes it.
    pub(super) fn put(&self, task: T) {
        self.open.fetch_add(1, Ordering::AcqRel);
        // The receiver lives as long as the table.
        let _ = self.tasks.send(task);
    }

    /// Where workers take tasks.
    pub(super) fn queue(&self) -> &Receiver<T> {
        &self.queue
    }

    /// Notes that a task taken from the queue is done.
    pub(super) fn done(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            let _ = self.freed.try_send(());
        }
    }

    /// Gives weight back.
    pub(super) fn release(&self, weight: usize) {
        self.weight.fetch_sub(weight, Ordering::AcqRel);
        let _ = self.freed.try_send(());
    }

    /// Takes weight; works by `run`, or sleeps, while there is none. A single weight beyond the limit is taken when
    /// nothing else is on the table.
    ///
    /// # Errors
    /// The first failure, also of `watch`, which is asked again and again.
    pub(super) fn acquire(&self, weight: usize, run: impl FnMut(T), watch: impl Fn() -> Result<()>) -> Result<()> {
        let fits = || {
            self.weight.load(Ordering::Acquire) + weight <= self.limit.load(Ordering::Relaxed)
                || self.open.load(Ordering::Acquire) == 0
        };
        self.work_until(fits, run, watch)?;
        self.weight.fetch_add(weight, Ordering::AcqRel);
        Ok(())
    }

    /// Takes weight that there must be room for, since the work which ends in giving weight back brings it along.
    pub(super) fn burden(&self, weight: usize) {
        self.weight.fetch_add(weight, Ordering::AcqRel);
    }

    /// Halves the weight that may be on the table from now on, but leaves this much.
    pub(super) fn tighten(&self, least: usize) {
        let limit = self.limit.load(Ordering::Relaxed);
        self.limit.store((limit / 2).max(least.min(limit)), Ordering::Relaxed);
    }

    /// Weight on the table.
    pub(super) fn weight(&self) -> usize {
        self.weight.load(Ordering::Relaxed)
    }

    /// Works until nothing is left on the table.
    ///
    /// # Errors
    /// As [`Table::acquire`].
    pub(super) fn drain(&self, run: impl FnMut(T), watch: impl Fn() -> Result<()>) -> Result<()> {
        self.work_until(|| self.open.load(Ordering::Acquire) == 0, run, watch)
    }

    fn work_until(
        &self,
        reached: impl Fn() -> bool,
        mut run: impl FnMut(T),
        watch: impl Fn() -> Result<()>,
    ) -> Result<()> {
        loop {
            if self.has_failed() {
                return Err(self.take_failure());
            }
            if let Err(error) = watch() {
                self.fail(error);
                continue;
            }
            if reached() {
                return Ok(());
            }
            let task = self.queue.try_recv().ok();
            let task = task.or_else(|| self.waited.time(|| item_or_nudge(&self.queue, &self.free, PATIENCE)));
            if let Some(task) = task {
                run(task);
            }
        }
    }

    /// Notes a failure; only the first counts. From now on tasks are dropped instead of run.
    pub(super) fn fail(&self, error: Error) {
        lock(&self.failure).get_or_insert(error);
        self.failed.store(true, Ordering::Release);
        let _ = self.freed.try_send(());
    }

    /// Whether anything failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// The reason why work was given up: the first failure, if it was not told yet.
    pub(super) fn reason(&self) -> Error {
        lock(&self.failure).take().unwrap_or(Error::Interrupted)
    }

    /// The first failure, for the caller; later calls are told only that there was one.
    pub(super) fn take_failure(&self) -> Error {
        lock(&self.failure).take().unwrap_or_else(|| Error::Parameter("the build has failed before".into()))
    }
}
