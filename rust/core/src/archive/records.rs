//! Regions of an archive to FASTA records.

use std::io::Write;
use std::ops::Range;

use super::fetch::{LONG, Stretch};
use super::open::Archive;
use super::sample::Sample;
use crate::error::{Error, Result, escape};
use crate::fasta::{Fai, FastaWriter, fai};

/// How many short regions are read together at most, and how many bases of them.
const WINDOW_REGIONS: usize = 16_384;
const WINDOW_BASES: u64 = 16 << 20;

/// A stretch of a contig, and what its record is called.
#[derive(Debug, Clone)]
pub struct Region {
    /// Sample that holds the contig.
    pub sample: Sample,
    /// Place of the contig in it.
    pub contig: usize,
    /// Bases, 0-based and half-open; all of them if none are given.
    pub range: Option<Range<u64>>,
    /// Whether the reverse complement is wanted.
    pub reverse: bool,
    /// Header without `>`; the contig's own if none is given.
    pub header: Option<Vec<u8>>,
}

/// A region whose range is known.
struct Record {
    stretch: Stretch,
    header: Option<Vec<u8>>,
}

impl Record {
    fn new(region: Region) -> Result<Record> {
        let Region { sample, contig, range, reverse, header } = region;
        let range = match range {
            Some(range) => range,
            None => 0..sample.length(contig)?,
        };
        Ok(Record { stretch: Stretch { sample, contig, range, reverse }, header })
    }

    fn header(&self) -> &[u8] {
        self.header.as_deref().unwrap_or_else(|| self.stretch.sample.header(self.stretch.contig))
    }
}

/// Writes records, and their index if it is wanted.
pub(super) struct Records<'a> {
    pub(super) archive: &'a Archive,
    /// Name of the output, for messages.
    pub(super) name: &'a str,
    pub(super) line_width: usize,
    pub(super) fai: Option<Fai>,
    pub(super) interrupted: &'a dyn Fn() -> bool,
}

impl Records<'_> {
    /// Writes all regions in order; gives the output back. Short regions are read many at once.
    pub(super) fn write<W: Write>(&mut self, regions: impl IntoIterator<Item = Result<Region>>, out: W) -> Result<W> {
        let mut fasta = FastaWriter::new(out, self.line_width);
        let (mut window, mut bases) = (Vec::new(), 0);
        for region in regions {
            let record = Record::new(region?)?;
            let length = record.stretch.length();
            if length > LONG || bases + length > WINDOW_BASES || window.len() == WINDOW_REGIONS {
                self.write_window(std::mem::take(&mut window), &mut fasta)?;
                bases = 0;
            }
            if length > LONG {
                self.write_long(&record, &mut fasta)?;
            } else {
                bases += length;
                window.push(record);
            }
        }
        self.write_window(window, &mut fasta)?;
        fasta.finish().map_err(|e| self.failed(e))
    }

    fn write_window<W: Write>(&mut self, window: Vec<Record>, fasta: &mut FastaWriter<W>) -> Result<()> {
        let (stretches, headers): (Vec<_>, Vec<_>) = window.into_iter().map(|r| (r.stretch, r.header)).unzip();
        let found = self.archive.fetch_many(&stretches, self.interrupted)?;
        for ((stretch, header), bases) in stretches.into_iter().zip(headers).zip(found) {
            self.begin(&Record { stretch, header }, fasta)?;
            fasta.letters(&bases).and_then(|()| fasta.finish_record()).map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// Writes a long region as it is read; on the other strand stretch by stretch from its end.
    fn write_long<W: Write>(&mut self, record: &Record, fasta: &mut FastaWriter<W>) -> Result<()> {
        self.begin(record, fasta)?;
        let Stretch { sample, contig, range, reverse } = &record.stretch;
        let (interrupted, name) = (self.interrupted, self.name);
        let mut put = |letters: &[u8]| match interrupted() {
            true => Err(Error::Interrupted),
            false => fasta.letters(letters).map_err(|e| Error::io(name, "write", e)),
        };
        if *reverse {
            let mut end = range.end;
            while end > range.start {
                let start = end.saturating_sub(LONG).max(range.start);
                let part = Stretch { range: start..end, ..record.stretch.clone() };
                put(&self.archive.fetch(&part)?)?;
                end = start;
            }
        } else {
            self.archive.read(sample, *contig, range.clone(), put)?;
        }
        fasta.finish_record().map_err(|e| self.failed(e))
    }

    fn begin<W: Write>(&mut self, record: &Record, fasta: &mut FastaWriter<W>) -> Result<()> {
        let header = record.header();
        fasta.header(header).map_err(|e| self.failed(e))?;
        if let Some(index) = &mut self.fai
            && !index.record(header, record.stretch.length())
        {
            return Err(Error::Duplicate(format!(
                "{}: two records are called '{}' (the second is of sample '{}'); an index needs names that differ",
                self.name,
                escape(&String::from_utf8_lossy(fai::name(header))),
                escape(record.stretch.sample.name()),
            )));
        }
        Ok(())
    }

    fn failed(&self, error: std::io::Error) -> Error {
        Error::io(self.name, "write", error)
    }
}
