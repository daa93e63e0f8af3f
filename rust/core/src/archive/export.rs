//! Where FASTA of an archive goes: to a file with its indexes, or to standard output, plain or compressed.

use std::io::{BufWriter, Write};

use super::open::Archive;
use super::packing::Packing;
use super::records::{Records, Region};
use crate::error::{Error, Result};
use crate::fasta::{BgzfWriter, Fai, ZstdWriter};
use crate::output::{Group, Output, Pending, Replace, Target};

/// How FASTA is written.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Bases a line; 0 for one line a contig.
    pub line_width: usize,
    /// Compression. Without any, a file is compressed as its name says.
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
    fn create(target: &Target, packing: Packing, replace: Replace) -> Result<Indexes> {
        let path = match target {
            Target::File(path) if !target.is_stream() => path,
            _ => return Err(no_index(target)),
        };
        let beside = |suffix: &str| {
            let mut path = path.clone().into_os_string();
            path.push(suffix);
            Output::create(&Target::File(path.into()), replace)
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

    /// Fills the indexes of a file, whose outputs stand before theirs: an index older than its file would be taken for
    /// stale.
    fn fill(self, fai: &[u8], gzi: Option<Vec<u8>>, outputs: &mut Vec<Output>) -> Result<()> {
        let fill = |output: &Output, bytes: &[u8]| {
            output.reopen()?.write_all(bytes).map_err(|e| Error::io(output.name(), "write", e))
        };
        fill(&self.fai, fai)?;
        outputs.push(self.fai);
        if let (Some(output), Some(bytes)) = (self.gzi, gzi) {
            fill(&output, &bytes)?;
            outputs.push(output);
        }
        Ok(())
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
    /// As [`Archive::read`]; [`Error::Io`] when the output cannot be written; [`Error::Parameter`] when the file's name and
    /// its compression do not agree, or when an index is wanted and there can be none, [`Error::Duplicate`] when two of its records would have one name; [`Error::Interrupted`].
    pub fn export(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        target: &Target,
        options: &ExportOptions,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        let options = &ExportOptions { packing: options.packing.agreeing(target)?, ..options.clone() };
        self.check_packing(options.packing)?;
        if !target.is_stream() {
            let outputs = self.prepare(regions, target, options, Replace::Writable, interrupted)?;
            let mut group = Group::new();
            group.add(Pending { number: 0, name: String::new(), outputs });
            return group.place().map(drop);
        }
        if options.index {
            return Err(no_index(target));
        }
        let name = target.name();
        let records = self.records(&name, options, interrupted);
        let packed = pack(records, regions, target.stream(interrupted)?, options.packing);
        packed.map(drop).map_err(|e| if interrupted() { Error::Interrupted } else { e })
    }

    /// Refuses what would take too much memory.
    pub(super) fn check_packing(&self, packing: Packing) -> Result<()> {
        match packing {
            Packing::Zstd(level) => self.check_compressor(level, ZstdWriter::<Vec<u8>>::memory(level)),
            Packing::Plain | Packing::Bgzf(_) => Ok(()),
        }
    }

    /// Writes a file and its indexes, complete but for their names.
    pub(super) fn prepare(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        target: &Target,
        options: &ExportOptions,
        replace: Replace,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<Output>> {
        self.check_output(target)?;
        let indexes = if options.index { Some(Indexes::create(target, options.packing, replace)?) } else { None };
        let output = Output::create(target, replace)?;
        let (fai, gzi) =
            pack(self.records(output.name(), options, interrupted), regions, output.reopen()?, options.packing)?;
        let mut outputs = vec![output];
        if let Some(indexes) = indexes {
            indexes.fill(&fai.map_or_else(Vec::new, Fai::finish), gzi, &mut outputs)?;
        }
        Ok(outputs)
    }

    fn records<'a>(&'a self, name: &'a str, options: &ExportOptions, interrupted: &'a dyn Fn() -> bool) -> Records<'a> {
        let fai = options.index.then(|| Fai::new(options.line_width));
        let (line_width, threads) = (options.line_width, options.threads.max(1));
        Records { archive: self, name, line_width, threads, fai, interrupted }
    }
}

fn no_index(target: &Target) -> Error {
    Error::Parameter(format!("{}: only a file can have an index", target.name()))
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
