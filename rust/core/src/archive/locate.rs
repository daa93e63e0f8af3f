//! Finding a contig whose sample is not known.

use super::open::Archive;
use crate::error::{Error, Result};

/// How many samples an [`Error::Ambiguous`] lists; it says so when there are more than it shows.
const LISTED: usize = 4;

impl Archive {
    /// The only sample with a contig of this header or first word, by its place in [`Archive::samples`].
    ///
    /// # Errors
    /// [`Error::NoContig`] when no sample has one, [`Error::Ambiguous`] when several have,
    /// [`Error::Interrupted`], or as [`Archive::sample`].
    pub fn locate(&self, contig: &[u8], interrupted: &dyn Fn() -> bool) -> Result<usize> {
        let mut found = Vec::new();
        for (index, sample) in self.walk(interrupted).enumerate() {
            if sample?.answers_to(contig) {
                found.push(index);
                if found.len() == LISTED {
                    break;
                }
            }
        }
        let archive = || self.name().to_owned();
        let shown = || String::from_utf8_lossy(contig).into_owned();
        match found[..] {
            [] => Err(Error::NoContig { archive: archive(), sample: None, contig: shown() }),
            [only] => Ok(only),
            _ => {
                let name = |&index: &usize| String::from_utf8_lossy(&self.samples()[index]).into_owned();
                let samples = found.iter().map(name).collect();
                Err(Error::Ambiguous { archive: archive(), contig: shown(), samples })
            }
        }
    }
}
