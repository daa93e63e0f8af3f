//! Regions of an archive to FASTA records.

use std::io::Write;
use std::ops::Range;

use super::fetch::{LONG, check};
use super::in_order::{Buffers, in_order};
use super::open::Archive;
use super::recent::Recent;
use super::stretch::Stretch;
use crate::error::{Error, Result, escape};
use crate::fasta::{Fai, first_word, push_header, push_lines};

/// How many short regions are read together at most, and how many bases of them.
const WINDOW_REGIONS: usize = 512;
const WINDOW_BASES: u64 = 2 << 20;

/// Bytes that a base takes while its text is made: as it is read, and twice as text, whose buffer may have grown.
const BASE: u64 = 3;

/// How much is on its way at a time.
struct Room {
    /// Jobs.
    jobs: usize,
    /// Bases of short regions in a job.
    window: u64,
}

impl Room {
    /// As much as there is memory for: fewer jobs than would keep all threads busy, and smaller ones, if there is little.
    fn of(bytes: u64, threads: usize) -> Room {
        let most = (bytes / (BASE * LONG)).max(2);
        let jobs = (2 * threads as u64).clamp(2, most);
        Room { jobs: jobs as usize, window: (bytes / (BASE * jobs)).clamp(LONG, WINDOW_BASES) }
    }
}

/// A stretch of a contig, and what its record is called.
#[derive(Debug, Clone)]
pub struct Region {
    /// Place of the sample in [`Archive::samples`].
    pub sample: usize,
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
    header: Vec<u8>,
}

impl Record {
    fn new(region: Region, samples: &mut Recent<'_>) -> Result<Record> {
        let Region { sample, contig, range, reverse, header } = region;
        if range.is_none() || header.is_none() {
            check(samples.get(sample)?, contig, &(0..0))?;
        }
        let range = match range {
            Some(range) => range,
            None => 0..samples.get(sample)?.length(contig)?,
        };
        let header = match header {
            Some(header) => header,
            None => samples.get(sample)?.header(contig).to_vec(),
        };
        Ok(Record { stretch: Stretch { sample, contig, range, reverse }, header })
    }
}

/// What threads share.
enum Job {
    Part(Part),
    /// Short regions, each with the line of its header.
    Window(Vec<Stretch>, Vec<Vec<u8>>),
}

/// A part of a long region.
struct Part {
    stretch: Stretch,
    /// The line of the header, before the first part.
    head: Vec<u8>,
    /// Letters in the line that the part goes on with.
    column: usize,
    last: bool,
}

/// Writes records, and their index if it is wanted.
pub(super) struct Records<'a> {
    pub(super) archive: &'a Archive,
    /// Name of the output, for messages.
    pub(super) name: &'a str,
    pub(super) line_width: usize,
    pub(super) threads: usize,
    pub(super) fai: Option<Fai>,
    pub(super) interrupted: &'a dyn Fn() -> bool,
}

impl Records<'_> {
    /// Writes all regions in order. Short regions are read many at once, long ones in parts.
    pub(super) fn write(
        &mut self,
        regions: impl IntoIterator<Item = Result<Region>>,
        out: &mut impl Write,
    ) -> Result<()> {
        let (archive, width, threads, name) = (self.archive, self.line_width, self.threads, self.name);
        let interrupted = self.interrupted;
        let (text, letters) = (Buffers::default(), Buffers::default());
        let lines = |job: Job| {
            let mut out = text.take();
            match job {
                Job::Part(part) => {
                    let mut bases = letters.take();
                    out.extend_from_slice(&part.head);
                    archive.fetch_into(&part.stretch, &mut bases)?;
                    archive.count_done(bases.len() as u64);
                    if push_lines(&bases, width, part.column, &mut out) > 0 && part.last {
                        out.push(b'\n');
                    }
                    letters.give(bases);
                }
                Job::Window(stretches, heads) => {
                    for (head, bases) in heads.iter().zip(archive.fetch_many(&stretches, 1, &|| false)?) {
                        archive.count_done(bases.len() as u64);
                        out.extend_from_slice(head);
                        if push_lines(&bases, width, 0, &mut out) > 0 {
                            out.push(b'\n');
                        }
                    }
                }
            }
            Ok(out)
        };
        let room = Room::of(archive.export_bytes(), threads);
        let (samples, regions) = (archive.recent(), regions.into_iter());
        let items =
            Items { records: self, regions, samples, ahead: None, parts: None, announced: 0, window: room.window };
        in_order((threads.min(room.jobs), room.jobs), interrupted, items, lines, |bytes| {
            out.write_all(&bytes).map_err(|e| Error::io(name, "write", e))?;
            text.give(bytes);
            Ok(())
        })
    }

    /// The line of a record's header; the index counts it.
    fn begin(&mut self, record: &Record) -> Result<Vec<u8>> {
        let (header, mut line) = (&record.header[..], Vec::new());
        if !push_header(header, &mut line) {
            let header = String::from_utf8_lossy(header);
            return Err(Error::Parameter(format!("{}: a line end in the header '{}'", self.name, escape(&header))));
        }
        if let Some(index) = &mut self.fai
            && !index.record(header, record.stretch.length())
        {
            return Err(Error::Duplicate(format!(
                "{}: two records are called '{}' (the second is of sample '{}'); an index needs names that differ",
                self.name,
                escape(&String::from_utf8_lossy(first_word(header))),
                escape(&String::from_utf8_lossy(&self.archive.samples()[record.stretch.sample])),
            )));
        }
        Ok(line)
    }
}

