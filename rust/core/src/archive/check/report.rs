//! What was found out about an archive.

use crate::error::{Corruption, Error, Result};
use crate::layout::GroupStream;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stream and part, sample and contig, as far as they are known; and what is wrong.
    pub place: Corruption,
    /// Group of the stream, or of the segment that could not be decoded.
    pub group: Option<u32>,
}

/// What was looked at, and what is wrong. Findings do not depend on the number of threads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// All that is wrong; of each contig, what was met first.
    pub findings: Vec<Finding>,
    /// Where contigs are not as in their originals; of each contig, what was met first.
    pub differences: Vec<Finding>,
    /// What is worth knowing, but no damage.
    pub notes: Vec<String>,
    /// Samples, and those of them of which nothing can be read.
    pub samples: u64,
    /// Samples without a readable contig for want of their rows.
    pub samples_lost: u64,
    /// Contigs of the others.
    pub contigs: u64,
    /// Contigs with a finding.
    pub contigs_damaged: u64,
    /// Contigs that were compared with a stored digest.
    pub digests: u64,
    /// Contigs that were compared with a record of an original.
    pub compared: u64,
    /// Bases that were decoded.
    pub bases: u64,
}

impl Report {
    /// Whether nothing is wrong, and nothing different.
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty() && self.differences.is_empty()
    }

    /// Takes an error down as a finding.
    ///
    /// # Errors
    /// The error itself if it is not about the archive.
    pub(super) fn note(&mut self, error: Error, format: u32) -> Result<()> {
        self.findings.push(Finding::new(error, format)?);
        Ok(())
    }

    /// The value, or a finding instead.
    pub(super) fn keep<T>(&mut self, found: Result<T>, format: u32) -> Result<Option<T>> {
        match found {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.note(error, format).map(|()| None),
        }
    }
}

impl Finding {
    /// What an error says of the archive.
    ///
    /// # Errors
    /// The error itself if it says nothing of the archive.
    pub(crate) fn new(error: Error, format: u32) -> Result<Finding> {
        let place = match error {
            Error::Corrupt(place) => *place,
            Error::Io { .. } | Error::MemoryLimit { .. } => {
                Corruption { message: error.to_string(), ..Corruption::default() }
            }
            other => return Err(other),
        };
        let stream = place.stream.as_deref().and_then(|name| GroupStream::parse(name.as_bytes(), format));
        Ok(Finding { group: stream.map(|stream| stream.group), place })
    }
}
