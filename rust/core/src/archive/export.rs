//! Writing contigs of an archive as FASTA, to a file or to standard output.

use std::io::{BufWriter, Write};
use std::ops::Range;

use super::open::Archive;
use super::sample::Sample;
use crate::error::{Error, Result};
use crate::fasta::{BgzfWriter, FastaWriter};
use crate::output::{Output, Target};

/// How FASTA is written.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Bases a line; 0 for one line a contig.
    pub line_width: usize,
    /// BGZF level from 1 to 9, or 0 for plain text.
    pub gzip_level: u32,
}

/// A stretch of a contig, and what its record is called.
#[derive(Debug, Clone)]
pub struct Region {
    /// Sample that holds the contig.
    pub sample: Sample,
    /// Place of the contig in it.
    pub contig: usize,
    /// Bases, 0-based and half-open; all of them if none are given.
    pub range: Option<Range<u64>>,
    /// Header without `>`; the contig's own if none is given.
    pub header: Option<Vec<u8>>,
}

impl Archive {
    /// Writes regions as FASTA records, in the order given. A file appears when it is complete; what goes to
    /// standard output, a pipe or a device goes at once.
    ///
    /// # Errors
    /// As [`Archive::read`]; [`Error::Io`] when the output cannot be written; [`Error::Interrupted`].
    pub fn export(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        target: &Target,
        options: &ExportOptions,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        if target.is_stream() {
            return self.write_compressed(regions, target.stream()?, &target.name(), options, interrupted);
        }
        let output = Output::create(target)?;
        self.write_compressed(regions, output.reopen()?, &output.name(), options, interrupted)?;
        output.commit()
    }

    fn write_compressed(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        out: impl Write,
        name: &str,
        options: &ExportOptions,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        let failed = |e| Error::io(name, "write", e);
        let out = BufWriter::with_capacity(1 << 18, out);
        let mut out = if options.gzip_level > 0 {
            let out = BgzfWriter::new(out, options.gzip_level);
            self.write_records(regions, out, name, options, interrupted)?.finish().map_err(failed)?
        } else {
            self.write_records(regions, out, name, options, interrupted)?
        };
        out.flush().map_err(failed)
    }

    fn write_records<W: Write>(
        &self,
        regions: impl IntoIterator<Item = Result<Region>>,
        out: W,
        name: &str,
        options: &ExportOptions,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<W> {
        let failed = |e| Error::io(name, "write", e);
        let mut fasta = FastaWriter::new(out, options.line_width);
        for region in regions {
            let Region { sample, contig, range, header } = region?;
            let range = match range {
                Some(range) => range,
                None => 0..sample.length(contig)?,
            };
            fasta.header(header.as_deref().unwrap_or_else(|| sample.header(contig))).map_err(failed)?;
            self.read(&sample, contig, range, |letters| {
                if interrupted() {
                    return Err(Error::Interrupted);
                }
                fasta.letters(letters).map_err(failed)
            })?;
            fasta.finish_record().map_err(failed)?;
        }
        fasta.finish().map_err(failed)
    }
}
