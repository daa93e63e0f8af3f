//! Text that is not FASTA: lists of files, lists of regions, BED.

use super::source::Source;
use crate::foreign::no_text;
use crate::{Error, Result};

/// What some editors put before text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes that are looked at first, more than a byte order mark has.
const START: usize = 1 << 10;

/// The text of a source, without a byte order mark. What is no text is refused by its first bytes.
pub struct Text {
    source: Source,
    /// The first bytes that are not given yet; none before they are read.
    start: Option<Vec<u8>>,
}

impl Text {
    /// The text of `source`; nothing is read yet.
    pub fn new(source: Source) -> Text {
        Text { source, start: None }
    }

    /// Name of the source.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Puts some bytes into `out` and returns how many, as [`Source::fill`] does.
    ///
    /// # Errors
    /// As [`Source::fill`], and [`Error::Input`] for a file of another kind.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.start.is_none() {
            self.start = Some(self.first()?);
        }
        match &mut self.start {
            Some(start) if !start.is_empty() => {
                let count = start.len().min(out.len());
                out[..count].copy_from_slice(&start[..count]);
                start.drain(..count);
                Ok(count)
            }
            _ => self.source.fill(out),
        }
    }

    fn first(&mut self) -> Result<Vec<u8>> {
        let (mut start, mut length) = (vec![0; START], 0);
        // A pipe may give one byte at a time. Whoever writes into it need not wait for more than a mark.
        while length < BYTE_ORDER_MARK.len() {
            match self.source.fill(&mut start[length..])? {
                0 => break,
                filled => length += filled,
            }
        }
        start.truncate(length);
        if let Some(why) = no_text(&start) {
            return Err(Error::input(self.name(), why));
        }
        if start.starts_with(BYTE_ORDER_MARK) {
            start.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(start)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read};

    use super::super::tests::{bgzf, gzip, zstd};
    use super::*;

    /// Gives one byte at a time.
    struct Slow(Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let most = out.len().min(1);
            self.0.read(&mut out[..most])
        }
    }

    fn all(bytes: &[u8], room: usize) -> Result<Vec<u8>> {
        let reader = Box::new(Slow(Cursor::new(bytes.to_vec())));
        let mut text = Text::new(Source::from_reader("x".into(), reader));
        let (mut all, mut part) = (Vec::new(), vec![0; room]);
        loop {
            match text.fill(&mut part)? {
                0 => return Ok(all),
                filled => all.extend_from_slice(&part[..filled]),
            }
        }
    }

    #[test]
    fn a_mark_is_dropped_once() {
        for (text, expected) in [
            (&b""[..], &b""[..]),
            (b"a", b"a"),
            (b"\xef\xbb", b"\xef\xbb"),
            (b"\xef\xbb\xbf", b""),
            (b"\xef\xbb\xbfchr1\t1\t2\n", b"chr1\t1\t2\n"),
            (b"\xef\xbb\xbf\xef\xbb\xbfa", b"\xef\xbb\xbfa"),
            (b"a\xef\xbb\xbf", b"a\xef\xbb\xbf"),
        ] {
            for file in [text.to_vec(), gzip(text), bgzf(text), zstd(text)] {
                for room in [1, 2, 1000] {
                    assert_eq!(all(&file, room).unwrap(), expected);
                }
            }
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, message) in [
            (b"\xff\xfea\0".to_vec(), "x: the file begins with a UTF-16 byte order mark"),
            (gzip(&gzip(b"chr1")), "x: the file is compressed twice (gzip inside)"),
            (b"BZh91".to_vec(), "x: bzip2-compressed input is not supported"),
            (
                bgzf(b"chr1").split_last_chunk::<28>().unwrap().0.to_vec(),
                "x: the BGZF file ends without its end-of-file block",
            ),
        ] {
            let said = all(&bytes, 99).map_err(|e| e.to_string());
            assert!(said.as_ref().is_err_and(|said| said.starts_with(message)), "{said:?}");
        }
    }
}
