//! One sample of an open archive: its contigs, without their bases.

use std::ops::Range;
use std::sync::Arc;

use super::cache::Entry;
use super::decode::Piece;
use super::names::Find;
use super::page::Page;
use crate::collection::Segment;
use crate::container::ByteSource;
use crate::error::{Error, Result};

/// A sample's contigs. Cheap to clone; it holds on to what is known of them, wherever the archive's cache is full.
#[derive(Clone)]
pub struct Sample {
    inner: Arc<Inner>,
}

/// What is kept of a sample.
pub(super) struct Inner {
    source: Arc<dyn ByteSource>,
    name: Box<str>,
    /// Place in the archive.
    place: u32,
    /// Number of the first contig in its batch of samples.
    first: usize,
    page: Page,
}

impl Inner {
    /// The sample at `place` of the archive; its contigs are those from `first` on of a batch.
    pub(super) fn new(source: Arc<dyn ByteSource>, name: String, place: usize, first: usize, page: Page) -> Inner {
        Inner { source, name: name.into(), place: place as u32, first, page }
    }
}

impl Entry for Inner {
    fn memory(&self) -> usize {
        self.page.memory() + self.name.len() + size_of::<Inner>()
    }
}

impl From<Arc<Inner>> for Sample {
    fn from(inner: Arc<Inner>) -> Sample {
        Sample { inner }
    }
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample").field("name", &self.name()).field("contigs", &self.len()).finish()
    }
}

impl Sample {
    /// The sample's name; bytes that are not UTF-8 are replaced.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its place in the archive.
    pub(super) fn place(&self) -> u32 {
        self.inner.place
    }

    /// Number of contigs.
    pub fn len(&self) -> usize {
        self.inner.page.len()
    }

    /// Whether there are no contigs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whole header of the `contig`-th contig, without `>`.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn header(&self, contig: usize) -> &[u8] {
        self.inner.page.header(contig)
    }

    /// Segments of the `contig`-th contig.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn segments(&self, contig: usize) -> &[Segment] {
        self.inner.page.segments(contig)
    }

    /// Bases of the `contig`-th contig; nothing is decoded for it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its segments contradict each other.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn length(&self, contig: usize) -> Result<u64> {
        self.inner.page.length(contig).map_err(|e| self.placed(e, contig))
    }

    /// The contig with this header or, where there is none, the one whose header has this first word.
    ///
    /// # Errors
    /// [`Error::NoContig`] when there is none, [`Error::SeveralContigs`] when several begin with the word.
    pub fn find(&self, name: &[u8]) -> Result<usize> {
        let shown = || String::from_utf8_lossy(name).into_owned();
        match self.look_for(name) {
            Find::One(contig) => Ok(contig),
            Find::Several => Err(Error::SeveralContigs {
                archive: self.inner.source.name().to_owned(),
                sample: self.inner.name.to_string(),
                contig: shown(),
            }),
            Find::None => Err(Error::NoContig {
                archive: self.inner.source.name().to_owned(),
                sample: Some(self.inner.name.to_string()),
                contig: shown(),
            }),
        }
    }

    /// What a header or first word leads to.
    pub(super) fn look_for(&self, name: &[u8]) -> Find {
        self.inner.page.find(name)
    }

    /// The pieces of a contig's segments that make up `window` (0-based, half-open, inside the contig), in order.
    pub(super) fn pieces(&self, contig: usize, window: Range<u64>) -> impl Iterator<Item = Result<Piece>> {
        self.inner.page.pieces(contig, window)
    }

    /// Number of a contig among those of its batch of samples.
    pub(super) fn number_in_batch(&self, contig: usize) -> usize {
        self.inner.first + contig
    }

    pub(super) fn placed(&self, error: Error, contig: usize) -> Error {
        error.at(|place| {
            place.archive = Some(self.inner.source.name().to_owned());
            place.sample = Some(self.inner.name.to_string());
            place.contig = Some(String::from_utf8_lossy(self.header(contig)).into_owned());
        })
    }
}
