//! A lock on the file that is to be replaced.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::same_file;
use crate::error::{Error, Result};

/// How often a lock that somebody else holds is asked for.
const INTERVAL: Duration = Duration::from_millis(60);

/// Keeps others that ask for it from writing there; it goes with the process. Readers do not ask.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) file: File,
    pid: u32,
}

impl Lock {
    /// Locks what is there, if anything is and the system can; waits for it if somebody else holds it.
    pub(super) fn take(path: &Path, wait: Duration, interrupted: &dyn Fn() -> bool) -> Result<Option<Lock>> {
        // A time that no clock can tell is never over.
        let end = Instant::now().checked_add(wait);
        loop {
            // Some network file systems lock only what is open for writing. What cannot be opened can be replaced all the
            // same.
            let opened = File::options().read(true).write(true).open(path).or_else(|_| File::open(path));
            let Ok(file) = opened else { return Ok(None) };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if end.is_none_or(|end| Instant::now() < end) => {
                    if interrupted() {
                        return Err(Error::Interrupted);
                    }
                    sleep(INTERVAL);
                    // It may be another file by now.
                    continue;
                }
                Err(TryLockError::WouldBlock) => return Err(busy(path, wait)),
                // Not all file systems know locks.
                Err(TryLockError::Error(_)) => return Ok(None),
            }
            let lock = Lock { file, pid: std::process::id() };
            // Whoever held the lock until now has put another file there.
            match (lock.file.metadata(), std::fs::metadata(path)) {
                (Ok(locked), Ok(found)) if !same_file(&locked, &found) => {}
                _ => return Ok(Some(lock)),
            }
        }
    }
}

fn busy(path: &Path, waited: Duration) -> Error {
    let mut reason = String::from("another process is writing it, or adding to it");
    if !waited.is_zero() {
        reason += &format!("; waited {} s for it", waited.as_secs_f64());
    }
    Error::io(path.display(), "write", io::Error::new(io::ErrorKind::ResourceBusy, reason))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A forked child has the file open as well, and would hold the lock; the parent's is not the child's to end.
        if self.pid == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}
