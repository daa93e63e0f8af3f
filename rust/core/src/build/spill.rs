//! What groups keep, in memory while there is room and behind that in one temporary file without a name.
//!
//! The first references are the ones that nearly every sample needs, so what came first stays in memory and what comes
//! when it is full goes to disk: nothing is ever moved but for a shrinking limit. Reading back costs one `pread`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::container::{read_exact_at, write_all_at};
use crate::error::{Error, Result};
use crate::output::{in_folder, nameless};

/// Bytes that were put aside.
#[derive(Debug)]
pub(super) enum Blob {
    Memory(Box<[u8]>),
    Disk(Extent),
}

/// A stretch of the temporary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: u64,
    pub(super) length: u32,
}

impl Extent {
    /// Nowhere.
    pub(super) const NONE: Extent = Extent { offset: 0, length: 0 };
}

/// Keeps blobs for all shards.
pub(super) struct SpillStore {
    folder: PathBuf,
    file: OnceLock<File>,
    end: AtomicU64,
    resident: AtomicUsize,
    limit: AtomicUsize,
}

impl SpillStore {
    /// A store that keeps at most `limit` bytes in memory; its file, if it needs one, lies in `folder`.
    pub(super) fn new(folder: &Path, limit: usize) -> Self {
        SpillStore {
            folder: folder.to_owned(),
            file: OnceLock::new(),
            end: AtomicU64::new(0),
            resident: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit),
        }
    }

    /// Bytes in memory.
    pub(super) fn resident(&self) -> usize {
        self.resident.load(Ordering::Relaxed)
    }

    /// Bytes on disk.
    pub(super) fn spilled(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Changes how much may be in memory. What is there beyond that goes to disk by [`SpillStore::demote`].
    pub(super) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Whether more is in memory than may be.
    pub(super) fn is_over(&self) -> bool {
        self.resident() > self.limit.load(Ordering::Relaxed)
    }

    /// Puts bytes aside.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<Blob> {
        let limit = self.limit.load(Ordering::Relaxed);
        if self.resident.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() <= limit {
            return Ok(Blob::Memory(bytes.into()));
        }
        self.resident.fetch_sub(bytes.len(), Ordering::Relaxed);
        self.append(bytes).map(Blob::Disk)
    }

    /// Moves a blob to disk, if it is not there; how many bytes that freed.
    pub(super) fn demote(&self, blob: &mut Blob) -> Result<usize> {
        let Blob::Memory(bytes) = blob else { return Ok(0) };
        let length = bytes.len();
        *blob = Blob::Disk(self.append(bytes)?);
        self.resident.fetch_sub(length, Ordering::Relaxed);
        Ok(length)
    }

    /// The bytes of a blob, in place or read into `scratch`.
    pub(super) fn get<'a>(&self, blob: &'a Blob, scratch: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        match blob {
            Blob::Memory(bytes) => Ok(bytes),
            Blob::Disk(extent) => {
                self.read(*extent, scratch)?;
                Ok(scratch)
            }
        }
    }

    /// Writes bytes to the file.
    pub(super) fn append(&self, bytes: &[u8]) -> Result<Extent> {
        let length = u32::try_from(bytes.len()).map_err(|_| Error::Internal("a blob of more than 4 GiB".into()))?;
        let offset = self.end.fetch_add(u64::from(length), Ordering::Relaxed);
        write_all_at(self.file()?, offset, bytes).map_err(|e| self.failed("write", e))?;
        Ok(Extent { offset, length })
    }

    /// Replaces what `out` holds by bytes of the file.
    pub(super) fn read(&self, extent: Extent, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        out.resize(extent.length as usize, 0);
        read_exact_at(self.file()?, extent.offset, out).map_err(|e| self.failed("read", e))
    }

    /// As [`SpillStore::read`], but no more than the first `most` bytes.
    pub(super) fn read_start(&self, extent: Extent, most: usize, out: &mut Vec<u8>) -> Result<()> {
        self.read(Extent { length: extent.length.min(most as u32), ..extent }, out)
    }

    fn file(&self) -> Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = nameless(&self.folder)?;
        // Of two threads that come here at once, one's file is dropped, unused.
        Ok(self.file.get_or_init(|| file))
    }

    fn failed(&self, action: &'static str, error: std::io::Error) -> Error {
        in_folder(&self.folder, action, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_first_stays_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let store = SpillStore::new(folder.path(), 1000);
        let contents: Vec<Vec<u8>> = (0..40u8).map(|i| vec![i; 60 + usize::from(i)]).collect();
        let mut blobs: Vec<Blob> = contents.iter().map(|bytes| store.put(bytes).unwrap()).collect();
        assert!(store.resident() <= 1000 && store.resident() > 900);
        assert!(matches!(blobs[0], Blob::Memory(_)) && matches!(blobs[39], Blob::Disk(_)));
        let mut scratch = Vec::new();
        for (blob, bytes) in blobs.iter().zip(&contents) {
            assert_eq!(store.get(blob, &mut scratch).unwrap(), bytes);
        }
        store.set_limit(0);
        assert!(store.is_over());
        for blob in &mut blobs {
            store.demote(blob).unwrap();
        }
        assert_eq!(store.resident(), 0);
        for (blob, bytes) in blobs.iter().zip(&contents) {
            assert_eq!(store.get(blob, &mut scratch).unwrap(), bytes);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }
}
