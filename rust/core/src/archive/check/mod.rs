//! Whether an archive is whole: its structure, all that is stored, and all contigs against what is known of them.

mod contigs;
mod extras;
mod groups;
mod report;
mod structure;

pub(crate) use contigs::Verdict;
pub use report::{Finding, Report};

use super::open::Archive;
use crate::error::Result;

impl Archive {
    /// Looks at all that can be looked at: the structure as [`Archive::check`] does, every reference and pack, and every
    /// contig: its length, the overlaps of its segments, its lower case, and its digest if one is stored. Goes on behind
    /// what is wrong. `progress` is told, again and again, how many samples are done; its error ends the work.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted), or what `progress` returns; what is wrong with the archive is in
    /// the report.
    pub fn verify(
        &self,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Report> {
        self.verify_each(threads, interrupted, &mut |verdict| progress(u64::from(verdict.sample)))
    }

    /// As [`Archive::verify`]; `each` is told what came of each contig, in order.
    pub(crate) fn verify_each(
        &self,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Verdict) -> Result<()>,
    ) -> Result<Report> {
        let mut report = Report::default();
        self.check_streams(&mut report)?;
        self.check_groups(&mut report, threads, interrupted)?;
        self.check_contigs(&mut report, threads, interrupted, each)?;
        Ok(report)
    }
}
