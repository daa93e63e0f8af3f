//! Jobs and results in a line.

use shuttle::thread;

use super::in_order::in_order;
use crate::error::{Error, Result};

/// Does `jobs` jobs on `threads` threads, of which job `wrong` fails as damage does or, if it is `dead`, as a source of
/// bytes, and the sink refuses result `refused`; what the sink took.
pub fn line(
    (threads, most): (usize, usize),
    jobs: usize,
    wrong: usize,
    dead: bool,
    refused: usize,
) -> (Vec<usize>, Result<()>) {
    let mut taken = Vec::new();
    let work = |job: usize| {
        thread::yield_now();
        match job == wrong {
            true if dead => Err(Error::Source("the line is dead".into())),
            true => Err(Error::corrupt("wrong")),
            false => Ok(job),
        }
    };
    let result = in_order((threads, most), &|| false, (0..jobs).map(Ok), work, |job| {
        if job == refused {
            return Err(Error::Parameter("refused".into()));
        }
        taken.push(job);
        Ok(())
    });
    (taken, result)
}
