//! The collection of an open archive: sample names at once, contigs and segments when first asked for.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cache::{ByteCache, Entry, Key};
use super::decode::Rules;
use super::gate::Pass;
use super::lengths::Mender;
use super::page::Page;
use super::store::{Store, looking};
use crate::codec::Decompressor;
use crate::collection::{
    Batch, Commands, CompactBatch, MAX_NAMES, OldCollection, StoredBatch, decode_desc, decode_details_v2, decode_main,
    decode_samples,
};
use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::{self, FileInfo};

impl Entry for CompactBatch {
    fn memory(&self) -> usize {
        CompactBatch::memory(self)
    }
}

/// A collection of formats 1 and 2 in memory may be as many times as large as its content: a contig takes two bytes there.
const OLD: u64 = 8;

/// Bytes that a sample's name takes in a table, beside its letters.
const NAME: usize = 32;

/// Where batches of samples come from.
enum Batches {
    /// Format 3: streams of contig names and details, decoded batch by batch.
    Streams { contigs: Option<usize>, details: Option<usize> },
    /// Formats 1 and 2: all decoded on opening.
    Whole(Batch),
}

/// Where a batch of samples is read from.
pub(super) enum BatchOf<'a> {
    /// Format 3.
    Compact(Arc<CompactBatch>),
    /// Formats 1 and 2.
    Whole(&'a Batch),
}

impl BatchOf<'_> {
    /// Number of samples.
    pub(super) fn samples(&self) -> usize {
        match self {
            BatchOf::Compact(batch) => batch.samples(),
            BatchOf::Whole(batch) => batch.samples(),
        }
    }

    /// Number of contigs.
    pub(super) fn contig_count(&self) -> usize {
        self.first_contig(self.samples())
    }

    /// Number of a sample's first contig; behind the last sample, of all contigs.
    pub(super) fn first_contig(&self, sample: usize) -> usize {
        match self {
            BatchOf::Compact(batch) => batch.first_contig(sample),
            BatchOf::Whole(batch) if sample == batch.samples() => batch.contig_count(),
            BatchOf::Whole(batch) => batch.contigs(sample).start,
        }
    }

    /// The contigs of a sample.
    pub(super) fn page(&self, sample: usize, k: u32) -> Result<Page> {
        Ok(Page::new(self.alone(sample)?, k))
    }

    /// A sample as a batch of its own.
    fn alone(&self, sample: usize) -> Result<Batch> {
        match self {
            BatchOf::Compact(compact) => {
                let mut batch = Batch::default();
                compact.append_sample(sample, &mut batch)?;
                batch.shrink();
                Ok(batch)
            }
            BatchOf::Whole(batch) => Ok(batch.alone(sample)),
        }
    }

    /// All samples, and in how many of them lengths were corrected.
    pub(super) fn all(&self) -> Result<(Batch, usize)> {
        match self {
            BatchOf::Compact(compact) => {
                let mut batch = Batch::default();
                (0..compact.samples()).try_for_each(|sample| compact.append_sample(sample, &mut batch))?;
                Ok((batch, compact.corrected()))
            }
            BatchOf::Whole(batch) => Ok(((*batch).clone(), 0)),
        }
    }
}

/// Samples and where to find their contigs.
pub(super) struct Catalog {
    names: Vec<Box<[u8]>>,
    by_name: FxHashMap<Box<[u8]>, u32>,
    batches: Batches,
    /// What is known of samples, and of their digests and lower case, as far as there is room for it.
    cache: ByteCache,
    commands: Commands,
    /// Whether all lengths are known to be right.
    right: bool,
}

impl Catalog {
    /// Reads the sample names, and in formats 1 and 2 all the rest.
    pub(super) fn open(container: &Container, info: &FileInfo, format: u32) -> Result<Catalog> {
        let (names, batches, commands) = match format {
            3 => {
                let names = decode_samples(&content(container, layout::COLLECTION_SAMPLES, 1)?, container.most())?;
                let contigs = container.find(layout::COLLECTION_CONTIGS);
                let details = container.find(layout::COLLECTION_DETAILS);
                (names, Batches::Streams { contigs, details }, Commands::new())
            }
            2 => {
                let main = decode_main(&content(container, layout::COLLECTION_MAIN, OLD)?)?;
                let batch = details_of_format_2(container, &main)?;
                (main.samples, Batches::Whole(batch), main.commands)
            }
            _ => {
                let all = decode_desc(&content(container, layout::COLLECTION_DESC, OLD)?)?;
                (all.samples, Batches::Whole(all.batch), all.commands)
            }
        };
        let mut by_name = FxHashMap::default();
        by_name.reserve(names.len());
        for (i, name) in names.iter().enumerate() {
            by_name.entry(name.clone()).or_insert(i as u32);
        }
        let right = info.written_whole(names.len());
        Ok(Catalog { names, by_name, batches, cache: ByteCache::new(0, looking(container)), commands, right })
    }

    /// The same, which keeps up to `bytes` of what is known of samples.
    pub(super) fn keeping(self, bytes: u64, container: &Container) -> Catalog {
        Catalog { cache: ByteCache::new(bytes, looking(container)), ..self }
    }

