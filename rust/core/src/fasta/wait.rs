//! Waiting for a pipe or terminal in such a way that the wait can be broken off.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use crate::{Error, Result};

/// Asked now and then whether to give up.
pub type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// Milliseconds between two questions.
const PATIENCE: i32 = 100;

/// A descriptor that need not have anything to read, and whom to ask meanwhile.
pub(super) struct Wait {
    file: File,
    interrupt: Interrupt,
}

impl Wait {
    /// `file` is a handle of its own on what the reader reads.
    pub(super) fn new(file: File, interrupt: Interrupt) -> Self {
        Wait { file, interrupt }
    }

    /// Returns when a read would not block.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or why the system cannot wait.
    pub(super) fn until_ready(&self, name: &str) -> Result<()> {
        let mut poll = libc::pollfd { fd: self.file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        loop {
            // SAFETY: the pointer is to one valid `pollfd`, whose descriptor `self.file` keeps open.
            let ready = unsafe { libc::poll(&raw mut poll, 1, PATIENCE) };
            if ready > 0 {
                return Ok(());
            }
            if ready < 0 {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(Error::io(name, "read", error));
                }
            }
            if (self.interrupt)() {
                return Err(Error::Interrupted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::OwnedFd;

    #[test]
    fn gives_up_when_asked_and_not_before() {
        let (reader, mut writer) = io::pipe().unwrap();
        let file = || File::from(OwnedFd::from(reader.try_clone().unwrap()));
        let stopped = Wait::new(file(), Arc::new(|| true));
        assert!(matches!(stopped.until_ready("x"), Err(Error::Interrupted)));
        writer.write_all(b"a").unwrap();
        assert!(stopped.until_ready("x").is_ok());
        drop(writer);
        assert!(Wait::new(file(), Arc::new(|| true)).until_ready("x").is_ok());
    }
}
