//! One sample of an open archive: its contigs, without their bases.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::decode::contig_length;
use crate::collection::{Batch, Segment};
use crate::error::{Error, Result};

/// Several contigs that begin with the same word.
const SEVERAL: u32 = u32::MAX;

/// A sample's contigs. Cheap to clone; independent of the archive it came from.
#[derive(Debug, Clone)]
pub struct Sample {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    archive: String,
    name: String,
    place: u32,
    batch: Arc<Batch>,
    first: usize,
    count: usize,
    k: u32,
    /// By whole header, and by first word where that is something else.
    by_name: OnceLock<FxHashMap<Box<[u8]>, u32>>,
}

impl Sample {
    /// The sample at `place` of the archive, and at `index` of a batch.
    pub(super) fn new(archive: String, name: String, place: usize, batch: Arc<Batch>, index: usize, k: u32) -> Sample {
        let contigs = batch.contigs(index);
        let (first, count) = (contigs.start, contigs.len());
        let place = place as u32;
        Sample { inner: Arc::new(Inner { archive, name, place, batch, first, count, k, by_name: OnceLock::new() }) }
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
        self.inner.batch.name(self.index(contig))
    }

    /// Segments of the `contig`-th contig.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn segments(&self, contig: usize) -> &[Segment] {
        self.inner.batch.segments(self.index(contig))
    }

    /// Bases of the `contig`-th contig; nothing is decoded for it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its segments contradict each other.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn length(&self, contig: usize) -> Result<u64> {
        contig_length(self.segments(contig), self.inner.k).map_err(|e| self.placed(e, contig))
    }

    /// The contig with this header or, where there is none, the one whose header has this first word.
    ///
    /// # Errors
    /// [`Error::NoContig`] when there is none, [`Error::SeveralContigs`] when several begin with the word.
    pub fn find(&self, name: &[u8]) -> Result<usize> {
        let by_name = self.inner.by_name.get_or_init(|| self.index_names());
        let shown = || String::from_utf8_lossy(name).into_owned();
        match by_name.get(name) {
            Some(&SEVERAL) => Err(Error::SeveralContigs {
                archive: self.inner.archive.clone(),
                sample: self.inner.name.clone(),
                contig: shown(),
            }),
            Some(&contig) => Ok(contig as usize),
            None => Err(Error::NoContig {
                archive: self.inner.archive.clone(),
                sample: Some(self.inner.name.clone()),
                contig: shown(),
            }),
        }
    }

    fn index_names(&self) -> FxHashMap<Box<[u8]>, u32> {
        let mut by_name: FxHashMap<Box<[u8]>, u32> = FxHashMap::default();
        for contig in 0..self.len() {
            let header = self.header(contig);
            let word = first_word(header);
            if word != header {
                by_name.entry(word.into()).and_modify(|found| *found = SEVERAL).or_insert(contig as u32);
            }
        }
        // A whole header is exact, so it goes before all first words; of equal ones the first is meant.
        for contig in (0..self.len()).rev() {
            by_name.insert(self.header(contig).into(), contig as u32);
        }
        by_name
    }

    fn index(&self, contig: usize) -> usize {
        assert!(contig < self.inner.count, "contig {contig} of {}", self.inner.count);
        self.inner.first + contig
    }

    pub(super) fn placed(&self, error: Error, contig: usize) -> Error {
        error.at(|place| {
            place.archive = Some(self.inner.archive.clone());
            place.sample = Some(self.inner.name.clone());
            place.contig = Some(String::from_utf8_lossy(self.header(contig)).into_owned());
        })
    }
}

pub(super) fn first_word(header: &[u8]) -> &[u8] {
    header.split(u8::is_ascii_whitespace).next().unwrap_or_default()
}
