//! Decoding all contigs: lengths, overlaps, digests and lower case.

use super::super::decode::{Piece, decode_piece};
use super::super::in_order::in_order;
use super::super::open::Archive;
use super::super::sample::Sample;
use super::report::{Finding, Report};
use crate::collection::Segment;
use crate::error::{Error, Result};
use crate::layout::RAW_GROUPS;

/// What came of a contig.
struct Examined {
    bases: u64,
    /// Whether there was a digest to compare with.
    digest: bool,
    finding: Option<Finding>,
}

impl Archive {
    /// Decodes all contigs on several threads. `progress` is told the place of each sample that is done.
    pub(super) fn check_contigs(
        &self,
        report: &mut Report,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let mut lost = Report::default();
        let mut samples = self.walk(interrupted);
        let mut contigs: Option<(Sample, std::ops::Range<usize>)> = None;
        let jobs = std::iter::from_fn(|| {
            loop {
                if let Some((sample, left)) = &mut contigs
                    && let Some(contig) = left.next()
                {
                    return Some(Ok((sample.clone(), contig)));
                }
                contigs = None;
                let sample = samples.next()?;
                lost.samples += 1;
                // Of a sample without contigs nobody else asks for digests.
                let sample = sample.and_then(|sample| {
                    let stored = self.stored_digests().ok().flatten();
                    if let Some(stored) = stored.filter(|stored| sample.is_empty() && stored.has(&sample)) {
                        self.digest_part(stored, &sample)?;
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
        let examine =
            |(sample, contig): (Sample, usize)| Ok((u64::from(sample.place()), self.examine(&sample, contig)?));
        in_order((threads, 2 * threads), jobs, examine, |(sample, examined)| {
            report.contigs += 1;
            report.bases += examined.bases;
            report.digests += u64::from(examined.digest);
            report.contigs_damaged += u64::from(examined.finding.is_some());
            report.findings.extend(examined.finding);
            progress(sample)
        })?;
        report.samples += lost.samples;
        report.samples_lost += lost.samples_lost;
        report.findings.append(&mut lost.findings);
        Ok(())
    }

    fn examine(&self, sample: &Sample, contig: usize) -> Result<Examined> {
        let mut examined = Examined { bases: 0, digest: false, finding: None };
        let mut group = None;
        if let Err(error) = self.try_examine(sample, contig, &mut examined, &mut group) {
            let finding = Finding::new(sample.placed(error, contig), self.format())?;
            examined.finding = Some(Finding { group: finding.group.or(group), ..finding });
        }
        self.count_done(examined.bases);
        Ok(examined)
    }

    fn try_examine(
        &self,
        sample: &Sample,
        contig: usize,
        examined: &mut Examined,
        group: &mut Option<u32>,
    ) -> Result<()> {
        sample.length(contig)?;
        let k = self.params().k as usize;
        let expected = self.expected(sample, contig);
        let mut hasher =
            expected.as_ref().ok().and_then(|expected| expected.as_ref().map(|expected| expected.hasher()));
        let mut mask = self.mask()?;
        let (mut letters, mut before) = (Vec::new(), Vec::new());
        for (i, &segment) in sample.segments(contig).iter().enumerate() {
            *group = Some(segment.group);
            letters.clear();
            self.whole(segment, &mut letters)?;
            let overlap = if i == 0 { 0 } else { k };
            if letters.len() < overlap || letters[..overlap] != before {
                let message = format!("segment {i} does not begin with the last {k} codes of the one before");
                return Err(Error::corrupt(message));
            }
            before.clear();
            before.extend_from_slice(&letters[letters.len().saturating_sub(k)..]);
            let own = &mut letters[overlap..];
            if let Some(mask) = &mut mask {
                mask.lower(sample, contig, examined.bases, own)?;
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