    /// Bytes held beside the cache.
    pub(super) fn memory(&self) -> usize {
        let names: usize = self.names.iter().map(|name| 2 * (name.len() + NAME)).sum();
        let batch = match &self.batches {
            Batches::Whole(batch) => batch.memory(),
            Batches::Streams { .. } => 0,
        };
        names + batch
    }

    pub(super) fn names(&self) -> &[Box<[u8]>] {
        &self.names
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        self.by_name.get(name).map(|&index| index as usize)
    }

    pub(super) fn commands(&self) -> &Commands {
        &self.commands
    }

    /// Where what is known of samples is kept.
    pub(super) fn cache(&self) -> &ByteCache {
        &self.cache
    }

    /// Number of the batch that holds a sample, and the sample's place in it.
    pub(super) fn place(&self, sample: usize, rules: Rules) -> (usize, usize) {
        let cardinality = rules.params.pack_cardinality as usize;
        match &self.batches {
            Batches::Whole(_) => (0, sample),
            Batches::Streams { .. } => (sample / cardinality, sample % cardinality),
        }
    }

    /// A batch by its number.
    pub(super) fn batch(&self, number: usize, store: &Store, rules: Rules) -> Result<BatchOf<'_>> {
        let (contigs, details) = match &self.batches {
            Batches::Whole(batch) => return Ok(BatchOf::Whole(batch)),
            Batches::Streams { contigs, details } => (contigs, details),
        };
        let key = Key::Batch(number as u32);
        if let Some(found) = self.cache.get(key) {
            return Ok(BatchOf::Compact(found));
        }
        let missing = || Error::corrupt("the collection has no contigs or no details");
        let (contigs, details) = (contigs.ok_or_else(missing)?, details.ok_or_else(missing)?);
        let container = store.container();
        container.prefetch([contigs, details], |&stream, ranges| ranges.push(container.extent(stream, number)))?;
        let size = container.metadata(contigs, number)?;
        let stored = container.extent(details, number);
        // What is too large is refused when it is decoded.
        let mut pass = store.enter(size.min(container.most()).saturating_add(stored.end - stored.start))?;
        let found = self.cache.load(key, || self.read(contigs, details, number, store, rules, &mut pass))?;
        Ok(BatchOf::Compact(found))
    }

    fn read(
        &self,
        contigs: usize,
        details: usize,
        number: usize,
        store: &Store,
        rules: Rules,
        pass: &mut Pass<'_>,
    ) -> Result<CompactBatch> {
        let container = store.container();
        let mut decompressor = Decompressor::new(container.most());
        let (mut payload, mut names) = (Vec::new(), Vec::new());
        let size = container.read_part(contigs, number, &mut payload)?;
        let in_names = |e| container.placed(e, contigs, number);
        decompressor.decompress(&payload, size, &mut names).map_err(in_names)?;
        let limit = MAX_NAMES.min(usize::try_from(container.most()).unwrap_or(MAX_NAMES));
        let cardinality = rules.params.pack_cardinality as usize;
        let named = self.names.len().saturating_sub(number * cardinality).min(cardinality);
        container.read_part(details, number, &mut payload)?;
        let expected_length = rules.params.segment_size.wrapping_add(rules.params.k);
        let mut mender = Mender::default();
        let correct = |segments: &mut [_]| match self.right {
            true => Ok(false),
            false => mender.mend(store, rules, segments),
        };
        let stored = StoredBatch { names, limit, details: &payload, expected_length };
        let batch = CompactBatch::decode(stored, &mut decompressor, in_names, correct)
            .map_err(|e| container.placed(e, details, number))?;
        pass.grow(batch.memory() as u64);
        if batch.samples() != named {
            let message =
                format!("batch {number} of the collection has {} samples, and names {named}", batch.samples());
            return Err(in_names(Error::corrupt(message)));
        }
        Ok(batch)
    }
}

/// Decompressed content of a stream with one part, which takes up to `factor` times as much when it is decoded.
fn content(container: &Container, name: &str, factor: u64) -> Result<Vec<u8>> {
    let stream = container.find(name).ok_or_else(|| Error::corrupt(format!("there is no stream '{name}'")))?;
    part_content(container, stream, 0, factor)
}

fn part_content(container: &Container, stream: usize, part: usize, factor: u64) -> Result<Vec<u8>> {
    let (mut payload, mut raw) = (Vec::new(), Vec::new());
    let size = container.read_part(stream, part, &mut payload)?;
    let mut decompressor = Decompressor::new(container.most() / factor);
    decompressor.decompress(&payload, size, &mut raw).map_err(|e| container.placed(e, stream, part))?;
    Ok(raw)
}

fn details_of_format_2(container: &Container, main: &OldCollection) -> Result<Batch> {
    let mut batch = Batch::default();
    if let Some(stream) = container.find(layout::COLLECTION_DETAILS) {
        let mut first = 0;
        for part in 0..container.parts(stream).len() {
            let raw = part_content(container, stream, part, OLD)?;
            first += decode_details_v2(&raw, main, first, &mut batch).map_err(|e| container.placed(e, stream, part))?;
        }
    }
    Ok(batch)
}
