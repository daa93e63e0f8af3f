//! The one error type. Every variant says where: file and line, archive and stream, sample and contig.

use std::fmt;
use std::io;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, with the place where it did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something.
    #[error("{path}: cannot {action}: {}", reason(source))]
    Io {
        /// File, or a name such as `<standard input>`.
        path: String,
        /// What was tried, as an infinitive: `open`, `read`, `write`.
        action: &'static str,
        /// The system's reason.
        source: io::Error,
    },

    /// A place in the file system that must not be used, though the system would not refuse it.
    #[error("{path}: {reason}")]
    Taken {
        /// The file or folder.
        path: String,
        /// What is wrong with it, such as `is a link`.
        reason: String,
    },

    /// Where the bytes come from, something failed that the source can tell best itself.
    #[error("{0}")]
    Source(Box<dyn std::error::Error + Send + Sync>),

    /// A sequence file, a compressed stream or a list that is not what it should be.
    #[error("{0}")]
    Input(Box<InputError>),

    /// An archive whose bytes contradict the format.
    #[error("{0}")]
    Corrupt(Box<Corruption>),

    /// An archive of a format this version does not read.
    #[error("{archive}: archive format {version} is not supported (this version reads formats 1 to 3)")]
    Version {
        /// The archive.
        archive: String,
        /// `major.minor` as found in the file.
        version: String,
    },

    /// A sample that the archive does not hold.
    #[error("{archive}: no sample named '{}'", escape(sample))]
    NoSample {
        /// The archive.
        archive: String,
        /// The name asked for.
        sample: String,
    },

    /// A contig that the sample (or, without one, the archive) does not hold.
    #[error("{archive}: no contig named '{}'{}", escape(contig), in_sample(sample.as_deref()))]
    NoContig {
        /// The archive.
        archive: String,
        /// The sample searched, if one was given.
        sample: Option<String>,
        /// The name asked for.
        contig: String,
    },

    /// A name that several contigs of one sample answer to.
    #[error(
        "{archive}: several contigs of sample '{}' are called '{}'; give the whole header",
        escape(sample),
        escape(contig)
    )]
    SeveralContigs {
        /// The archive.
        archive: String,
        /// The sample.
        sample: String,
        /// The name asked for.
        contig: String,
    },

    /// A range outside its contig; 0-based, half-open.
    #[error("range [{start}, {end}) is outside contig '{}' of length {length}", escape(contig))]
    Range {
        /// The contig.
        contig: String,
        /// First position asked for.
        start: u64,
        /// Position after the last one asked for.
        end: u64,
        /// The contig's length in bases.
        length: u64,
    },

    /// A name given twice where names must be unique.
    #[error("{0}")]
    Duplicate(String),

    /// A parameter outside its range, or parameters that contradict each other.
    #[error("{0}")]
    Parameter(String),

    /// The memory limit cannot hold the work.
    #[error(
        "memory limit of {} is too small: {reason}; the smallest limit that would do is about {}",
        size(*limit),
        size_up(*needed)
    )]
    MemoryLimit {
        /// The limit that was set, in bytes.
        limit: u64,
        /// A limit that would do, in bytes.
        needed: u64,
        /// What needs it.
        reason: String,
    },

    /// The caller asked the work to stop.
    #[error("interrupted")]
    Interrupted,

    /// A fault of panarc itself; a worker panicked.
    #[error("internal error (please report it): {0}")]
    Internal(String),
}

impl Error {
    /// An input/output error at `path` while doing `action` (an infinitive).
    pub fn io(path: impl fmt::Display, action: &'static str, source: io::Error) -> Self {
        Error::Io { path: path.to_string(), action, source }
    }

    /// An input error in `file`.
    pub fn input(file: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Input(Box::new(InputError { file: file.into(), line: None, record: None, message: message.into() }))
    }

    /// A contradiction in an archive; the place is added by those who know it.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Error::Corrupt(Box::new(Corruption { message: message.into(), ..Corruption::default() }))
    }

    /// Fills in the place of a [`Error::Corrupt`] where it is not yet known; other errors pass.
    #[must_use]
    pub fn at(mut self, fill: impl FnOnce(&mut Corruption)) -> Self {
        if let Error::Corrupt(place) = &mut self {
            let mut outer = Corruption::default();
            fill(&mut outer);
            place.absorb(outer);
        }
        self
    }
}

/// Where and why an input file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// File, or `<standard input>`.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Header of the record, without `>`.
    pub record: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(record) = &self.record {
            write!(f, ", record '{}'", escape(record))?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Where and why an archive's bytes were refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corruption {
    /// The archive.
    pub archive: Option<String>,
    /// Stream, e.g. `collection-details` or `xGd`.
    pub stream: Option<String>,
    /// Part of the stream, from 0.
    pub part: Option<u64>,
    /// Sample that was being decoded.
    pub sample: Option<String>,
    /// Contig that was being decoded.
    pub contig: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Why the file is no archive at all, where that is sure.
    pub foreign: Option<String>,
}

