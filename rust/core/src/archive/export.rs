//! Where FASTA of an archive goes: to a file with its indexes, or to standard output, plain or compressed.

use std::io::{BufWriter, Write};

use super::open::Archive;
use super::records::{Records, Region};
use crate::error::{Error, Result};
use crate::fasta::{BgzfWriter, Fai, ZstdWriter};
use crate::output::{Output, Target};

/// How the text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// BGZF of a level from 1 to 9.
    Bgzf(u32),
    /// One zstd frame of this level.
    Zstd(i32),
}

/// How FASTA is written.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Bases a line; 0 for one line a contig.
    pub line_width: usize,
    /// Compression.
    pub packing: Packing,
    /// Whether a file gets an index beside it, `.fai`, and of BGZF also `.gzi`.
    pub index: bool,
    /// Threads that decode, the caller's among them; at least 1.
    pub threads: usize,
}

/// The indexes of a file: what they hold is written when the file is complete.
struct Indexes {
    fai: Output,
    gzi: Option<Output>,
}

impl Indexes {
    /// Opens the indexes of a target, so that an unwritable place is known before any work.
    fn create(target: &Target, packing: Packing) -> Result<Indexes> {
        let path = match target {
            Target::File(path) if !target.is_stream() => path,
            _ => return Err(Error::Parameter(format!("{}: only a file can have an index", target.name()))),
        };
        let beside = |suffix: &str| {
            let mut path = path.clone().into_os_string();
            path.push(suffix);
            Output::create(&Target::File(path.into()))
        };
        let gzi = match packing {
            Packing::Plain => None,
            Packing::Bgzf(_) => Some(beside(".gzi")?),
            Packing::Zstd(_) => {
                let name = target.name();
                return Err(Error::Parameter(format!("{name}: zstd text has no index; use BGZF or plain text")));
            }
        };
        Ok(Indexes { fai: beside(".fai")?, gzi })
    }

    /// Puts file and indexes in their places. The indexes come last: an index older than its file would be taken for stale.
    fn commit(self, file: Output, fai: &[u8], gzi: Option<Vec<u8>>, interrupted: &dyn Fn() -> bool) -> Result<()> {
        let fill = |output: &Output, bytes: &[u8]| {
            output.reopen()?.write_all(bytes).map_err(|e| Error::io(output.name(), "write", e))
        };
        fill(&self.fai, fai)?;
        if let (Some(output), Some(bytes)) = (&self.gzi, &gzi) {
            fill(output, bytes)?;
        }
        // If this is interrupted, no index may be left that belongs to the file before.
        for index in [Some(&self.fai), self.gzi.as_ref()].into_iter().flatten() {
            index.remove_old()?;
        }
        file.commit(interrupted)?;
        self.fai.commit(interrupted)?;
        self.gzi.map_or(Ok(()), |gzi| gzi.commit(interrupted))
    }
}

impl Archive {
    /// Refuses to put text, or an index of it, in the place of this very archive.
    fn check_output(&self, target: &Target) -> Result<()> {
        let Target::File(path) = target else { return Ok(()) };
        for suffix in ["", ".fai", ".gzi"] {
            let mut path = path.clone().into_os_string();
            path.push(suffix);
            if std::fs::metadata(&path).is_ok_and(|found| self.container().source().is_file(&found)) {
                let reason = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it is the archive that is read");
                return Err(Error::io(path.display(), "write", reason));
            }
        }
        Ok(())
    }

    /// Writes regions as FASTA records, in the order given. A file appears when it is complete; what goes to
    /// standard output, a pipe or a device goes as it is read.
    ///
    /// # Errors
    /// As [`Archive::read`]; [`Error::Io`] when the output cannot be written; [`Error::Parameter`] when an index is wanted
    /// and there can be none, [`Error::Duplicate`] when two of its records would have one name; [`Error::Interrupted`].
    pub fn export(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        target: &Target,
        options: &ExportOptions,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        self.check_output(target)?;
        if let Packing::Zstd(level) = options.packing {
            self.check_compressor(level, ZstdWriter::<Vec<u8>>::memory(level))?;
        }
        let indexes = if options.index { Some(Indexes::create(target, options.packing)?) } else { None };
        let fai = indexes.as_ref().map(|_| Fai::new(options.line_width));
        let name = target.name();
        let (line_width, threads) = (options.line_width, options.threads.max(1));
        let records = Records { archive: self, name: &name, line_width, threads, fai, interrupted };
        if target.is_stream() {
            let packed = pack(records, regions, target.stream(interrupted)?, options.packing);
            return packed.map(drop).map_err(|e| if interrupted() { Error::Interrupted } else { e });
        }
        let output = Output::create(target)?;
        let (fai, gzi) = pack(records, regions, output.reopen()?, options.packing)?;
        match indexes {
            Some(indexes) => indexes.commit(output, &fai.map_or_else(Vec::new, Fai::finish), gzi, interrupted),
            None => output.commit(interrupted),
        }
    }
}

/// Writes all records through a compressor; the indexes, as far as they were asked for.
fn pack(
    mut records: Records<'_>,
    regions: impl IntoIterator<Item = Result<Region>>,
    out: impl Write,
    packing: Packing,
) -> Result<(Option<Fai>, Option<Vec<u8>>)> {
    let name = records.name;
    let failed = |e| Error::io(name, "write", e);
    // Plain text comes in large pieces; what is compressed does not.
    let buffered = |out| BufWriter::with_capacity(1 << 18, out);
    let gzi = match packing {
        Packing::Plain => {
            let mut out = out;
            records.write(regions, &mut out)?;
            out.flush().map_err(failed)?;
            None
        }
        Packing::Bgzf(level) => {
            let out = buffered(out);
            let mut out =
                if records.fai.is_some() { BgzfWriter::indexed(out, level) } else { BgzfWriter::new(out, level) };
            records.write(regions, &mut out)?;
            let (mut out, gzi) = out.finish_indexed().map_err(failed)?;
            out.flush().map_err(failed)?;
            gzi
        }
        Packing::Zstd(level) => {
            let mut out = ZstdWriter::new(buffered(out), level).map_err(failed)?;
            records.write(regions, &mut out)?;
            out.finish().and_then(|mut out| out.flush()).map_err(failed)?;
            None
        }
    };
    Ok((records.fai, gzi))
}
