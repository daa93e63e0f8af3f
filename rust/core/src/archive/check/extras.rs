//! Streams of panarc's own: whether they are there, and belong to the samples that there are.

use super::super::open::Archive;
use super::report::Report;
use crate::error::Result;
use crate::layout::{self, Header};
use crate::{case, digest};

/// How an extra stream stands to the samples.
enum Standing {
    /// There is none, and none was written.
    Absent,
    /// It is for them.
    Current,
    /// It is for the first of them: another program has added samples, and left it as it was.
    Outgrown,
    /// A later version can tell.
    Later,
}

impl Archive {
    /// Finds an error if a stream that says what bases or letters should be is damaged, is gone, or tells of other samples:
    /// then nothing could be checked by it.
    pub(crate) fn trust(&self) -> Result<()> {
        self.standings().try_for_each(|(_, standing)| standing.map(drop))
    }

    pub(super) fn check_extras(&self, report: &mut Report) -> Result<()> {
        for (what, standing) in self.standings() {
            match report.keep(standing, self.format())? {
                Some(Standing::Later) => {
                    report.notes.push(format!("{what}: kept by a later version of panarc, not used"))
                }
                Some(Standing::Outgrown) => {
                    report.notes.push(format!("{what}: not used, as another program has added samples"));
                }
                Some(Standing::Absent | Standing::Current) | None => {}
            }
        }
        report.keep(self.case().map(drop), self.format())?;
        report.keep(self.digest_facts().map(drop), self.format())?;
        Ok(())
    }

    /// Whether there was a stream of that name, and it is gone.
    pub(crate) fn misses(&self, name: &str) -> bool {
        self.format() == 3
            && self.container().find(name).is_none()
            && self.info().has_stream(name, self.samples().len())
    }

    fn standings(&self) -> impl Iterator<Item = (&'static str, Result<Standing>)> {
        let streams = [(layout::CASE, case::VERSION, "lower case"), (layout::DIGEST, digest::VERSION, "digests")];
        streams
            .into_iter()
            .filter(|_| self.format() == 3)
            .map(|(name, version, what)| (what, self.standing(name, version)))
    }

    fn standing(&self, name: &str, version: u64) -> Result<Standing> {
        let Some(stream) = self.container().find(name) else {
            return match self.misses(name) {
                true => Err(self.in_stream(name, "the stream is gone")),
                false => Ok(Standing::Absent),
            };
        };
        let mut payload = Vec::new();
        let header = self.container().parts(stream).len().saturating_sub(1);
        let found = self.container().read_part(stream, header, &mut payload)?;
        let told = self.coverage().decode(version, found, &payload);
        Ok(match told.map_err(|e| self.container().placed(e, stream, header))? {
            Header::Current(_) => Standing::Current,
            Header::Later => Standing::Later,
            // Whoever appends without knowing of the stream leaves the samples before as they were.
            Header::Stale(told) => match usize::try_from(told.samples()) {
                Ok(samples) if samples < self.samples().len() && self.coverage_of(samples) == told => {
                    Standing::Outgrown
                }
                _ => return Err(self.in_stream(name, "it does not belong to the names of the samples")),
            },
        })
    }
}
