//! What can be told without decoding sequence (FORMAT 7).

use super::super::open::Archive;
use super::super::sample::Sample;
use super::report::Report;
use crate::collection::Segment;
use crate::error::{Error, Result};
use crate::layout::{self, GroupStream, RAW_GROUPS, StreamKind, decode_keys, decode_splitters};

/// What is known of a group from the registry.
struct Known {
    /// Codes of the reference, once they were asked for.
    reference: Option<u64>,
    packs: u64,
}

impl Archive {
    /// Looks whether the archive is well formed, without decoding sequence: the registry, the collection, and whether all
    /// segments have their place in a group. Goes on behind what is wrong.
    ///
    /// # Errors
    /// [`Error::Interrupted`]; what is wrong with the archive is in the report.
    pub fn check(&self, interrupted: &dyn Fn() -> bool) -> Result<Report> {
        let mut report = Report::default();
        self.check_streams(&mut report)?;
        let mut groups = self.known_groups();
        self.each_sample(&mut report, interrupted, |report, sample| {
            for contig in 0..sample.len() {
                let checked = self.check_contig(sample, contig, &mut groups).map_err(|e| sample.placed(e, contig));
                report.contigs += 1;
                if report.keep(checked, self.format())?.is_none() {
                    report.contigs_damaged += 1;
                }
            }
            Ok(())
        })?;
        Ok(report)
    }

    /// Goes through all samples; those that cannot be had are findings.
    pub(super) fn each_sample(
        &self,
        report: &mut Report,
        interrupted: &dyn Fn() -> bool,
        mut each: impl FnMut(&mut Report, &Sample) -> Result<()>,
    ) -> Result<()> {
        for sample in self.walk(interrupted) {
            report.samples += 1;
            match report.keep(sample, self.format())? {
                Some(sample) => each(report, &sample)?,
                None => report.samples_lost += 1,
            }
        }
        Ok(())
    }

    /// Streams that are no group's, and how many parts each stream has.
    pub(super) fn check_streams(&self, report: &mut Report) -> Result<()> {
        let format = self.format();
        report.keep(self.container().extents().map(drop), format)?;
        for group in RAW_GROUPS..self.store().groups().len() as u32 {
            let stream = self.store().groups().stream(group, StreamKind::Reference);
            let parts = stream.map_or(0, |stream| self.container().parts(stream).len());
            if parts != 1 {
                let error = Error::corrupt(format!("group {group} has {parts} references"));
                report.note(self.of_group(error, group, StreamKind::Reference), format)?;
            }
        }
        if format == 3 {
            for name in [layout::COLLECTION_CONTIGS, layout::COLLECTION_DETAILS] {
                report.keep(self.check_batches(name), format)?;
            }
            report.keep(self.check_keys(), format)?;
        }
        self.check_extras(report)
    }

    /// Whether a collection stream has a part for each batch of samples.
    fn check_batches(&self, name: &str) -> Result<()> {
        let stream = self.container().find(name).ok_or_else(|| self.in_stream(name, "there is no such stream"))?;
        let parts = self.container().parts(stream).len();
        let wanted = self.samples().len().div_ceil(self.params().pack_cardinality as usize);
        if parts == wanted {
            return Ok(());
        }
        let samples = self.samples().len();
        Err(self.in_stream(name, &format!("there are {parts} parts where {samples} samples need {wanted}")))
    }

    /// Whether splitters and keys can be read, and keys are of groups that there are.
    fn check_keys(&self) -> Result<()> {
        let content = |name| -> Result<Option<Vec<u8>>> {
            let mut payload = Vec::new();
            let Some(stream) = self.container().find(name) else { return Ok(None) };
            if !self.container().parts(stream).is_empty() {
                self.container().read_part(stream, 0, &mut payload)?;
            }
            Ok(Some(payload))
        };
        let placed = |e: Error, name: &str| e.at(|place| place.stream = Some(name.to_owned()));
        if let Some(payload) = content(layout::SPLITTERS)? {
            decode_splitters(&payload).map_err(|e| placed(e, layout::SPLITTERS))?;
        }
        if let Some(payload) = content(layout::SEGMENT_SPLITTERS)? {
            let keys = decode_keys(&payload).map_err(|e| placed(e, layout::SEGMENT_SPLITTERS))?;
            let groups = self.store().groups().len() as u32;
            if let Some((_, group)) = keys.iter().find(|(_, group)| *group >= groups) {
                let message = format!("there is a key of group {group}, but no such group");
                return Err(self.in_stream(layout::SEGMENT_SPLITTERS, &message));
            }
        }
        Ok(())
    }

    fn known_groups(&self) -> Vec<Known> {
        let packs = |group| {
            let stream = self.store().groups().stream(group, StreamKind::Deltas);
            stream.map_or(0, |stream| self.container().parts(stream).len() as u64)
        };
        (0..self.store().groups().len() as u32).map(|group| Known { reference: None, packs: packs(group) }).collect()
    }

    fn check_contig(&self, sample: &Sample, contig: usize, groups: &mut [Known]) -> Result<()> {
        sample.length(contig)?;
        let (segments, mut served) = (sample.segments(contig), 0usize);
        for (i, segment) in segments.iter().enumerate() {
            if served == 0 {
                served = self.store().prefetch_lengths(segments[i..].iter().copied())?;
            }
            served = served.saturating_sub(1);
            self.check_segment(*segment, groups)?;
        }
        Ok(())
    }

    /// Whether a segment has its place in a group.
    fn check_segment(&self, segment: Segment, groups: &mut [Known]) -> Result<()> {
        let Segment { group, number, .. } = segment;
        let missing = || Error::corrupt(format!("there is no group {group}"));
        let known = groups.get_mut(group as usize).ok_or_else(missing)?;
        if group >= RAW_GROUPS && number == 0 {
            let length = match known.reference {
                Some(length) => length,
                None => *known.reference.insert(self.store().reference_length(group)?),
            };
            if length != u64::from(segment.length()) {
                let told = segment.length();
                return Err(Error::corrupt(format!("group {group} has a reference of {length} codes, not of {told}")));
            }
            return Ok(());
        }
        let index = u64::from(number) - u64::from(group >= RAW_GROUPS);
        if index / u64::from(self.params().pack_cardinality) >= known.packs {
            return Err(Error::corrupt(format!("group {group} has no member {number}")));
        }
        Ok(())
    }

    /// The error with a group's stream as its place.
    pub(super) fn of_group(&self, error: Error, group: u32, kind: StreamKind) -> Error {
        let name = GroupStream { group, kind }.name();
        error.at(|place| {
            place.archive = Some(self.name().to_owned());
            place.stream = Some(String::from_utf8_lossy(&name).into_owned());
        })
    }

    pub(super) fn in_stream(&self, name: &str, message: &str) -> Error {
        Error::corrupt(message).at(|place| {
            place.archive = Some(self.name().to_owned());
            place.stream = Some(name.to_owned());
        })
    }
}
