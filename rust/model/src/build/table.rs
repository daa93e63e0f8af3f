//! A feeder and workers at a table.

use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;

use super::crew::Table;
use crate::error::{Error, Result};

/// A task that gives back its weight, puts another task on the table, or fails.
#[derive(Clone, Copy)]
pub enum Task {
    /// Gives back so much.
    Free(usize),
    /// Puts one on the table that does.
    Pass(usize),
    /// Puts two on the table, of which the one that is done last gives back so much: as a chunk is settled and digested.
    Share(usize),
    /// Takes as much again before it gives it back, and puts one on the table that gives back the rest: as a chunk
    /// becomes segments.
    Grow(usize),
    /// From now on less may be on the table.
    Tighten,
    /// One of two.
    Half(usize),
    /// Fails, and gives nothing back.
    Fail,
}

struct Run {
    table: Table<Task>,
    done: AtomicUsize,
    on_table: AtomicUsize,
    most: AtomicUsize,
    halves: AtomicUsize,
}

impl Run {
    fn free(&self, weight: usize) {
        self.done.fetch_add(1, Ordering::SeqCst);
        self.on_table.fetch_sub(weight, Ordering::SeqCst);
        self.table.release(weight);
    }

    fn work(&self, task: Task) {
        if !self.table.has_failed() {
            match task {
                Task::Free(weight) => self.free(weight),
                Task::Share(weight) => {
                    self.table.put(Task::Half(weight));
                    self.table.put(Task::Half(weight));
                }
                Task::Half(weight) => {
                    if self.halves.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
                        self.free(weight);
                    }
                }
                Task::Grow(weight) => {
                    self.table.burden(weight);
                    self.on_table.fetch_add(weight, Ordering::SeqCst);
                    self.table.put(Task::Free(weight));
                    self.on_table.fetch_sub(weight, Ordering::SeqCst);
                    self.table.release(weight);
                }
                Task::Tighten => {
                    self.table.tighten(2);
                    self.done.fetch_add(1, Ordering::SeqCst);
                }
                Task::Pass(weight) => self.table.put(Task::Free(weight)),
                Task::Fail => self.table.fail(Error::Internal("on purpose".into())),
            }
        }
        self.table.done();
    }
}

/// Feeds tasks of these weights, with `workers` threads beside the feeder's; how many were done, and the most weight that
/// was on the table. Panics where weight on the table is not what was taken and not given back.
///
/// # Errors
/// The failure of a task, or that of the feeder after `stop` tasks.
pub fn feed(limit: usize, workers: usize, tasks: &[(usize, Task)], stop: usize) -> Result<(usize, usize)> {
    let zero = || AtomicUsize::new(0);
    let run = Arc::new(Run { table: Table::new(limit), done: zero(), on_table: zero(), most: zero(), halves: zero() });
    let threads: Vec<_> = (0..workers)
        .map(|_| {
            let run = Arc::clone(&run);
            // A zero ends a worker: the table itself outlives its threads.
            thread::spawn(move || {
                let mut tasks = run.table.queue().iter();
                while let Some(task) = tasks.next().filter(|task| !matches!(task, Task::Free(0))) {
                    run.work(task);
                }
            })
        })
        .collect();
    let mut fed = 0;
    let result = tasks.iter().try_for_each(|&(weight, task)| {
        let watch = || if fed == stop { Err(Error::Interrupted) } else { Ok(()) };
        run.table.acquire(weight, |task| run.work(task), watch)?;
        fed += 1;
        let now = run.on_table.fetch_add(weight, Ordering::SeqCst) + weight;
        run.most.fetch_max(now, Ordering::SeqCst);
        run.table.put(task);
        Ok(())
    });
    let result = result.and_then(|()| run.table.drain(|task| run.work(task), || Ok(())));
    for _ in 0..workers {
        run.table.put(Task::Free(0));
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap_or_else(|_| panic!("a worker panicked")));
    result?;
    assert_eq!(run.on_table.load(Ordering::SeqCst), 0);
    assert_eq!(run.table.weight(), 0);
    Ok((run.done.load(Ordering::SeqCst), run.most.load(Ordering::SeqCst)))
}
