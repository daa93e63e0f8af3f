//! Comparing contigs, base by base, with the FASTA files that they came from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::in_order::in_order;
use super::super::open::Archive;
use super::super::sample::Sample;
use super::report::{Finding, Report};
use crate::alphabet::{LETTERS, LOWER};
use crate::error::{Corruption, Error, InputError, Result};
use crate::fasta::{Interrupt, MissingEof, Parser, Source, Split};

/// Bases that are compared at a time.
const STRETCH: usize = 256 << 10;

/// A file to compare with.
#[derive(Debug, Clone)]
pub struct Original {
    /// FASTA in any wrapping; `-` is standard input.
    pub path: PathBuf,
    /// The sample that it is; without one, its records tell.
    pub sample: Option<String>,
}

/// What to compare an archive with.
#[derive(Clone)]
pub struct Originals {
    /// In any order; several may be one sample.
    pub files: Vec<Original>,
    /// How records tell their samples where the file does not.
    pub split: Split,
    /// What is done where a BGZF file may be cut short.
    pub missing_eof: MissingEof,
    /// Asked while a file keeps its reader waiting.
    pub interrupt: Interrupt,
}

/// A record's place in a file, for messages.
struct Place {
    file: String,
    line: u64,
}

/// Something to compare, or what came of it without.
enum Job {
    Stretch {
        record: Arc<Record>,
        from: u64,
        codes: Vec<u8>,
    },
    End {
        record: Arc<Record>,
        message: Option<String>,
    },
    /// A contig or sample that only one side has.
    Alone(Corruption),
}

/// A record and the contig that it should be.
struct Record {
    sample: Sample,
    contig: usize,
    place: Place,
}

/// Goes through the files.
struct Reading<'a> {
    archive: &'a Archive,
    originals: &'a Originals,
    /// Whether case is compared, for samples from this one on.
    case_from: Option<u32>,
    next: usize,
    file: Option<Parser>,
    record: Option<(Arc<Record>, u64)>,
    /// For each sample that was met, which of its contigs were.
    met: BTreeMap<u32, Vec<bool>>,
    /// Samples that nothing can be compared with: not archived, or not readable. They are told of once.
    without: FxHashSet<String>,
    /// Contigs that were not met, of samples that were; none before all files are read.
    missing: Option<std::vec::IntoIter<Corruption>>,
}

impl Archive {
    /// Compares all records of some files with their contigs; `progress` is told the number of samples met so far.
    pub(super) fn compare(
        &self,
        report: &mut Report,
        originals: &Originals,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let mut samples = 0;
        let mut reading = Reading::new(self, originals)?;
        let case_from = reading.case_from;
        let jobs = std::iter::from_fn(|| {
            if interrupted() {
                return Some(Err(Error::Interrupted));
            }
            let job = reading.job().transpose();
            samples = reading.met.len() as u64;
            job.map(|job| job.map(|job| (job, samples)))
        });
        let look = |(job, samples)| {
            let job = match job {
                Job::Stretch { record, from, codes } => {
                    let message = self.difference(&record, from, &codes, case_from)?;
                    (Some(record), message.map(Told::Differs), false)
                }
                Job::End { record, message } => (Some(record), message.map(Told::Differs), true),
                Job::Alone(place) => (None, Some(Told::Alone(place)), false),
            };
            Ok((job, samples))
        };
        let mut last: Option<Arc<Record>> = None;
        in_order((threads, 2 * threads), interrupted, jobs, look, |((record, told, end), samples)| {
            let (report, same) =
                (&mut *report, |last: &Arc<Record>| record.as_ref().is_some_and(|r| Arc::ptr_eq(r, last)));
            report.compared += u64::from(end);
            match told {
                Some(Told::Alone(place)) => report.differences.push(Finding { place, group: None }),
                // Of each contig, what was met first.
                Some(Told::Differs(message)) if !last.as_ref().is_some_and(same) => {
                    last.clone_from(&record);
                    let place = record.map(|record| record.corruption(message)).unwrap_or_default();
                    report.differences.push(Finding { place, group: None });
                }
                _ => {}
            }
            progress(samples)
        })?;
        let without = self.samples().len() as u64 - samples;
        if without > 0 {
            let samples =
                if without == 1 { "sample has no original that it" } else { "samples have no original that they" };
            report.notes.push(format!("{without} {samples} could be compared with"));
        }
        Ok(())
    }

