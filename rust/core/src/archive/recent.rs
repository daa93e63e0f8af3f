//! Samples by their places, for requests that mostly are of the same one again.

use super::open::Archive;
use super::sample::Sample;
use crate::error::Result;

/// Holds on to the sample that was asked for last, and to no other.
pub(super) struct Recent<'a> {
    archive: &'a Archive,
    last: Option<(usize, Sample)>,
}

impl Archive {
    /// Samples, of which one at a time is held.
    pub(super) fn recent(&self) -> Recent<'_> {
        Recent { archive: self, last: None }
    }
}

impl Recent<'_> {
    /// A sample by its place.
    pub(super) fn get(&mut self, index: usize) -> Result<&Sample> {
        drop(self.last.take_if(|(place, _)| *place != index));
        Ok(match &mut self.last {
            Some((_, sample)) => sample,
            none => &none.insert((index, self.archive.sample(index)?)).1,
        })
    }
}
