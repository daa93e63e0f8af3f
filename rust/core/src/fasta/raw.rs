//! The bytes of a file as they are stored, behind one small buffer.

use super::wait::Wait;
use crate::{Error, Result};
use std::io::{self, ErrorKind, Read};

/// Size of the buffer.
const BUFFER: usize = 64 << 10;

/// A reader with its name and a buffer; all errors name the file.
pub(super) struct Raw {
    name: String,
    reader: Box<dyn Read + Send>,
    /// For what may keep one waiting.
    wait: Option<Wait>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes taken out of the buffer or read past it.
    taken: u64,
}

impl Raw {
    pub(super) fn new(name: String, reader: Box<dyn Read + Send>) -> Self {
        Raw { reader, buffer: vec![0; BUFFER], ..Raw::of_bytes(name, 0, Vec::new()) }
    }

    /// Bytes that are at hand, and begin at `taken` in the file.
    pub(super) fn of_bytes(name: String, taken: u64, bytes: Vec<u8>) -> Self {
        Raw { name, reader: Box::new(io::empty()), wait: None, start: 0, end: bytes.len(), buffer: bytes, taken }
    }

    /// The buffer, to be used again.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// From now on `wait` comes before every read.
    pub(super) fn set_wait(&mut self, wait: Wait) {
        self.wait = Some(wait);
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes have been handed out.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The bytes in the buffer, after filling it if it is empty; no bytes means the end of the file.
    pub(super) fn available(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = read(&mut *self.reader, self.wait.as_ref(), &mut self.buffer, &self.name)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// The next bytes, at least `count` of them unless the file ends before; `count` is small.
    pub(super) fn peek(&mut self, count: usize) -> Result<&[u8]> {
        if self.start + count > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end - self.start < count {
            match read(&mut *self.reader, self.wait.as_ref(), &mut self.buffer[self.end..], &self.name)? {
                0 => break,
                n => self.end += n,
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Drops the next `count` bytes of the buffer.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.taken += count as u64;
    }

    /// The next byte, or nothing at the end of the file.
    pub(super) fn byte(&mut self) -> Result<Option<u8>> {
        let byte = self.available()?.first().copied();
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Copies bytes out; past the buffer when it is empty. 0 means the end of the file.
    pub(super) fn copy(&mut self, out: &mut [u8]) -> Result<usize> {
        let n = if self.start == self.end && out.len() >= self.buffer.len() {
            let n = read(&mut *self.reader, self.wait.as_ref(), out, &self.name)?;
            self.taken += n as u64;
            n
        } else {
            let available = self.available()?;
            let n = available.len().min(out.len());
            out[..n].copy_from_slice(&available[..n]);
            self.consume(n);
            n
        };
        Ok(n)
    }
}

/// One successful `read`, whatever the number of interruptions.
fn read(reader: &mut dyn Read, wait: Option<&Wait>, out: &mut [u8], name: &str) -> Result<usize> {
    loop {
        if let Some(wait) = wait {
            wait.until_ready(name)?;
        }
        match reader.read(out) {
            Ok(n) if n <= out.len() => return Ok(n),
            Ok(_) => {
                return Err(Error::Internal(format!("{name}: the reader returned more bytes than it was given room")));
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::io(name, "read", e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, with an interruption before each.
    struct Halting(Vec<u8>, bool);

    impl Read for Halting {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            if self.0.is_empty() {
                return Ok(0);
            }
            out[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn peeking_takes_nothing() {
        let mut raw = Raw::new("x".into(), Box::new(Halting(b"abcdef".to_vec(), false)));
        assert_eq!(raw.peek(3).unwrap(), b"abc");
        assert_eq!(raw.byte().unwrap(), Some(b'a'));
        assert_eq!(raw.peek(99).unwrap(), b"bcdef");
        assert_eq!(raw.taken(), 1);
        let mut out = [0; 9];
        assert_eq!(raw.copy(&mut out).unwrap(), 5);
        assert_eq!(raw.byte().unwrap(), None);
        assert_eq!(raw.copy(&mut out).unwrap(), 0);
        assert_eq!(raw.taken(), 6);
    }

    #[test]
    fn a_reader_that_lies_is_not_believed() {
        struct Liar;
        impl Read for Liar {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                Ok(out.len() + 1)
            }
        }
        let mut raw = Raw::new("x".into(), Box::new(Liar));
        assert!(matches!(raw.available(), Err(Error::Internal(_))));
    }

    #[test]
    fn system_errors_name_the_file() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk on fire"))
            }
        }
        let mut raw = Raw::new("x.fa".into(), Box::new(Broken));
        assert_eq!(raw.byte().unwrap_err().to_string(), "x.fa: cannot read: disk on fire");
    }
}