    /// What is different in a stretch of a record.
    fn difference(&self, record: &Record, from: u64, codes: &[u8], case_from: Option<u32>) -> Result<Option<String>> {
        let Record { sample, contig, place } = record;
        let mask = if case_from.is_some_and(|first| sample.place() >= first) { 0xFF } else { !LOWER };
        let mut lower = self.mask()?;
        let (mut at, mut found) = (0, None);
        let range = from..from + codes.len() as u64;
        let decoded = self.decode(sample, *contig, range, |letters| {
            if let Some(lower) = &mut lower {
                lower.lower(sample, *contig, from + at as u64, letters)?;
            }
            let own = &codes[at..at + letters.len()];
            let letter = |code: u8| (LETTERS[usize::from(code & 15)] | code & LOWER) & mask;
            let different = |(&letter_here, &code): (&u8, &u8)| letter_here & mask != letter(code);
            if found.is_none()
                && let Some(i) = letters.iter().zip(own).position(different)
            {
                let (here, there) = (char::from(letters[i] & mask), char::from(letter(own[i])));
                let base = from + (at + i) as u64 + 1;
                found = Some(format!("base {base}, counted from 1, is {here}; it is {there} in {place}"));
            }
            at += letters.len();
            Ok(())
        });
        match decoded {
            Ok(()) => Ok(found),
            Err(error) => {
                let finding = Finding::new(error, self.format())?;
                Ok(Some(format!("cannot be compared with {place}: {}", finding.place.message)))
            }
        }
    }
}