impl Corruption {
    fn absorb(&mut self, outer: Corruption) {
        self.archive = self.archive.take().or(outer.archive);
        if self.stream.is_none() {
            self.stream = outer.stream;
            self.part = self.part.or(outer.part);
        }
        self.sample = self.sample.take().or(outer.sample);
        self.contig = self.contig.take().or(outer.contig);
        self.foreign = self.foreign.take().or(outer.foreign);
    }
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let archive = self.archive.as_deref().unwrap_or("archive");
        if let Some(why) = &self.foreign {
            return write!(f, "{archive}: this is no AGC archive; {why}");
        }
        write!(f, "{archive}: damaged archive")?;
        if let Some(stream) = &self.stream {
            write!(f, ", stream '{}'", escape(stream))?;
        }
        if let Some(part) = self.part {
            write!(f, ", part {part}")?;
        }
        if let Some(sample) = &self.sample {
            write!(f, ", sample '{}'", escape(sample))?;
        }
        if let Some(contig) = &self.contig {
            write!(f, ", contig '{}'", escape(contig))?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A name as it can safely be printed on a terminal: control characters escaped, long names cut.
pub fn escape(name: &str) -> String {
    const SHOWN: usize = 120;
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if i == SHOWN {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A number of bytes as people write it, in units that options take: the one in which it is a whole number if there is
/// one, else rounded.
pub fn size(bytes: u64) -> String {
    let whole = [(1 << 30, "GiB"), (1_000_000_000, "GB"), (1 << 20, "MiB"), (1_000_000, "MB")];
    match whole.into_iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => rounded(bytes, |count, part| count / part + u64::from(count % part >= part.div_ceil(2))),
    }
}

/// As [`size`], never less than the number.
pub fn size_up(bytes: u64) -> String {
    rounded(bytes, u64::div_ceil)
}

/// With three digits, the last one as `divided` has it.
fn rounded(bytes: u64, divided: impl Fn(u64, u64) -> u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    let step: u64 =
        [(10, 100), (100, 10)].into_iter().find(|(most, _)| bytes < most * unit).map_or(1, |(_, part)| part);
    let digits = divided(bytes, unit / step);
    match step {
        1 => format!("{digits} {name}"),
        _ if digits.is_multiple_of(step) => format!("{} {name}", digits / step),
        _ => {
            let width = step.ilog10() as usize;
            let fraction = format!("{:0width$}", digits % step);
            format!("{}.{} {name}", digits / step, fraction.trim_end_matches('0'))
        }
    }
}

/// The system's reason without its number, as other programs show it.
fn reason(source: &io::Error) -> String {
    let mut text = source.to_string();
    if let Some(number) = source.raw_os_error()
        && let Some(words) = text.strip_suffix(&format!(" (os error {number})"))
    {
        text.truncate(words.len());
    }
    text
}

/// An error of the system with a word on what may help.
#[derive(Debug)]
struct Hinted {
    error: io::Error,
    hint: &'static str,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", reason(&self.error), self.hint)
    }
}

impl std::error::Error for Hinted {}

/// The same error, whose text ends with a hint in brackets.
pub(crate) fn with_hint(error: io::Error, hint: &'static str) -> io::Error {
    io::Error::new(error.kind(), Hinted { error, hint })
}

/// The system's number of an error, if it has one.
pub fn os_error(error: &io::Error) -> Option<i32> {
    let hinted = || error.get_ref()?.downcast_ref::<Hinted>()?.error.raw_os_error();
    error.raw_os_error().or_else(hinted)
}

fn in_sample(sample: Option<&str>) -> String {
    sample.map(|s| format!(" in sample '{}'", escape(s))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_wins() {
        let e = Error::corrupt("bad")
            .at(|c| {
                c.stream = Some("xGd".into());
                c.part = Some(3);
            })
            .at(|c| {
                c.stream = Some("other".into());
                c.part = Some(9);
                c.archive = Some("a.agc".into());
            });
        assert_eq!(e.to_string(), "a.agc: damaged archive, stream 'xGd', part 3: bad");
    }

    #[test]
    fn reasons_of_the_system_have_no_numbers() {
        let e = Error::io("x.agc", "open", io::Error::from_raw_os_error(libc::ENOENT));
        assert_eq!(e.to_string(), "x.agc: cannot open: No such file or directory");
        let e = Error::io("x.agc", "read", io::Error::other("it is odd (os error 2)"));
        assert_eq!(e.to_string(), "x.agc: cannot read: it is odd (os error 2)");
    }

    #[test]
    fn sizes_are_readable() {
        for (bytes, near, up) in [
            (0, "0 bytes", "0 bytes"),
            (999, "999 bytes", "999 bytes"),
            (1000, "1 kB", "1 kB"),
            (1005, "1.01 kB", "1.01 kB"),
            (5_000_000, "5 MB", "5 MB"),
            (64 << 20, "64 MiB", "67.2 MB"),
            (1 << 30, "1 GiB", "1.08 GB"),
            (256_000_000, "256 MB", "256 MB"),
            (43_210_001, "43.2 MB", "43.3 MB"),
            (432_100_001, "432 MB", "433 MB"),
            (99_999_999, "100 MB", "100 MB"),
            (1_000_000_001, "1 GB", "1.01 GB"),
            (12_345_678_901, "12.3 GB", "12.4 GB"),
            (u64::MAX, "18446744074 GB", "18446744074 GB"),
        ] {
            assert_eq!((size(bytes).as_str(), size_up(bytes).as_str()), (near, up), "{bytes}");
        }
    }

    #[test]
    fn a_hint_changes_the_text_alone() {
        let error = with_hint(io::Error::from_raw_os_error(libc::ENOENT), "TMPDIR");
        assert_eq!((error.kind(), os_error(&error)), (io::ErrorKind::NotFound, Some(libc::ENOENT)));
        assert_eq!(Error::io("x", "create", error).to_string(), "x: cannot create: No such file or directory (TMPDIR)");
    }

    #[test]
    fn control_characters_are_never_printed_raw() {
        assert_eq!(escape("a\u{1b}[31mb\tc"), "a\\u{1b}[31mb\\tc");
    }
}
