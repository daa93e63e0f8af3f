//! Repair: from a damaged archive to a new one that has all that can be read (docs/reliability.md).
//!
//! An archive whose only fault is lengths of old appends is copied, with its rows written anew. Of any other the contigs
//! that can be read, and do not contradict what is known of them, are packed into a new archive.

mod members;
mod order;
mod rebuild;
mod salvage;
mod scan;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::archive::{Archive, DigestFacts, Finding, ReadOptions, Report};
use crate::build::{Builder, DigestChoice, Options as BuildOptions, default_limit, for_new};
use crate::container::{ByteSource, FileSource};
use crate::error::{Error, Result};
use crate::fasta::Interrupt;
use crate::layout::{DIGEST, Params};
use crate::output::{Output, Replace, Target};
use rebuild::rebuild;
use salvage::{Losses, salvage};

/// How a repair works.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Threads that work, the caller's among them; at least one.
    pub threads: usize,
    /// Bytes that the whole process may have resident; [`default_limit`] if none is given.
    pub memory_limit: Option<u64>,
    /// Whether something that is there may be replaced.
    pub overwrite: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: the archive is whole. No file was written.
    Nothing,
    /// All parts were copied, and rows with right lengths written.
    Lengths,
    /// What can be read was packed anew.
    Salvage,
}

/// What a repair came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// What was done.
    pub action: Action,
    /// What [`Archive::verify`] says of the archive as it was.
    pub report: Report,
    /// The contigs, and samples as a whole, that are not in the new archive, and why.
    pub lost: Vec<Finding>,
    /// Samples and contigs of the new archive.
    pub samples: u64,
    /// Contigs of the new archive.
    pub contigs: u64,
    /// Those of them that no digest was there to prove.
    pub unproven: u64,
    /// Those of them whose lower case could not be read; they are in upper case.
    pub case_lost: u64,
    /// Samples whose lengths were corrected, where that was all.
    pub lengths: u64,
}

/// Repairs the archive at `path` into a new one at `target`, which appears when it is complete. Nothing is written if there
/// is nothing to repair. `progress` is told how many samples were looked at; its error ends the work.
///
/// # Errors
/// [`Error::Parameter`] when the target is the archive itself; [`Error::Corrupt`] when nothing can be read; [`Error::Io`],
/// [`Error::MemoryLimit`], [`Error::Interrupted`], or what `progress` returns.
pub fn repair(
    path: &Path,
    target: &Target,
    options: Options,
    interrupt: &Interrupt,
    progress: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Repaired> {
    if target.is_file(path) {
        let message = format!("{}: an archive is not repaired in place; give another output", path.display());
        return Err(Error::Parameter(message));
    }
    let source: Arc<dyn ByteSource> = Arc::new(FileSource::open(path)?);
    // Before any work it must be known whether the target can be written.
    let output = Output::create_locked(target, Replace::Empty, Duration::ZERO, &**interrupt)?;
    let output = for_new(output, options.overwrite, "")?;
    let limit = options.memory_limit.unwrap_or_else(default_limit);
    let read = ReadOptions { cache_bytes: (limit / 8).min(128 << 20), ..ReadOptions::within(limit) };
    let (archive, source, rebuilt) = opened(source, &read, interrupt)?;
    let mut losses = Losses::default();
    let mut report = archive.verify_each(options.threads, &**interrupt, &mut |verdict| {
        losses.judge(verdict);
        progress(u64::from(verdict.sample))
    })?;
    if let Some((error, words)) = rebuilt {
        report.findings.insert(0, Finding::new(error, 3)?);
        report.notes.push(words);
    }
    let build = BuildOptions { threads: options.threads, memory_limit: options.memory_limit, ..Default::default() };
    if !report.is_ok() {
        archive.clear_cache();
        return salvage(
            &Archive::from_source(source, &read)?.lenient(),
            losses,
            &archive,
            report,
            output,
            build,
            interrupt,
        );
    }
    let lengths = wrong_lengths(&archive, interrupt)?;
    let whole = Repaired {
        action: if lengths > 0 { Action::Lengths } else { Action::Nothing },
        samples: report.samples,
        contigs: report.contigs,
        unproven: report.contigs - report.digests,
        report,
        lost: Vec::new(),
        case_lost: 0,
        lengths,
    };
    if lengths > 0 {
        // An append of no samples copies all parts, and writes rows that it finds wrong anew.
        let build = BuildOptions { digests: DigestChoice::None, ..build };
        Builder::append_in(output, archive, build, interrupt.clone())?.finish()?;
    }
    Ok(whole)
}

/// An archive, where its bytes come from, and, if the list of its parts was made anew, why and how.
type Opened = (Archive, Arc<dyn ByteSource>, Option<(Error, String)>);

/// Opens an archive. The list of its parts is made anew if it cannot be read, or lacks digests that there were: then more
/// of it may be wrong, and nothing would tell.
fn opened(source: Arc<dyn ByteSource>, read: &ReadOptions, interrupt: &Interrupt) -> Result<Opened> {
    let again = || -> Result<(Archive, Arc<dyn ByteSource>, String)> {
        let named = |e: Error| e.at(|place| place.archive = Some(source.name().to_owned()));
        let (source, words) = rebuild(&source, read.part_bytes, interrupt).map_err(named)?;
        Ok((Archive::from_source(source.clone(), read)?, source, words))
    };
    match Archive::from_source(source.clone(), read) {
        Ok(archive) if archive.misses(DIGEST) => match again() {
            Ok((found, source, words)) if !found.misses(DIGEST) => {
                let error = Error::corrupt("the stream is gone").at(|place| place.stream = Some(DIGEST.to_owned()));
                Ok((found, source, Some((error, words))))
            }
            Err(Error::Interrupted) => Err(Error::Interrupted),
            _ => Ok((archive, source, None)),
        },
        Ok(archive) => Ok((archive, source, None)),
        Err(error @ Error::Corrupt(_)) => {
            let (archive, source, words) = again()?;
            Ok((archive, source, Some((error, words))))
        }
        Err(error) => Err(error),
    }
}

/// Samples whose lengths are wrong, and right when read as those of an old `append`.
fn wrong_lengths(archive: &Archive, interrupt: &Interrupt) -> Result<u64> {
    if archive.format() < 3 {
        return Ok(0);
    }
    let batches = archive.samples().len().div_ceil(archive.params().pack_cardinality as usize);
    let mut samples = 0;
    for batch in 0..batches {
        if interrupt() {
            return Err(Error::Interrupted);
        }
        samples += archive.batch(batch)?.1 as u64;
    }
    Ok(samples)
}

/// The options of a new archive that is to be as the old one.
fn like(archive: &Archive, build: BuildOptions) -> Result<BuildOptions> {
    let Params { k, min_match, pack_cardinality, segment_size } = *archive.params();
    // Those of format 1, or of another program, may be none that a new archive could have.
    let given = archive.params().validate().is_ok();
    let (digests, md5) = match archive.digest_facts() {
        Ok(DigestFacts::Kept { rule, .. }) => {
            (if rule.is_full() { DigestChoice::Full } else { DigestChoice::Auto }, rule.md5())
        }
        _ => (DigestChoice::Auto, false),
    };
    Ok(BuildOptions {
        k: given.then_some(k),
        min_match: given.then_some(min_match),
        pack_cardinality: given.then_some(pack_cardinality),
        segment_size: given.then_some(segment_size),
        keep_case: matches!(archive.case(), Ok(crate::archive::Case::Kept)),
        digests,
        md5,
        ..build
    })
}
