//! Decoding all references and packs, also what no contig uses.

use std::ops::Range;

use super::super::in_order::in_order;
use super::super::open::Archive;
use super::decoded::Decoded;
use super::report::{Finding, Report};
use crate::error::{Error, Result};
use crate::layout::{RAW_GROUPS, StreamKind};

/// Groups that one job looks at: most are small.
const TOGETHER: usize = 16;

impl Archive {
    /// Decodes the parts of all groups on several threads, but for references that were decoded for contigs.
    pub(super) fn check_groups(
        &self,
        report: &mut Report,
        decoded: &Decoded,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        let all = self.store().groups().len() as u32;
        let mut served = 0usize;
        let groups = (0..all).step_by(TOGETHER).map(|first| {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let groups = first..all.min(first + TOGETHER as u32);
            if served == 0 {
                served = self.container().prefetch(first..all, |&group, ranges| self.extents_of(group, ranges))?;
            }
            served = served.saturating_sub(groups.len());
            Ok(groups)
        });
        in_order(
            (threads, 2 * threads),
            interrupted,
            groups,
            |mut groups| {
                groups.try_fold(Vec::new(), |mut findings, group| {
                    findings.extend(self.check_group(group, decoded)?);
                    Ok(findings)
                })
            },
            |findings: Vec<Finding>| {
                report.findings.extend(findings);
                Ok(())
            },
        )
    }

    /// Where all parts of a group lie.
    fn extents_of(&self, group: u32, ranges: &mut Vec<Range<u64>>) {
        for kind in [StreamKind::Reference, StreamKind::Deltas] {
            let Some(stream) = self.store().groups().stream(group, kind) else { continue };
            let parts = self.container().parts(stream).len();
            ranges.extend((0..parts).map(|part| self.container().extent(stream, part)));
        }
    }

    fn check_group(&self, group: u32, decoded: &Decoded) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut keep = |found: Result<()>| -> Result<()> {
            if let Err(error) = found {
                findings.push(Finding { group: Some(group), ..Finding::new(error, self.format())? });
            }
            Ok(())
        };
        let stream = |kind| self.store().groups().stream(group, kind);
        if group >= RAW_GROUPS && stream(StreamKind::Reference).is_some() && !decoded.has(group) {
            keep(self.store().reference(group).map(drop))?;
        }
        let packs = stream(StreamKind::Deltas).map_or(0, |stream| self.container().parts(stream).len() as u32);
        for pack in 0..packs {
            keep(self.check_pack(group, pack, pack + 1 == packs))?;
        }
        Ok(findings)
    }

    /// All packs but a group's last are full.
    fn check_pack(&self, group: u32, pack: u32, last: bool) -> Result<()> {
        let entries = self.pack_length(group, pack)?;
        let most = self.params().pack_cardinality as usize;
        if entries > most || entries < most && !last {
            let error = Error::corrupt(format!("a pack has {entries} entries; {most} are a full one"));
            return Err(self.of_group(error, group, StreamKind::Deltas).at(|place| place.part = Some(u64::from(pack))));
        }
        Ok(())
    }
}
