//! Work on several threads whose results are taken in order, so that output is the same for any number of them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, Receiver, Sender, item_within, start_until, thread, unbounded};

/// How often who waits looks whether that was interrupted.
const PATIENCE: Duration = Duration::from_millis(50);

/// Buffers that were used and may be used again.
#[derive(Default)]
pub(super) struct Buffers {
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Buffers {
    /// An empty buffer.
    pub(super) fn take(&self) -> Vec<u8> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub(super) fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

type Numbered<T> = (usize, T);

/// Jobs on their way, and results that wait for those before them.
struct Line<J, R> {
    jobs: Sender<Numbered<J>>,
    queue: Receiver<Numbered<J>>,
    finished: Receiver<Numbered<Result<R>>>,
    /// Results from number `first` on; `None` is still being worked on.
    results: VecDeque<Option<Result<R>>>,
    first: usize,
    /// Set when nobody wants the results any more.
    over: Arc<AtomicBool>,
}

/// Does the jobs of `items` on `threads` threads, the caller's among them, and gives `sink` the results in order, each as
/// soon as those before it are taken. At most `most` are on their way at a time. The first error in order ends it.
///
/// # Errors
/// [`Error::Interrupted`] when `interrupted` says so while results are waited for; what `items`, `work` or `sink` return; [`Error::Internal`] when `work` panics.
pub(super) fn in_order<J: Send, R: Send>(
    (threads, most): (usize, usize),
    interrupted: &dyn Fn() -> bool,
    mut items: impl Iterator<Item = Result<J>>,
    work: impl Fn(J) -> Result<R> + Sync,
    mut sink: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let work = |job| {
        catch_unwind(AssertUnwindSafe(|| work(job)))
            .unwrap_or_else(|_| Err(Error::Internal("a thread that reads panicked".into())))
    };
    let (jobs, queue) = unbounded();
    let (done, finished) = unbounded();
    thread::scope(|scope| {
        // The line goes first when this ends, however it ends: then the threads find no job, and no one to tell.
        let over = Arc::new(AtomicBool::new(false));
        let mut line = Line { jobs, queue, finished, results: VecDeque::new(), first: 0, over: Arc::clone(&over) };
        let (mut workers, mut more) = (1, true);
        loop {
            while more && line.results.len() < most {
                match items.next() {
                    Some(Ok(job)) => {
                        let _ = line.jobs.send((line.first + line.results.len(), job));
                        line.results.push_back(None);
                        if workers < threads && line.results.len() > 1 {
                            let (queue, done, work) = (line.queue.clone(), done.clone(), &work);
                            let run = move || {
                                let _ = queue.iter().all(|(number, job)| done.send((number, work(job))).is_ok());
                            };
                            // Without another thread it takes longer, no more.
                            workers += usize::from(start_until(scope, Arc::clone(&over), run));
                        }
                    }
                    Some(Err(error)) => {
                        line.results.push_back(Some(Err(error)));
                        more = false;
                    }
                    None => more = false,
                }
            }
            match line.next(work, interrupted) {
                Some(result) => sink(result?)?,
                None if more => {}
                None => return Ok(()),
            }
        }
    })
}

impl<J, R> Line<J, R> {
    /// The next result, worked for or waited for; none if nothing is on its way. That a source of bytes failed, or that work
    /// was interrupted, is told at once: the results before may wait for the same source, and for ever.
    fn next(&mut self, work: impl Fn(J) -> Result<R>, interrupted: &dyn Fn() -> bool) -> Option<Result<R>> {
        loop {
            while let Ok((number, result)) = self.finished.try_recv() {
                if is_failure(&result) {
                    return Some(result);
                }
                self.results[number - self.first] = Some(result);
            }
            if self.results.front()?.is_some() {
                self.first += 1;
                return self.results.pop_front()?;
            }
            if interrupted() {
                return Some(Err(Error::Interrupted));
            }
            let (number, result) = match self.queue.try_recv() {
                Ok((number, job)) => (number, work(job)),
                // Whoever took the job will tell.
                Err(_) => loop {
                    if let Some(found) = item_within(&self.finished, PATIENCE) {
                        break found;
                    }
                    if interrupted() {
                        return Some(Err(Error::Interrupted));
                    }
                },
            };
            if is_failure(&result) {
                return Some(result);
            }
            self.results[number - self.first] = Some(result);
        }
    }
}

/// Whether a result tells of the surroundings, not of what was to be worked on.
fn is_failure<R>(result: &Result<R>) -> bool {
    matches!(result, Err(Error::Source(_) | Error::Interrupted))
}

impl<J, R> Drop for Line<J, R> {
    fn drop(&mut self) {
        // Nobody wants what is left.
        self.over.store(true, Ordering::Relaxed);
        while self.queue.try_recv().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn run(threads: usize, items: Vec<Result<u8>>) -> (Vec<u8>, Result<()>) {
        let mut out = Vec::new();
        let slow = |job: u8| {
            thread::sleep(Duration::from_micros(u64::from(job % 7) * 100));
            match job {
                200 => Err(Error::Parameter("on purpose".into())),
                202 => Err(Error::Interrupted),
                201 => panic!("on purpose"),
                job => Ok(vec![job]),
            }
        };
        let result = in_order((threads, 5), &|| false, items.into_iter(), slow, |bytes| {
            out.extend(bytes);
            Ok(())
        });
        (out, result)
    }

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 5] {
            let (out, result) = run(threads, (0..150).map(Ok).collect());
            assert!(result.is_ok());
            assert_eq!(out, (0..150).collect::<Vec<_>>());
        }
        assert!(run(2, vec![]).1.is_ok());
    }

    /// The first job is never done by itself.
    #[test]
    fn a_source_that_fails_ends_it_before_the_jobs_that_wait_for_it() {
        let failed = AtomicBool::new(false);
        let work = |job: u8| {
            if job == 0 {
                while !failed.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
            } else {
                // Only when another thread has the first job.
                thread::sleep(Duration::from_millis(100));
                failed.store(true, Ordering::Relaxed);
                return Err(Error::Source("the line is dead".into()));
            }
            thread::sleep(Duration::from_millis(300));
            Ok(job)
        };
        let mut taken = Vec::new();
        let ended = in_order((2, 2), &|| false, (0..2).map(Ok), work, |job| {
            taken.push(job);
            Ok(())
        });
        assert!(matches!(ended, Err(Error::Source(_))));
        assert!(taken.is_empty());
    }

    /// What was handed out before is not worked for any more.
    #[test]
    fn an_interruption_ends_it_before_the_jobs_that_wait() {
        let (told, worked) = (AtomicBool::new(false), Mutex::new(0));
        let items = (0..4).map(|item| {
            if item < 3 {
                Ok(item)
            } else {
                told.store(true, Ordering::Relaxed);
                Err(Error::Interrupted)
            }
        });
        let work = |_| {
            *worked.lock().unwrap() += 1;
            Ok(())
        };
        let ended = in_order((1, 5), &|| told.load(Ordering::Relaxed), items, work, |()| Ok(()));
        assert!(matches!(ended, Err(Error::Interrupted)));
        assert_eq!(*worked.lock().unwrap(), 0);
    }

    #[test]
    fn the_first_error_in_order_ends_it() {
        for threads in [1, 2, 5] {
            let mut items: Vec<_> = (0..20).map(Ok).collect();
            items.extend([Ok(200), Ok(201), Err(Error::Internal("later".into()))]);
            let (out, result) = run(threads, items);
            assert!(matches!(result, Err(Error::Parameter(_))));
            assert_eq!(out, (0..20).collect::<Vec<_>>());
            let panics = [Ok(1), Ok(201), Ok(2)];
            assert!(matches!(run(threads, panics.into()).1, Err(Error::Internal(_))));
        }
    }
}