/// What came of a job.
enum Told {
    Alone(Corruption),
    Differs(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

impl Record {
    fn corruption(&self, message: String) -> Corruption {
        corruption(self.sample.name(), Some(&String::from_utf8_lossy(self.sample.header(self.contig))), message)
    }
}

fn corruption(sample: &str, contig: Option<&str>, message: String) -> Corruption {
    let (sample, contig) = (Some(sample.to_owned()), contig.map(str::to_owned));
    Corruption { sample, contig, message, ..Corruption::default() }
}

impl<'a> Reading<'a> {
    fn new(archive: &'a Archive, originals: &'a Originals) -> Result<Self> {
        // Where append began to keep case, samples before have none that could be compared.
        let masks = if archive.upper() { None } else { archive.masks()? };
        let case_from = masks.and_then(|masks| masks.index().entries().first().map(|entry| entry.first.sample));
        Ok(Reading {
            archive,
            originals,
            case_from,
            next: 0,
            file: None,
            record: None,
            met: BTreeMap::new(),
            without: FxHashSet::default(),
            missing: None,
        })
    }

    fn job(&mut self) -> Result<Option<Job>> {
        loop {
            if let Some(missing) = &mut self.missing {
                return Ok(missing.next().map(Job::Alone));
            }
            let Some(parser) = &mut self.file else {
                self.open()?;
                continue;
            };
            if let Some((record, from)) = &mut self.record {
                let mut codes = Vec::with_capacity(STRETCH);
                let read = parser.read_codes(&mut codes, STRETCH)? as u64;
                let length = record.sample.length(record.contig).unwrap_or(0);
                let before = *from;
                *from += read;
                let record = Arc::clone(record);
                if read == 0 {
                    let message =
                        (before != length).then(|| format!("has {length} bases; it has {before} in {}", record.place));
                    self.record = None;
                    return Ok(Some(Job::End { record, message }));
                }
                codes.truncate(length.saturating_sub(before) as usize);
                if !codes.is_empty() {
                    return Ok(Some(Job::Stretch { record, from: before, codes }));
                }
                continue;
            }
            match parser.next_record()? {
                Some(header) => {
                    if let Some(alone) = self.find(&header)? {
                        return Ok(Some(Job::Alone(alone)));
                    }
                    // Of a sample that was told of, a record without a contig is only read.
                }
                None if parser.records_seen() == 0 => {
                    return Err(Error::input(parser.name(), "there is no FASTA record in it"));
                }
                None => self.file = None,
            }
        }
    }

    /// Opens the next file, or finds out what is missing.
    fn open(&mut self) -> Result<()> {
        match self.originals.files.get(self.next) {
            Some(file) => {
                let source = Source::from_arg(&file.path)?
                    .interruptible(self.originals.interrupt.clone())
                    .missing_eof(self.originals.missing_eof);
                self.file = Some(Parser::new(source).keep_case(self.case_from.is_some()));
                self.next += 1;
            }
            None => self.missing = Some(self.missing()?.into_iter()),
        }
        Ok(())
    }

    /// Finds the contig that a record should be; what is to be told if there is none and it was not told before.
    fn find(&mut self, header: &str) -> Result<Option<Corruption>> {
        let Some(parser) = &self.file else { return Ok(None) };
        let place = Place { file: parser.name().to_owned(), line: parser.record_line() };
        let name = match &self.originals.files[self.next - 1].sample {
            Some(sample) => sample.as_str(),
            None => self.originals.split.sample(header).map_err(|error| {
                let (file, line, record) = (place.file.clone(), Some(place.line), Some(header.to_owned()));
                Error::Input(Box::new(InputError { file, line, record, message: error.to_string() }))
            })?,
        };
        if self.without.contains(name) {
            return Ok(None);
        }
        let sample = match self.archive.find_sample(name.as_bytes()) {
            Ok(index) => index,
            Err(Error::NoSample { .. }) => {
                self.without.insert(name.to_owned());
                return Ok(Some(corruption(name, None, format!("is in {place}, but not archived"))));
            }
            Err(error) => return Err(error),
        };
        let sample = match self.archive.sample(sample) {
            Ok(sample) => sample,
            Err(error) => {
                let message = Finding::new(error, self.archive.format())?.place.message;
                self.without.insert(name.to_owned());
                return Ok(Some(corruption(name, None, format!("cannot be compared with {place}: {message}"))));
            }
        };
        let met = self.met.entry(sample.place()).or_insert_with(|| vec![false; sample.len()]);
        let contig = match sample.find(header.as_bytes()) {
            Ok(contig) if sample.header(contig) == header.as_bytes() => contig,
            Ok(_) | Err(Error::NoContig { .. } | Error::SeveralContigs { .. }) => {
                return Ok(Some(corruption(name, Some(header), format!("is in {place}, but not archived"))));
            }
            Err(error) => return Err(error),
        };
        if std::mem::replace(&mut met[contig], true) {
            return Ok(Some(corruption(name, Some(header), format!("comes again in {place}"))));
        }
        self.record = Some((Arc::new(Record { sample, contig, place }), 0));
        Ok(None)
    }

    /// Contigs that no record is of, in samples that have records.
    fn missing(&self) -> Result<Vec<Corruption>> {
        let mut missing = Vec::new();
        for (&place, met) in &self.met {
            if met.iter().all(|&met| met) {
                continue;
            }
            let sample = self.archive.sample(place as usize)?;
            for contig in (0..met.len()).filter(|&contig| !met[contig]) {
                let header = String::from_utf8_lossy(sample.header(contig));
                let message = "is archived, but in none of the originals".to_owned();
                missing.push(corruption(sample.name(), Some(&header), message));
            }
        }
        Ok(missing)
    }
}
