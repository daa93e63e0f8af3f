//! Decoding all contigs: lengths, overlaps, digests and lower case.

use std::ops::Range;
use std::sync::Arc;

use super::super::decode::{Piece, decode_piece};
use super::super::digest::{BatchDigests, Expected};
use super::super::in_order::in_order;
use super::super::open::Archive;
use super::super::sample::Sample;
use super::decoded::Decoded;
use super::report::{Finding, Report};
use crate::collection::Segment;
use crate::error::{Error, Result};
use crate::layout::RAW_GROUPS;

/// What came of a contig.
#[derive(Default)]
struct Examined {
    bases: u64,
    /// Whether there was a digest to compare with.
    digest: bool,
    /// Whether all of the sequence is there, and nothing that is known of it contradicts it.
    right: bool,
    /// Whether its lower case is there.
    case: bool,
    finding: Option<Finding>,
}

/// Contigs that one job examines at most, and bases beyond which it takes no further one: to hand a short contig to another
/// thread takes longer than to examine it.
const TOGETHER: usize = 64;
const BASES_TOGETHER: u64 = 64 << 10;

/// The first of the contigs that are left, as many as one job is to examine.
fn together(sample: &Sample, left: &mut Range<usize>) -> Range<usize> {
    let (start, mut bases) = (left.start, 0u64);
    while left.start < left.end && left.start - start < TOGETHER && bases < BASES_TOGETHER {
        bases = bases.saturating_add(sample.length(left.start).unwrap_or(0));
        left.start += 1;
    }
    start..left.start
}

/// What was found out about a contig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Place of its sample, and its own in it.
    pub(crate) sample: u32,
    pub(crate) contig: u32,
    /// Whether its sequence can be read and does not contradict what is known of it.
    pub(crate) right: bool,
    /// Whether a digest says so.
    pub(crate) proven: bool,
    /// Whether its lower case can be read.
    pub(crate) case: bool,
}

/// Tells damage from other failures.
fn damage<T>(found: Result<T>) -> Result<Result<T>> {
    match found {
        Err(error @ Error::Corrupt(_)) => Ok(Err(error)),
        found => found.map(Ok),
    }
}

fn verdict(sample: &Sample, contig: usize, examined: &Examined) -> Verdict {
    let Examined { right, digest: proven, case, .. } = *examined;
    Verdict { sample: sample.place(), contig: contig as u32, right, proven, case }
}