/// What regions come to: windows of short ones, parts of long ones.
struct Items<'a, 'b, R> {
    records: &'a mut Records<'b>,
    regions: R,
    samples: Recent<'b>,
    /// A record that did not fit into the window before it.
    ahead: Option<Record>,
    parts: Option<Parts>,
    /// Where what was announced of a long region ends.
    announced: u64,
    /// Bases of short regions that are read together.
    window: u64,
}

impl<R: Iterator<Item = Result<Region>>> Items<'_, '_, R> {
    fn take(&mut self) -> Result<Option<Job>> {
        if (self.records.interrupted)() {
            return Err(Error::Interrupted);
        }
        if self.parts.is_some()
            && let Some(part) = self.part()?
        {
            return Ok(Some(Job::Part(part)));
        }
        let (mut stretches, mut heads, mut bases) = (Vec::new(), Vec::new(), 0);
        while let Some(record) = self.record()? {
            let length = record.stretch.length();
            if length > LONG && stretches.is_empty() {
                let head = self.records.begin(&record)?;
                let width = self.records.line_width;
                (self.announced, self.parts) = (0, Some(Parts { rest: record.stretch, head, column: 0, width }));
                return Ok(self.part()?.map(Job::Part));
            }
            if length > LONG || bases + length > self.window || stretches.len() == WINDOW_REGIONS {
                self.ahead = Some(record);
                break;
            }
            bases += length;
            heads.push(self.records.begin(&record)?);
            stretches.push(record.stretch);
        }
        Ok((!stretches.is_empty()).then_some(Job::Window(stretches, heads)))
    }

    /// The next part of a long region. What it needs is announced together with what many after it need; from the other
    /// strand, where the text goes backwards, each part does so for itself.
    fn part(&mut self) -> Result<Option<Part>> {
        let Some(parts) = &mut self.parts else { return Ok(None) };
        if !parts.rest.reverse && parts.rest.range.start >= self.announced && parts.rest.length() > 0 {
            self.announced = self.records.archive.prefetch(&parts.rest)?;
        }
        Ok(parts.next())
    }

    fn record(&mut self) -> Result<Option<Record>> {
        match self.ahead.take() {
            Some(record) => Ok(Some(record)),
            None => self.regions.next().map(|region| Record::new(region?, &mut self.samples)).transpose(),
        }
    }
}

impl<R: Iterator<Item = Result<Region>>> Iterator for Items<'_, '_, R> {
    type Item = Result<Job>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take().transpose()
    }
}

/// The parts of a long region, in the order of the text.
struct Parts {
    rest: Stretch,
    head: Vec<u8>,
    column: usize,
    width: usize,
}

impl Iterator for Parts {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let Range { start, end } = self.rest.range;
        let length = (end - start).min(LONG);
        if length == 0 {
            return None;
        }
        let mut stretch = self.rest.clone();
        if stretch.reverse {
            stretch.range = end - length..end;
            self.rest.range.end -= length;
        } else {
            stretch.range = start..start + length;
            self.rest.range.start += length;
        }
        let column = self.column;
        self.column = match self.width {
            0 => 1,
            width => (column + length as usize) % width,
        };
        Some(Part { stretch, head: std::mem::take(&mut self.head), column, last: self.rest.length() == 0 })
    }
}
