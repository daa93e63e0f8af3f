//! The archive itself: opening and looking up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cache::Key;
use super::case::CaseStore;
use super::catalog::{BatchOf, Catalog};
use super::decode::Rules;
use super::digest::DigestStore;
use super::groups::GroupTable;
use super::sample::{Inner, Sample};
use super::store::Store;
use super::watch::Verified;
use crate::codec::MOST;
use crate::collection::Commands;
use crate::container::{ByteSource, Container, FileSource};
use crate::error::{Error, Result};
use crate::layout::{self, FileInfo, Params, RAW_GROUPS};
use crate::segment::lz::Dialect;

/// Bytes that a compressor may have beside an eighth of the limit.
const COMPRESSOR: u64 = 24 << 20;

/// How an archive is read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Bytes that the archive may take, if they are bounded: what always stands in memory is taken off what may be kept.
    pub limit: Option<u64>,
    /// Bytes of decoded references and packs that are kept at most.
    pub cache_bytes: u64,
    /// Bytes that are kept at most of what is known of samples: contigs and segments, digests, lower case, an index of
    /// names.
    pub collection_bytes: u64,
    /// Bytes that all threads together may have decoded and in no cache; a single part may take more.
    pub decode_bytes: u64,
    /// Bytes of bases and text on their way, when FASTA is written.
    pub export_bytes: u64,
    /// Bytes that are kept at most, as they are stored, of what came from far away.
    pub remote_bytes: u64,
    /// Bytes that a part of the archive may take at most, as stored or decoded. Archives that anybody may have made could
    /// ask for any amount.
    pub part_bytes: u64,
    /// Whether all bases are given in upper case, also where the archive has kept lower case.
    pub upper: bool,
    /// Whether contigs are checked against their stored digests before bases of them are given.
    pub verify: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            limit: None,
            cache_bytes: 128 << 20,
            collection_bytes: 128 << 20,
            decode_bytes: 64 << 20,
            export_bytes: 64 << 20,
            remote_bytes: 32 << 20,
            part_bytes: MOST,
            upper: false,
            verify: false,
        }
    }
}

impl ReadOptions {
    /// For reading within `limit` bytes: a half is for what is known of samples, a quarter for references and packs, an
    /// eighth each for what is being decoded and what is being written. A part that would take more than all of it is
    /// refused.
    #[must_use]
    pub fn within(limit: u64) -> Self {
        let most = ReadOptions::default();
        ReadOptions {
            limit: Some(limit),
            cache_bytes: most.cache_bytes.min(limit / 4),
            collection_bytes: most.collection_bytes.min(limit / 2),
            decode_bytes: most.decode_bytes.min(limit / 8),
            export_bytes: most.export_bytes.min(limit / 8),
            remote_bytes: most.remote_bytes.min(limit / 8),
            part_bytes: limit,
            ..most
        }
    }

    /// The same for what is far away: an eighth of the limit is for what was fetched.
    #[must_use]
    pub fn far(self) -> Self {
        let taken = self.limit.map_or(0, |_| self.remote_bytes);
        ReadOptions { collection_bytes: self.collection_bytes.saturating_sub(taken), ..self }
    }

    /// The same, where `fixed` bytes are taken as long as the archive is open.
    fn beside(&self, fixed: u64) -> Result<ReadOptions> {
        let Some(limit) = self.limit else { return Ok(self.clone()) };
        let left = limit.checked_sub(fixed).ok_or_else(|| Error::MemoryLimit {
            limit,
            needed: fixed,
            reason: "the names of the samples and the list of the parts are in memory as long as it is open".into(),
        })?;
        let share = |bytes: u64| (u128::from(bytes) * u128::from(left) / u128::from(limit.max(1))) as u64;
        Ok(ReadOptions {
            cache_bytes: share(self.cache_bytes),
            collection_bytes: share(self.collection_bytes),
            decode_bytes: share(self.decode_bytes),
            export_bytes: share(self.export_bytes),
            ..self.clone()
        })
    }
}

/// An open archive. It never changes, and any number of threads may share it.
pub struct Archive {
    store: Store,
    catalog: Catalog,
    case: CaseStore,
    digests: DigestStore,
    /// None if nothing is to be verified.
    verified: Option<Verified>,
    upper: bool,
    /// Whether digests and lower case are used as far as they can be read, for single contigs.
    lenient: bool,
    rules: Rules,
    format: u32,
    info: FileInfo,
    done: AtomicU64,
    export_bytes: u64,
    limit: Option<u64>,
    #[cfg(test)]
    made: AtomicU64,
}

