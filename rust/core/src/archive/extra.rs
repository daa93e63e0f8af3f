//! Opening streams that are none of the format's.

use super::open::Archive;
use crate::error::Result;
use crate::layout::Header;

/// What an extra stream comes to.
pub(super) enum Extra<T> {
    /// It belongs to the samples that there are.
    Current(T),
    /// It was written for other samples.
    Stale,
    /// A later version of panarc can read it.
    Later,
}

impl Archive {
    /// Opens an extra stream by its header, whose content `decode` gets, with the number of parts before it.
    pub(super) fn extra<T>(
        &self,
        stream: usize,
        known: u64,
        decode: impl FnOnce(&[u8], usize) -> Result<T>,
    ) -> Result<Extra<T>> {
        let container = self.store().container();
        let header = container.parts(stream).len().saturating_sub(1);
        let mut payload = Vec::new();
        let found = container.read_part(stream, header, &mut payload).and_then(|version| {
            let coverage = match self.coverage().decode(known, version, &payload)? {
                Header::Stale(told) if self.is_lenient() && told.samples() == self.samples().len() as u64 => told,
                _ => self.coverage(),
            };
            Ok(match coverage.decode(known, version, &payload)? {
                Header::Current(content) => Extra::Current(decode(content, header)?),
                Header::Stale(_) => Extra::Stale,
                Header::Later => Extra::Later,
            })
        });
        found.map_err(|e| container.placed(e, stream, header).at(|place| place.archive = Some(self.name().into())))
    }
}
