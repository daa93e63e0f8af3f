//! Writing where nobody may ever read: a signal ends the waiting.

use std::io::{self, Write};
use std::thread::sleep;
use std::time::Duration;

/// Longer than the interval at which whoever tells of signals asks for them.
const PATIENCE: Duration = Duration::from_millis(60);

/// Writes to a pipe, a device or standard output, and looks for signals when a write is cut short, which else only an
/// end of the space does.
pub(crate) struct Heeding<'a, W> {
    out: W,
    interrupted: &'a dyn Fn() -> bool,
}

impl<'a, W> Heeding<'a, W> {
    pub(crate) fn new(out: W, interrupted: &'a dyn Fn() -> bool) -> Self {
        Heeding { out, interrupted }
    }

    fn look(&self) -> io::Result<()> {
        sleep(PATIENCE);
        // Not the kind that is tried again.
        if (self.interrupted)() { Err(io::Error::other("interrupted")) } else { Ok(()) }
    }
}

impl<W: Write> Write for Heeding<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.look().and(Err(error)),
            Ok(count) if count < bytes.len() => self.look().map(|()| count),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes, then is interrupted by a signal, for ever.
    struct Stalled(usize);

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = self.0.min(bytes.len());
            self.0 -= count;
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_signal_ends_the_waiting() {
        let asked = std::cell::Cell::new(0);
        let third = || {
            asked.set(asked.get() + 1);
            asked.get() == 3
        };
        let mut out = Heeding::new(Stalled(3), &third);
        out.write_all(b"abc").unwrap();
        assert_eq!(asked.get(), 0);
        assert_eq!(out.write_all(b"defg").unwrap_err().to_string(), "interrupted");
        assert_eq!(asked.get(), 3);
    }
}
