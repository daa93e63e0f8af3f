//! One sample of an open archive: its contigs, without their bases.

use std::ops::Range;
use std::sync::Arc;

use super::decode::Piece;
use super::names::Find;
use super::page::Page;
use crate::collection::Segment;
use crate::container::ByteSource;
use crate::error::{Error, Result};

/// A sample's contigs. Cheap to clone; it holds on to its part of the collection.
#[derive(Clone)]
pub struct Sample {
    inner: Arc<Inner>,
}

struct Inner {
    source: Arc<dyn ByteSource>,
    name: String,
    /// Place in the archive, and in its page.
    place: u32,
    index: usize,
    page: Arc<Page>,
    first: usize,
    count: usize,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample").field("name", &self.name()).field("contigs", &self.len()).finish()
    }
}

impl Sample {
    /// The sample at `place` of the archive, and at `index` of a page.
    pub(super) fn new(
        source: Arc<dyn ByteSource>,
        name: String,
        place: usize,
        page: Arc<Page>,
        index: usize,
    ) -> Sample {
        let contigs = page.batch().contigs(index);
        let (first, count) = (contigs.start, contigs.len());
        Sample { inner: Arc::new(Inner { source, name, place: place as u32, index, page, first, count }) }
    }

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
        self.inner.count
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
        self.inner.page.batch().name(self.index(contig))
    }

    /// Segments of the `contig`-th contig.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn segments(&self, contig: usize) -> &[Segment] {
        self.inner.page.segments(self.index(contig))
    }

    /// Bases of the `contig`-th contig; nothing is decoded for it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its segments contradict each other.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn length(&self, contig: usize) -> Result<u64> {
        self.inner.page.length(self.index(contig)).map_err(|e| self.placed(e, contig))
    }

    /// The contig with this header or, where there is none, the one whose header has this first word.
    ///
    /// # Errors
    /// [`Error::NoContig`] when there is none, [`Error::SeveralContigs`] when several begin with the word.
    pub fn find(&self, name: &[u8]) -> Result<usize> {
        let shown = || String::from_utf8_lossy(name).into_owned();
        match self.inner.page.find(self.inner.index, name) {
            Find::One(contig) => Ok(contig),
            Find::Several => Err(Error::SeveralContigs {
                archive: self.inner.source.name().to_owned(),
                sample: self.inner.name.clone(),
                contig: shown(),
            }),
            Find::None => Err(Error::NoContig {
                archive: self.inner.source.name().to_owned(),
                sample: Some(self.inner.name.clone()),
                contig: shown(),
            }),
        }
    }

    /// The pieces of a contig's segments that make up `window` (0-based, half-open, inside the contig), in order.
    pub(super) fn pieces(&self, contig: usize, window: Range<u64>) -> impl Iterator<Item = Result<Piece>> {
        self.inner.page.pieces(self.index(contig), window)
    }

    pub(super) fn page(&self) -> &Page {
        &self.inner.page
    }

    /// Number of a contig among those of its page.
    pub(super) fn index(&self, contig: usize) -> usize {
        assert!(contig < self.inner.count, "contig {contig} of {}", self.inner.count);
        self.inner.first + contig
    }

    pub(super) fn placed(&self, error: Error, contig: usize) -> Error {
        error.at(|place| {
            place.archive = Some(self.inner.source.name().to_owned());
            place.sample = Some(self.inner.name.clone());
            place.contig = Some(String::from_utf8_lossy(self.header(contig)).into_owned());
        })
    }
}