impl Archive {
    /// Opens a file. Reads its registry and the sample names only (formats 1 and 2: the whole collection).
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`], or [`Error::Version`].
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Archive> {
        Archive::from_source(Arc::new(FileSource::open(path)?), options)
    }

    /// Opens whatever can be read at offsets.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn from_source(source: Arc<dyn ByteSource>, options: &ReadOptions) -> Result<Archive> {
        let name = source.name().to_owned();
        Archive::from_container(Container::open_within(source, options.part_bytes)?, &name, options)
            .map_err(|e| e.at(|place| place.archive = Some(name)))
    }

    fn from_container(container: Container, name: &str, options: &ReadOptions) -> Result<Archive> {
        let first = [layout::FILE_TYPE_INFO, layout::PARAMS, layout::COLLECTION_SAMPLES];
        container.prefetch(first.iter().filter_map(|name| container.find(name)), |&stream, ranges| {
            ranges.push(container.extent(stream, 0));
        })?;
        let mut payload = Vec::new();
        let mut read = |stream: &str| -> Result<(u64, Vec<u8>)> {
            let missing = || Error::corrupt(format!("it has no stream '{stream}', as every AGC archive has"));
            let found = container.find(stream).ok_or_else(missing)?;
            let metadata = container.read_part(found, 0, &mut payload)?;
            Ok((metadata, std::mem::take(&mut payload)))
        };
        let (pairs, bytes) = read(layout::FILE_TYPE_INFO)?;
        let info = FileInfo::decode(&bytes, pairs)?;
        let format = info.format(name)?;
        let params = Params::decode(&read(layout::PARAMS)?.1, format)?;
        let dialect = if format == 1 { Dialect::V1 } else { Dialect::V2 };
        let case_stream = container.find(layout::CASE).filter(|_| format == 3);
        let case = CaseStore::new(case_stream);
        let digest_stream = container.find(layout::DIGEST).filter(|_| format == 3);
        let digests = DigestStore::new(digest_stream);
        let catalog = Catalog::open(&container, &info, format)?;
        let groups = GroupTable::new(&container, format)?;
        let options = &options.beside((container.memory() + groups.memory() + catalog.memory()) as u64)?;
        let catalog = catalog.keeping(options.collection_bytes, &container);
        let store = Store::new(container, groups, params.pack_cardinality, options);
        let (upper, verified) = (options.upper, options.verify.then(Verified::default));
        let rules = Rules { params, dialect };
        let done = AtomicU64::new(0);
        let (export_bytes, limit) = (options.export_bytes, options.limit);
        let archive = Archive {
            store,
            catalog,
            case,
            digests,
            verified,
            upper,
            lenient: false,
            rules,
            format,
            info,
            done,
            export_bytes,
            limit,
            #[cfg(test)]
            made: AtomicU64::new(0),
        };
        if options.verify {
            archive.trust()?;
        }
        Ok(archive)
    }

    /// The same, which uses of digests and lower case what can be read: also of a part that contradicts its checksum, and
    /// under names of samples that were changed. A digest that agrees all the same proves its contig.
    #[must_use]
    pub(crate) fn lenient(self) -> Archive {
        Archive { lenient: true, ..self }
    }

    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// Name of the source, for messages.
    pub fn name(&self) -> &str {
        self.store.container().source().name()
    }

    /// Size of the archive in bytes.
    pub fn size(&self) -> u64 {
        self.store.container().source().len()
    }

    /// Major version of the file format.
    pub fn format(&self) -> u32 {
        self.format
    }

    /// Version and producer, as the file has them.
    pub fn info(&self) -> &FileInfo {
        &self.info
    }

    /// Parameters of the archive.
    pub fn params(&self) -> &Params {
        &self.rules.params
    }

    /// Command lines that made the archive, where it stores them (formats 1 and 2).
    pub fn commands(&self) -> &Commands {
        self.catalog.commands()
    }

    /// Number of groups, raw ones left out.
    pub fn group_count(&self) -> usize {
        self.store.groups().len().saturating_sub(RAW_GROUPS as usize)
    }

    /// Bases that [`Archive::export`] and [`Archive::verify`] have decoded so far, for whoever shows progress.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Counts bases for [`Archive::done`].
    pub(super) fn count_done(&self, bases: u64) {
        self.done.fetch_add(bases, Ordering::Relaxed);
    }

    /// Gives back the memory of decoded references and packs.
    pub fn clear_cache(&self) {
        self.store.clear();
    }

    /// Refuses a compressor that takes `bytes` if that is too much beside all that may be kept.
    pub(super) fn check_compressor(&self, level: i32, bytes: u64) -> Result<()> {
        let Some(limit) = self.limit else { return Ok(()) };
        let needed = bytes.saturating_sub(COMPRESSOR).saturating_mul(8);
        if needed > limit {
            let reason = format!("zstd takes {bytes} bytes to compress at level {level}");
            return Err(Error::MemoryLimit { limit, needed, reason });
        }
        Ok(())
    }

    /// Bytes of bases and text that may be on their way when FASTA is written.
    pub(super) fn export_bytes(&self) -> u64 {
        self.export_bytes
    }

    /// Sample names in order; the first is the reference sample.
    pub fn samples(&self) -> &[Box<[u8]>] {
        self.catalog.names()
    }

    /// Place of a sample in [`Archive::samples`].
    ///
    /// # Errors
    /// [`Error::NoSample`].
    pub fn find_sample(&self, name: &[u8]) -> Result<usize> {
        self.catalog.find(name).ok_or_else(|| Error::NoSample {
            archive: self.name().to_owned(),
            sample: String::from_utf8_lossy(name).into_owned(),
        })
    }

    /// The contigs of a sample, by its place in [`Archive::samples`].
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its part of the collection is damaged, [`Error::Io`].
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn sample(&self, index: usize) -> Result<Sample> {
        if let Some(sample) = self.sample_at_hand(index) {
            return Ok(sample);
        }
        let (number, _) = self.catalog.place(index, self.rules);
        let found = self.catalog.batch(number, &self.store, self.rules).and_then(|batch| {
            let key = Key::Sample(index as u32);
            self.catalog.cache().load(key, || self.sample_of(&batch, index))
        });
        found.map(Sample::from).map_err(|e| self.of_sample(e, index))
    }

    /// A sample whose contigs are known already: to have it takes no time.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn sample_at_hand(&self, index: usize) -> Option<Sample> {
        assert!(index < self.samples().len(), "sample {index} of {}", self.samples().len());
        self.catalog.cache().get(Key::Sample(index as u32)).map(Sample::from)
    }

    /// As [`Archive::sample`], for going through many: the batch of the sample before is in `last`, and then that of this
    /// one. Samples are not kept for others.
    pub(super) fn sample_after<'a>(&'a self, last: &mut Option<(usize, BatchOf<'a>)>, index: usize) -> Result<Sample> {
        if let Some(sample) = self.sample_at_hand(index) {
            return Ok(sample);
        }
        let (number, _) = self.catalog.place(index, self.rules);
        drop(last.take_if(|(at, _)| *at != number));
        let found = match last {
            Some((_, batch)) => self.sample_of(batch, index),
            None => self.catalog.batch(number, &self.store, self.rules).and_then(|batch| {
                let (_, batch) = last.insert((number, batch));
                self.sample_of(batch, index)
            }),
        };
        found.map(|found| Sample::from(Arc::new(found))).map_err(|e| self.of_sample(e, index))
    }

    /// How often a sample was made of its batch.
    #[cfg(test)]
    pub(super) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    fn sample_of(&self, batch: &BatchOf<'_>, index: usize) -> Result<Inner> {
        #[cfg(test)]
        self.made.fetch_add(1, Ordering::Relaxed);
        let (_, place) = self.catalog.place(index, self.rules);
        if place >= batch.samples() {
            return Err(Error::corrupt("the collection has fewer samples than sample names"));
        }
        let page = batch.page(place, self.rules.params.k)?;
        let source = self.store.container().source().clone();
        let name = String::from_utf8_lossy(&self.samples()[index]).into_owned();
        Ok(Inner::new(source, name, index, batch.first_contig(place), page))
    }

    fn of_sample(&self, error: Error, index: usize) -> Error {
        error.at(|at| {
            at.archive = Some(self.name().to_owned());
            at.sample = Some(String::from_utf8_lossy(&self.samples()[index]).into_owned());
        })
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn case_store(&self) -> &CaseStore {
        &self.case
    }

    pub(super) fn digest_store(&self) -> &DigestStore {
        &self.digests
    }

    /// What is known to be right; none if nothing is to be verified.
    pub(super) fn verified(&self) -> Option<&Verified> {
        self.verified.as_ref()
    }

    pub(super) fn upper(&self) -> bool {
        self.upper
    }

    pub(super) fn rules(&self) -> Rules {
        self.rules
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }
}
