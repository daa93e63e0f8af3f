//! Whether an archive is whole: its structure, all that is stored, and all contigs against what is known of them.

mod against;
mod contigs;
mod decoded;
mod extras;
mod groups;
mod report;
mod structure;

pub use against::{Original, Originals};
pub(crate) use contigs::Verdict;
use decoded::Decoded;
pub use report::{Finding, Report};

use super::open::Archive;
use crate::error::Result;

impl Archive {
    /// Looks at all that can be looked at: the structure as [`Archive::check`] does, every reference and pack, and every
    /// contig: its length, the overlaps of its segments, its lower case, and its digest if one is stored. Then compares
    /// contigs with originals, if there are any. Goes on behind what is wrong. `progress` is told, again and again, how
    /// many samples are done, those of the originals counted again; its error ends the work.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted), what `progress` returns, or what is wrong with an original; what
    /// is wrong with the archive is in the report.
    pub fn verify(
        &self,
        originals: Option<&Originals>,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Report> {
        let mut report = self.verify_each(threads, interrupted, &mut |verdict| progress(u64::from(verdict.sample)))?;
        if let Some(originals) = originals {
            let done = self.samples().len() as u64;
            self.compare(&mut report, originals, threads, interrupted, &mut |samples| progress(done + samples))?;
        }
        Ok(report)
    }

    /// As [`Archive::verify`] without originals; `each` is told what came of each contig, in order.
    pub(crate) fn verify_each(
        &self,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Verdict) -> Result<()>,
    ) -> Result<Report> {
        let mut report = Report::default();
        self.check_streams(&mut report)?;
        let decoded = Decoded::new(self.store().groups().len());
        // Contigs first, as they need most references; what is wrong with groups is told before what that does to contigs.
        let structure = std::mem::take(&mut report.findings);
        self.check_contigs(&mut report, &decoded, threads, interrupted, each)?;
        let contigs = std::mem::replace(&mut report.findings, structure);
        self.check_groups(&mut report, &decoded, threads, interrupted)?;
        report.findings.extend(contigs);
        Ok(report)
    }
}
