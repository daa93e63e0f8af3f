//! Going through all samples of an archive.

use super::catalog::BatchOf;
use super::open::Archive;
use super::sample::Sample;
use crate::error::{Error, Result};

/// All samples in order. Each batch is read once, also where it is too large for the cache.
pub(super) struct Walk<'a> {
    archive: &'a Archive,
    interrupted: &'a dyn Fn() -> bool,
    next: usize,
    batch: Option<(usize, BatchOf<'a>)>,
}

impl Archive {
    /// All samples in order; [`Error::Interrupted`] when asked to stop.
    pub(super) fn walk<'a>(&'a self, interrupted: &'a dyn Fn() -> bool) -> Walk<'a> {
        Walk { archive: self, interrupted, next: 0, batch: None }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Sample>;

    fn next(&mut self) -> Option<Result<Sample>> {
        if self.next == self.archive.samples().len() {
            return None;
        }
        if (self.interrupted)() {
            return Some(Err(Error::Interrupted));
        }
        let index = self.next;
        self.next += 1;
        Some(self.archive.sample_after(&mut self.batch, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    use crate::archive::ReadOptions;
    use crate::container::ByteSource;
    use crate::layout::COLLECTION_DETAILS;

    /// Remembers where it was read.
    struct Watched {
        bytes: Vec<u8>,
        offsets: Arc<Mutex<Vec<u64>>>,
    }

    impl ByteSource for Watched {
        fn name(&self) -> &str {
            self.bytes.name()
        }

        fn len(&self) -> u64 {
            ByteSource::len(&self.bytes)
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
            self.offsets.lock().unwrap().push(offset);
            self.bytes.read_at(offset, buffer)
        }
    }

    /// 121 samples in three batches, of which the cache can keep none.
    fn open(offsets: Arc<Mutex<Vec<u64>>>) -> Archive {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/many.agc");
        let source = Watched { bytes: std::fs::read(path).unwrap(), offsets };
        let options = ReadOptions { collection_bytes: 0, ..ReadOptions::default() };
        Archive::from_source(Arc::new(source), &options).unwrap()
    }

    #[test]
    fn each_batch_is_read_once() {
        let offsets = Arc::default();
        let archive = open(Arc::clone(&offsets));
        let walked: Vec<_> = archive.walk(&|| false).map(|sample| sample.unwrap().name().to_owned()).collect();
        let names: Vec<_> = archive.samples().iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        assert_eq!(walked, names);
        let container = archive.store().container();
        let batches = container.parts(container.find(COLLECTION_DETAILS).unwrap());
        assert_eq!(batches.len(), 3);
        for batch in batches {
            assert_eq!(offsets.lock().unwrap().iter().filter(|&&offset| offset == batch.offset).count(), 1);
        }
    }

    /// Each of them wants another sample of one batch.
    #[test]
    fn threads_that_ask_together_read_a_batch_once() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/many.agc");
        let offsets = Arc::default();
        let source = Watched { bytes: std::fs::read(path).unwrap(), offsets: Arc::clone(&offsets) };
        let archive = Archive::from_source(Arc::new(source), &ReadOptions::within(16 << 20)).unwrap();
        let begin = std::sync::Barrier::new(16);
        std::thread::scope(|scope| {
            for index in 0..16 {
                let (archive, begin) = (&archive, &begin);
                scope.spawn(move || {
                    begin.wait();
                    assert!(archive.sample(index).unwrap().length(0).unwrap() > 0);
                });
            }
        });
        let details = archive.store().container();
        let offset = details.parts(details.find(COLLECTION_DETAILS).unwrap())[0].offset;
        assert_eq!(offsets.lock().unwrap().iter().filter(|&&read| read == offset).count(), 1);
    }

    #[test]
    fn a_walk_can_be_stopped() {
        assert!(matches!(open(Arc::default()).walk(&|| true).next(), Some(Err(Error::Interrupted))));
    }
}