impl Archive {
    /// Decodes all contigs on several threads, and notes whose references were. `each` is told what came of each contig, in
    /// order.
    pub(super) fn check_contigs(
        &self,
        report: &mut Report,
        decoded: &Decoded,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Verdict) -> Result<()>,
    ) -> Result<()> {
        let mut lost = Report::default();
        let mut samples = self.walk(interrupted);
        let mut contigs: Option<(Sample, Range<usize>)> = None;
        // They may be too large for the cache.
        let mut digests: Option<(usize, Arc<BatchDigests>)> = None;
        let jobs = std::iter::from_fn(|| {
            // A sample may have millions of contigs.
            if interrupted() {
                return Some(Err(Error::Interrupted));
            }
            loop {
                if let Some((sample, left)) = &mut contigs
                    && left.start < left.end
                {
                    let digests = digests.as_ref().map(|(_, digests)| digests.clone());
                    return Some(Ok((sample.clone(), together(sample, left), digests)));
                }
                contigs = None;
                let sample = samples.next()?;
                lost.samples += 1;
                // Of a sample without contigs nobody else asks for digests.
                let sample = sample.and_then(|sample| {
                    let stored = match self.stored_digests() {
                        // Each contig tells of damage.
                        Err(Error::Corrupt(_)) => None,
                        stored => stored?.filter(|stored| stored.has(&sample)),
                    };
                    let (batch, _) = self.catalog().place(sample.place() as usize, self.rules());
                    drop(digests.take_if(|(held, _)| *held != batch || stored.is_none()));
                    match stored {
                        Some(stored) if digests.is_none() => match self.batch_digests(stored, &sample) {
                            Ok(found) => digests = Some((batch, found)),
                            Err(Error::Corrupt(_)) if !sample.is_empty() => {}
                            Err(error) => return Err(error),
                        },
                        _ => {}
                    }
                    Ok(sample)
                });
                match lost.keep(sample, self.format()) {
                    Ok(Some(sample)) => contigs = Some((sample.clone(), 0..sample.len())),
                    Ok(None) => lost.samples_lost += 1,
                    Err(error) => return Some(Err(error)),
                }
            }
        });
        let examine = |(sample, contigs, digests): (Sample, Range<usize>, Option<Arc<BatchDigests>>)| {
            let each = contigs.map(|contig| {
                let examined = self.examine(&sample, contig, decoded, digests.as_deref())?;
                Ok((verdict(&sample, contig, &examined), examined))
            });
            each.collect::<Result<Vec<_>>>()
        };
        in_order((threads, 2 * threads), interrupted, jobs, examine, |found| {
            for (verdict, examined) in found {
                report.contigs += 1;
                report.bases += examined.bases;
                report.digests += u64::from(examined.digest);
                report.contigs_damaged += u64::from(examined.finding.is_some());
                report.findings.extend(examined.finding);
                each(verdict)?;
            }
            Ok(())
        })?;
        report.samples += lost.samples;
        report.samples_lost += lost.samples_lost;
        report.findings.append(&mut lost.findings);
        Ok(())
    }

    /// Decodes contigs once more, by the places of their samples and their own, in order. `each` is told what came of each.
    pub(crate) fn examine_again(
        &self,
        contigs: &[(u32, u32)],
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Verdict, Option<Finding>) -> Result<()>,
    ) -> Result<()> {
        let (mut last, decoded) = (None, Decoded::new(0));
        let jobs = contigs.iter().map(|&(place, contig)| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            Ok((self.sample_after(&mut last, place as usize)?, contig as usize))
        });
        let examine = |(sample, contig): (Sample, usize)| {
            let examined = self.examine(&sample, contig, &decoded, None)?;
            Ok((verdict(&sample, contig, &examined), examined.finding))
        };
        in_order((threads, 2 * threads), interrupted, jobs, examine, |(verdict, finding)| each(verdict, finding))
    }

    /// `digests` are those of the sample's batch, if they are at hand.
    fn examine(
        &self,
        sample: &Sample,
        contig: usize,
        decoded: &Decoded,
        digests: Option<&BatchDigests>,
    ) -> Result<Examined> {
        let mut examined = Examined { case: true, ..Examined::default() };
        let (mut group, mut flaw) = (None, None);
        let expected = match (digests, self.stored_digests()) {
            (Some(digests), Ok(Some(stored))) => self.expected_of(stored, digests, sample, contig).map(Some),
            _ => self.expected(sample, contig),
        };
        let found = self.try_examine((sample, contig), decoded, expected, &mut examined, &mut group, &mut flaw);
        examined.right = found.is_ok();
        examined.case = flaw.is_none();
        if let Err(error) = flaw.map_or(found, Err) {
            let finding = Finding::new(sample.placed(error, contig), self.format())?;
            examined.finding = Some(Finding { group: finding.group.or(group), ..finding });
        }
        self.count_done(examined.bases);
        Ok(examined)
    }

    /// `flaw` gets what is wrong with the lower case.
    fn try_examine(
        &self,
        (sample, contig): (&Sample, usize),
        decoded: &Decoded,
        expected: Result<Option<Expected>>,
        examined: &mut Examined,
        group: &mut Option<u32>,
        flaw: &mut Option<Error>,
    ) -> Result<()> {
        sample.length(contig)?;
        let k = self.params().k as usize;
        // Damage is told when the rest was looked at; whatever else fails, at once.
        let expected = damage(expected)?;
        let mut hasher =
            expected.as_ref().ok().and_then(|expected| expected.as_ref().map(|expected| expected.hasher()));
        let mut mask = damage(self.mask())?.unwrap_or_else(|error| {
            *flaw = Some(error);
            None
        });
        let (mut letters, mut before) = (Vec::new(), Vec::new());
        let (segments, mut served) = (sample.segments(contig), 0usize);
        for (i, &segment) in segments.iter().enumerate() {
            if served == 0 {
                served = self.store().prefetch(segments[i..].iter().copied())?;
            }
            served = served.saturating_sub(1);
            *group = Some(segment.group);
            letters.clear();
            self.whole(segment, &mut letters)?;
            if segment.group >= RAW_GROUPS {
                decoded.note(segment.group);
            }
            let overlap = if i == 0 { 0 } else { k };
            if letters.len() < overlap || letters[..overlap] != before {
                let message = format!("segment {i} does not begin with the last {k} codes of the one before");
                return Err(Error::corrupt(message));
            }
            before.clear();
            before.extend_from_slice(&letters[letters.len().saturating_sub(k)..]);
            let own = &mut letters[overlap..];
            if let Some(lower) = &mut mask
                && let Err(error) = damage(lower.lower(sample, contig, examined.bases, own))?
            {
                (*flaw, mask) = (Some(error), None);
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(own);
            }
            examined.bases += own.len() as u64;
        }
        *group = None;
        if let (Some(expected), Some(hasher)) = (expected?, hasher) {
            examined.digest = true;
            if !expected.matches(hasher) {
                return Err(Error::corrupt("the sequence is not the one that its stored digest is of"));
            }
        }
        Ok(())
    }

    fn whole(&self, segment: Segment, letters: &mut Vec<u8>) -> Result<()> {
        let Segment { group, number, .. } = segment;
        let local = 0..u64::from(segment.length());
        decode_piece(self.store(), self.rules(), Piece { segment, local }, letters).map_err(|error| match error {
            // Of damage in a part it is told already which one.
            Error::Corrupt(place) if place.stream.is_none() && group < RAW_GROUPS => {
                Error::corrupt(format!("member {number} of raw group {group}: {}", place.message))
            }
            other => other,
        })
    }
}
