//! Packing what can be read of an archive into a new one.

use rustc_hash::FxHashSet;

use super::{Action, Repaired, like};
use crate::archive::{Archive, Finding, Report, Sample, Verdict};
use crate::build::{Builder, Options};
use crate::error::{Error, Result};
use crate::fasta::Interrupt;
use crate::output::Output;

/// Which contigs cannot be had as they were; those that are not here can.
#[derive(Default)]
pub(super) struct Losses {
    /// Sample and contig, by their places.
    lost: FxHashSet<(u32, u32)>,
    /// Of these the lower case is lost.
    upper: FxHashSet<(u32, u32)>,
    /// Of these no digest says that they are right.
    unproven: FxHashSet<(u32, u32)>,
}

impl Losses {
    /// Takes a verdict down.
    pub(super) fn judge(&mut self, verdict: Verdict) {
        let place = (verdict.sample, verdict.contig);
        let Verdict { right, proven, case, .. } = verdict;
        for (set, holds) in [(&mut self.lost, !right), (&mut self.upper, !case), (&mut self.unproven, right && !proven)]
        {
            if holds {
                set.insert(place);
            } else {
                set.remove(&place);
            }
        }
    }
}

/// Packs the contigs of `archive`, which is lenient, that are not lost. Those that looked lost are looked at once more: what
/// was damaged may have been what should prove them.
pub(super) fn salvage(
    archive: &Archive,
    mut losses: Losses,
    strict: &Archive,
    report: Report,
    output: Output,
    build: Options,
    interrupt: &Interrupt,
) -> Result<Repaired> {
    let again = suspects(archive, &losses, strict)?;
    let mut lost = Vec::new();
    archive.examine_again(&again, build.threads, &**interrupt, &mut |verdict, finding| {
        losses.judge(verdict);
        lost.extend(finding.filter(|_| !verdict.right));
        Ok(())
    })?;
    let mut repaired = Repaired {
        action: Action::Salvage,
        report,
        lost,
        samples: 0,
        contigs: 0,
        unproven: 0,
        case_lost: 0,
        lengths: 0,
    };
    let mut builder = Builder::create_in(output, like(archive, build)?, interrupt.clone())?;
    for index in 0..archive.samples().len() {
        if interrupt() {
            return Err(Error::Interrupted);
        }
        match archive.sample(index) {
            Ok(sample) => copy(archive, &sample, index, &losses, &mut builder, &mut repaired)?,
            Err(error) => repaired.lost.push(Finding::new(error, archive.format())?),
        }
    }
    if repaired.contigs == 0 {
        let first = repaired.lost.first().map_or(String::new(), |finding| format!(": {}", finding.place.message));
        let message = format!("no contig can be read{first}");
        return Err(Error::corrupt(message).at(|place| place.archive = Some(archive.name().to_owned())));
    }
    builder.finish()?;
    Ok(repaired)
}

/// Contigs that are to be looked at once more: those that looked lost, or all if nothing could be compared with digests.
fn suspects(archive: &Archive, losses: &Losses, strict: &Archive) -> Result<Vec<(u32, u32)>> {
    let mut again: Vec<_> = losses.lost.iter().copied().collect();
    if strict.trust().is_err() {
        again.clear();
        for index in 0..archive.samples().len() {
            match archive.sample(index) {
                Ok(sample) => again.extend((0..sample.len()).map(|contig| (index as u32, contig as u32))),
                Err(error) => drop(Finding::new(error, archive.format())?),
            }
        }
    }
    again.sort_unstable();
    Ok(again)
}

/// Adds a sample, if a contig of it is left.
fn copy(
    archive: &Archive,
    sample: &Sample,
    index: usize,
    losses: &Losses,
    builder: &mut Builder,
    repaired: &mut Repaired,
) -> Result<()> {
    let place = |contig: usize| (index as u32, contig as u32);
    if !sample.is_empty() && (0..sample.len()).all(|contig| losses.lost.contains(&place(contig))) {
        return Ok(());
    }
    if !taken(builder.begin_sample(&archive.samples()[index]), sample, None, repaired)? {
        return Ok(());
    }
    for contig in (0..sample.len()).filter(|&contig| !losses.lost.contains(&place(contig))) {
        if !taken(builder.begin_contig(sample.header(contig)), sample, Some(contig), repaired)? {
            continue;
        }
        let upper = losses.upper.contains(&place(contig));
        archive.read_as(sample, contig, upper, |letters| builder.write(letters))?;
        builder.end_contig()?;
        repaired.contigs += 1;
        repaired.case_lost += u64::from(upper);
        repaired.unproven += u64::from(losses.unproven.contains(&place(contig)));
    }
    repaired.samples += 1;
    builder.end_sample()
}

/// Whether the builder takes a name; one that no new archive can have, such as one given twice, is lost.
fn taken(found: Result<()>, sample: &Sample, contig: Option<usize>, repaired: &mut Repaired) -> Result<bool> {
    let message = match found {
        Ok(()) => return Ok(true),
        Err(Error::Parameter(message) | Error::Duplicate(message)) => message,
        Err(other) => return Err(other),
    };
    let header = contig.map(|contig| String::from_utf8_lossy(sample.header(contig)).into_owned());
    let error = Error::corrupt(message).at(|place| {
        place.sample = Some(sample.name().to_owned());
        place.contig = header;
    });
    repaired.lost.push(Finding::new(error, 3)?);
    Ok(false)
}
