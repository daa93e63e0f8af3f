//! The collection of an open archive: sample names at once, contigs and segments when first asked for.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rustc_hash::FxHashMap;

use super::decode::Rules;
use super::lengths::mend;
use super::page::Page;
use super::store::Store;
use crate::codec::Decompressor;
use crate::collection::{
    Batch, Commands, MAX_NAMES, OldCollection, decode_contigs, decode_desc, decode_details, decode_details_v2,
    decode_main, decode_samples,
};
use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::{self, FileInfo, Params};

#[derive(Clone)]
struct Bytes;

impl Weighter<usize, Arc<Page>> for Bytes {
    fn weight(&self, _: &usize, page: &Arc<Page>) -> u64 {
        page.memory() as u64 + 64
    }
}

/// A collection of formats 1 and 2 in memory may be as many times as large as its content: a contig takes two bytes there.
const OLD: u64 = 8;

/// Where pages come from.
enum Pages {
    /// Format 3: streams of contig names and details, decoded batch by batch.
    Streams { contigs: Option<usize>, details: Option<usize>, cache: Cache<usize, Arc<Page>, Bytes> },
    /// Formats 1 and 2: all decoded on opening.
    Whole(Arc<Page>),
}

/// Samples and where to find their contigs.
pub(super) struct Catalog {
    names: Vec<Box<[u8]>>,
    by_name: FxHashMap<Box<[u8]>, u32>,
    pages: Pages,
    commands: Commands,
    /// Whether all lengths are known to be right.
    right: bool,
}

impl Catalog {
    /// Reads the sample names, and in formats 1 and 2 all the rest.
    pub(super) fn open(
        container: &Container,
        info: &FileInfo,
        format: u32,
        params: &Params,
        cache_bytes: u64,
    ) -> Result<Catalog> {
        let whole = |batch| Pages::Whole(Arc::new(Page::new(batch, params.k)));
        let (names, pages, commands) = match format {
            3 => {
                let names = decode_samples(&content(container, layout::COLLECTION_SAMPLES, 1)?, container.most())?;
                let contigs = container.find(layout::COLLECTION_CONTIGS);
                let details = container.find(layout::COLLECTION_DETAILS);
                let cache = Cache::with_weighter(64, cache_bytes, Bytes);
                (names, Pages::Streams { contigs, details, cache }, Commands::new())
            }
            2 => {
                let main = decode_main(&content(container, layout::COLLECTION_MAIN, OLD)?)?;
                let batch = details_of_format_2(container, &main)?;
                (main.samples, whole(batch), main.commands)
            }
            _ => {
                let all = decode_desc(&content(container, layout::COLLECTION_DESC, OLD)?)?;
                (all.samples, whole(all.batch), all.commands)
            }
        };
        let mut by_name = FxHashMap::default();
        by_name.reserve(names.len());
        for (i, name) in names.iter().enumerate() {
            by_name.entry(name.clone()).or_insert(i as u32);
        }
        let right = info.written_whole(names.len());
        Ok(Catalog { names, by_name, pages, commands, right })
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

    /// Number of the batch that holds a sample, and the sample's place in it.
    pub(super) fn place(&self, sample: usize, rules: Rules) -> (usize, usize) {
        let cardinality = rules.params.pack_cardinality as usize;
        match &self.pages {
            Pages::Whole(_) => (0, sample),
            Pages::Streams { .. } => (sample / cardinality, sample % cardinality),
        }
    }

    /// A batch by its number.
    pub(super) fn page(&self, number: usize, store: &Store, rules: Rules) -> Result<Arc<Page>> {
        let (contigs, details, cache) = match &self.pages {
            Pages::Whole(page) => return Ok(page.clone()),
            Pages::Streams { contigs, details, cache } => (contigs, details, cache),
        };
        if let Some(page) = cache.get(&number) {
            return Ok(page);
        }
        let (batch, _) = self.read_mended(*contigs, *details, number, store, rules)?;
        let page = Arc::new(Page::new(batch, rules.params.k));
        cache.insert(number, page.clone());
        Ok(page)
    }

    /// A batch by its number, not from the cache; and in how many of its samples lengths were corrected.
    pub(super) fn batch(&self, number: usize, store: &Store, rules: Rules) -> Result<(Batch, usize)> {
        match &self.pages {
            Pages::Whole(page) => Ok((page.batch().clone(), 0)),
            Pages::Streams { contigs, details, .. } => self.read_mended(*contigs, *details, number, store, rules),
        }
    }

    fn read_mended(
        &self,
        contigs: Option<usize>,
        details: Option<usize>,
        number: usize,
        store: &Store,
        rules: Rules,
    ) -> Result<(Batch, usize)> {
        let missing = || Error::corrupt("the collection has no contigs or no details");
        let contigs = contigs.ok_or_else(missing)?;
        let details = details.ok_or_else(missing)?;
        let mut batch = read_batch(store.container(), contigs, details, number, rules)?;
        let cardinality = rules.params.pack_cardinality as usize;
        let named = self.names.len().saturating_sub(number * cardinality).min(cardinality);
        if batch.samples() != named {
            let message =
                format!("batch {number} of the collection has {} samples, and names {named}", batch.samples());
            return Err(store.container().placed(Error::corrupt(message), contigs, number));
        }
        let mended = if self.right { 0 } else { mend(store, rules, &mut batch)? };
        Ok((batch, mended))
    }
}

fn read_batch(container: &Container, contigs: usize, details: usize, number: usize, rules: Rules) -> Result<Batch> {
    container.prefetch([contigs, details], |&stream, ranges| ranges.push(container.extent(stream, number)))?;
    let mut decompressor = Decompressor::new(container.most());
    let (mut payload, mut raw) = (Vec::new(), Vec::new());
    let size = container.read_part(contigs, number, &mut payload)?;
    let names = decompressor
        .decompress(&payload, size, &mut raw)
        .and_then(|()| decode_contigs(&raw, MAX_NAMES.min(usize::try_from(container.most()).unwrap_or(MAX_NAMES))))
        .map_err(|e| container.placed(e, contigs, number))?;
    drop(raw);
    container.read_part(details, number, &mut payload)?;
    let expected = rules.params.segment_size.wrapping_add(rules.params.k);
    decode_details(&payload, expected, &names, &mut decompressor).map_err(|e| container.placed(e, details, number))
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
