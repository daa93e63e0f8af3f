//! The first sample, put aside until its splitters are known: in memory while it is small, then in a temporary file.

use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::SpooledTempFile;

use super::chunk::Mark;
use crate::error::{Error, Result};

/// Bytes kept in memory before a file is used.
const IN_MEMORY: usize = 4 << 20;

const SAMPLE: u8 = 0;
const CONTIG: u8 = 1;
const END_CONTIG: u8 = 2;
const END_SAMPLE: u8 = 3;
const CODES: u8 = 4;

/// Writes what the parser gives, two codes a byte.
pub(super) struct Spool {
    out: BufWriter<SpooledTempFile>,
    packed: Vec<u8>,
}

impl Spool {
    /// A spool whose file, if it needs one, lies in `folder`; it has no name there.
    pub(super) fn new(folder: &Path) -> Self {
        let file = tempfile::spooled_tempfile_in(IN_MEMORY, folder);
        Spool { out: BufWriter::new(file), packed: Vec::new() }
    }

    pub(super) fn push_mark(&mut self, mark: &Mark) -> Result<()> {
        match mark {
            Mark::Sample(name) => self.record(SAMPLE, name.len(), name),
            Mark::Contig(name) => self.record(CONTIG, name.len(), name),
            Mark::EndContig => self.record(END_CONTIG, 0, &[]),
            Mark::EndSample => self.record(END_SAMPLE, 0, &[]),
        }
    }

    pub(super) fn push_codes(&mut self, codes: &[u8]) -> Result<()> {
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        packed.extend(codes.chunks(2).map(|pair| pair[0] | pair.get(1).map_or(0, |code| code << 4)));
        let done = self.record(CODES, codes.len(), &packed);
        self.packed = packed;
        done
    }

    fn record(&mut self, tag: u8, length: usize, payload: &[u8]) -> Result<()> {
        let mut head = [tag; 5];
        head[1..].copy_from_slice(&(length as u32).to_le_bytes());
        self.out.write_all(&head).and_then(|()| self.out.write_all(payload)).map_err(|e| failed("write", e))
    }

    /// Goes back to the start, to be read.
    pub(super) fn rewind(self) -> Result<SpoolReader> {
        let mut file = self.out.into_inner().map_err(|e| failed("write", e.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(|e| failed("read", e))?;
        Ok(SpoolReader { input: BufReader::new(file) })
    }
}

/// Reads the spool back.
pub(super) struct SpoolReader {
    input: BufReader<SpooledTempFile>,
}

impl SpoolReader {
    /// The next mark, or codes, which replace what `codes` holds; `None` at the end.
    pub(super) fn next(&mut self, codes: &mut Vec<u8>) -> Result<Option<Spooled>> {
        let mut head = [0; 5];
        match self.input.read_exact(&mut head) {
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other.map_err(|e| failed("read", e))?,
        }
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        codes.clear();
        codes.resize(if head[0] == CODES { length.div_ceil(2) } else { length }, 0);
        self.input.read_exact(codes).map_err(|e| failed("read", e))?;
        Ok(Some(match head[0] {
            SAMPLE => Spooled::Mark(Mark::Sample(codes.as_slice().into())),
            CONTIG => Spooled::Mark(Mark::Contig(codes.as_slice().into())),
            END_CONTIG => Spooled::Mark(Mark::EndContig),
            END_SAMPLE => Spooled::Mark(Mark::EndSample),
            _ => {
                unpack(codes, length);
                Spooled::Codes
            }
        }))
    }
}

/// What a spool held next.
pub(super) enum Spooled {
    Mark(Mark),
    Codes,
}

fn unpack(codes: &mut Vec<u8>, length: usize) {
    codes.resize(length, 0);
    for i in (0..length).rev() {
        codes[i] = codes[i / 2] >> (4 * (i % 2)) & 15;
    }
}

fn failed(action: &'static str, error: std::io::Error) -> Error {
    Error::io("temporary file of the first sample", action, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        let codes: Vec<u8> = (0..1_000_001u32).map(|i| (i.wrapping_mul(i) >> 7 & 15) as u8).collect();
        for _ in 0..10 {
            spool.push_mark(&Mark::Sample(b"sample".as_slice().into())).unwrap();
            spool.push_codes(&codes).unwrap();
            spool.push_codes(&[]).unwrap();
            spool.push_mark(&Mark::EndSample).unwrap();
        }
        let mut reader = spool.rewind().unwrap();
        let mut back = Vec::new();
        for _ in 0..10 {
            assert!(
                matches!(reader.next(&mut back).unwrap(), Some(Spooled::Mark(Mark::Sample(n))) if &*n == b"sample")
            );
            assert!(matches!(reader.next(&mut back).unwrap(), Some(Spooled::Codes)));
            assert_eq!(back, codes);
            assert!(matches!(reader.next(&mut back).unwrap(), Some(Spooled::Codes)));
            assert_eq!(back, []);
            assert!(matches!(reader.next(&mut back).unwrap(), Some(Spooled::Mark(Mark::EndSample))));
        }
        assert!(reader.next(&mut back).unwrap().is_none());
    }
}
