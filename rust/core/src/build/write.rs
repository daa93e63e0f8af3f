//! The writer: parts into the file in the order of their sequence numbers, the collection when it is complete.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::BufWriter;

use rustc_hash::FxHashSet;

use super::atlas::Keys;
use super::base::Base;
use super::carry::{Receiver, carry};
use super::case::CaseBlock;
use super::digest::DigestPart;
use super::encode::Part;
use super::spill::{Extent, SpillStore};
use super::stats::Stats;
use super::streams::{CASE, CONTIGS, DETAILS, DIGEST, FIRST_TAIL, SAMPLES, group_key, own_streams, registry};
use crate::case::{self, Index};
use crate::codec::{Compressor, Effort, Matches};
use crate::collection::{Batch, BatchSize, Segment, encode_contigs, encode_details, encode_samples};
use crate::container::ContainerWriter;
use crate::digest;
use crate::error::{Error, Result};
use crate::layout::{self, Coverage, FileInfo, GroupStream, Params, RAW_GROUPS, StreamKind};

const COLLECTION_EFFORT: Effort = Effort { level: 19, window_log: 20, table_log: 17, matches: Matches::ByLevel };

/// A batch of samples that is not written yet.
#[derive(Debug)]
struct OpenBatch {
    /// Sequence number of its first segment.
    first: u64,
    batch: Batch,
    closed: bool,
}

/// What an entry of the parts that wait for their turn takes beside its payload.
const EARLY: usize = 96;

/// Ends of the extra streams that are wanted: the last block and the index of lower case; the last part of digests, and
/// what their header says.
type Extras = (Option<(Option<CaseBlock>, Index)>, Option<(Option<DigestPart>, Vec<u8>)>);

/// The one writer of an archive.
pub(super) struct Writer {
    container: ContainerWriter<BufWriter<File>>,
    params: Params,
    compressor: Compressor,
    /// The sequence number whose part is written next; greater ones wait.
    next: u64,
    early: BTreeMap<u64, Option<Part>>,
    /// Bytes of parts and blocks that wait for their turn.
    waiting: usize,
    /// Blocks of lower case, each with the number of the segment whose part it stands before.
    case: VecDeque<(u64, CaseBlock)>,
    /// Digests of batches of samples, each the number of contigs and where they lie in the temporary file. They are written
    /// at the end, as they may be later than what is written meanwhile.
    digests: Vec<(u64, Extent)>,
    samples: Vec<Box<[u8]>>,
    open: VecDeque<OpenBatch>,
    /// Packs that each old group has, and the groups whose last one is written anew.
    old_packs: Vec<u32>,
    replaced: FxHashSet<u32>,
    stats: Stats,
}

impl Writer {
    pub(super) fn new(file: File, name: String, params: Params) -> Self {
        Writer {
            container: ContainerWriter::new(BufWriter::with_capacity(1 << 18, file), name),
            params,
            compressor: Compressor::default(),
            next: 0,
            early: BTreeMap::new(),
            waiting: 0,
            case: VecDeque::new(),
            digests: Vec::new(),
            samples: Vec::new(),
            open: VecDeque::new(),
            old_packs: Vec::new(),
            replaced: FxHashSet::default(),
            stats: Stats::default(),
        }
    }

    /// Goes on from an archive; the sequence number of the first new segment.
    pub(super) fn resume(&mut self, base: &Base) -> Result<u64> {
        self.samples = base.archive().samples().to_vec();
        self.old_packs = (0..base.groups()).map(|group| base.packs(group)).collect();
        if let Some(batch) = base.open_batch()? {
            self.next = batch.segment_count() as u64;
            self.open.push_back(OpenBatch { first: 0, batch, closed: false });
        }
        Ok(self.next)
    }

    /// How large the batch of samples is that is not full yet.
    pub(super) fn open_batch(&self) -> BatchSize {
        let Some(OpenBatch { batch, .. }) = self.open.back().filter(|open| !open.closed) else {
            return BatchSize::default();
        };
        BatchSize { samples: batch.samples(), contigs: batch.contig_count(), names: batch.name_bytes() }
    }

    /// Sets the segment size, before anything is added.
    pub(super) fn set_segment_size(&mut self, size: u32) {
        self.params.segment_size = size;
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        let open = self.open.iter().map(|open| open.batch.memory()).sum::<usize>();
        self.container.memory() + open + self.waiting + self.compressor.memory()
    }

    /// Bytes of what waits for its turn: parts that were finished early, and blocks of lower case.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Begins a sample; `sequence` is the number of the segment that will come next.
    pub(super) fn begin_sample(&mut self, name: Box<[u8]>, sequence: u64) -> Result<()> {
        self.samples.push(name);
        if self.open.back().is_none_or(|batch| batch.closed) {
            self.open.push_back(OpenBatch { first: sequence, batch: Batch::default(), closed: false });
        }
        Ok(())
    }

    /// Begins a contig of the sample.
    pub(super) fn begin_contig(&mut self, name: &[u8]) -> Result<()> {
        self.stats.contigs += 1;
        self.last_batch()?.batch.push_contig(name);
        Ok(())
    }

    /// Adds the next segment of the contig, whose number is yet to come.
    pub(super) fn add_segment(&mut self, group: u32, length: u32, reversed: bool) -> Result<()> {
        self.stats.segments += 1;
        self.last_batch()?.batch.push_segment(Segment::new(group, 0, length, reversed));
        Ok(())
    }

    /// Ends the sample.
    pub(super) fn end_sample(&mut self) -> Result<()> {
        let cardinality = self.params.pack_cardinality as usize;
        let open = self.last_batch()?;
        open.batch.end_sample();
        open.closed = open.batch.samples() == cardinality;
        self.write_batches()
    }

    fn last_batch(&mut self) -> Result<&mut OpenBatch> {
        self.open.back_mut().ok_or_else(|| Error::Internal("a contig came before its sample".into()))
    }

    /// Takes the number of a segment and the part that it finished.
    pub(super) fn stored(&mut self, sequence: u64, number: u32, part: Option<Part>) -> Result<()> {
        let open = self.open.partition_point(|open| open.first <= sequence);
        let open = open.checked_sub(1).and_then(|i| self.open.get_mut(i));
        let open = open.ok_or_else(|| Error::Internal("a segment of no batch was stored".into()))?;
        open.batch.segment_mut((sequence - open.first) as usize).number = number;
        self.part(sequence, part)
    }

    /// Takes a part that belongs at `sequence`.
    pub(super) fn part(&mut self, sequence: u64, part: Option<Part>) -> Result<()> {
        self.waiting += EARLY + size(part.as_ref());
        self.early.insert(sequence, part);
        while let Some(part) = self.early.remove(&self.next) {
            self.waiting -= EARLY + size(part.as_ref());
            self.write_case(self.next)?;
            self.next += 1;
            if let Some(part) = part {
                let GroupStream { group, kind } = part.stream;
                let old = self.old_packs.get(group as usize).is_some_and(|&packs| part.index < packs);
                if old && kind == StreamKind::Deltas {
                    self.replaced.insert(group);
                }
                self.container.add(group_key(part.stream), part.metadata, &part.payload)?;
            }
            // Before the next part, which may be waiting already: a batch stands behind the parts of its own segments.
            self.write_batches()?;
        }
        Ok(())
    }

    /// Takes a block of lower case, before any part at `sequence`.
    pub(super) fn case_block(&mut self, sequence: u64, block: CaseBlock) {
        self.waiting += block.frame.capacity();
        self.case.push_back((sequence, block));
    }

    /// Takes the digests of the next batch of samples.
    pub(super) fn digest_part(&mut self, contigs: u64, part: Extent) {
        self.digests.push((contigs, part));
    }

    /// Writes the blocks of lower case that stand before the part at `sequence`.
    fn write_case(&mut self, sequence: u64) -> Result<()> {
        while self.case.front().is_some_and(|(at, _)| *at <= sequence) {
            if let Some((_, block)) = self.case.pop_front() {
                self.waiting -= block.frame.capacity();
                self.container.add(CASE, block.size, &block.frame)?;
            }
        }
        Ok(())
    }

    fn write_batches(&mut self) -> Result<()> {
        while let Some(open) = self.open.front() {
            if !open.closed || self.next < open.first + open.batch.segment_count() as u64 {
                break;
            }
            if let Some(open) = self.open.pop_front() {
                self.write_batch(&open.batch)?;
            }
        }
        Ok(())
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<()> {
        self.compressed(CONTIGS, &encode_contigs(batch)?)?;
        self.write_details(batch)
    }

    fn write_details(&mut self, batch: &Batch) -> Result<()> {
        let expected = self.params.segment_size + self.params.k;
        let payload = encode_details(batch, expected, &mut self.compressor, COLLECTION_EFFORT)?;
        self.container.add(DETAILS, 0, &payload)?;
        Ok(())
    }

    fn compressed(&mut self, key: u32, raw: &[u8]) -> Result<()> {
        let mut frame = Vec::new();
        self.compressor.compress(raw, COLLECTION_EFFORT, &mut frame)?;
        self.container.add(key, raw.len() as u64, &frame)?;
        Ok(())
    }

    /// Writes the last batch: all its segments must be stored.
    pub(super) fn finish_batches(&mut self) -> Result<()> {
        if let Some(open) = self.open.back_mut() {
            open.closed = true;
        }
        self.write_batches()
    }

    /// Writes the small streams and the footer, when all parts are written; and before them what is left of the archive
    /// that the build went on from. `groups` is the number behind the last group.
    pub(super) fn finish(
        mut self,
        Keys { splitters, keys }: &Keys,
        groups: u32,
        (case, digests): Extras,
        (base, store): (Option<&Base>, &SpillStore),
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Stats> {
        if !self.early.is_empty() || !self.open.is_empty() {
            return Err(Error::Internal("the archive is not complete".into()));
        }
        let raw = encode_samples(self.samples.iter().map(|name| &**name));
        self.write_case(u64::MAX)?;
        let own: Vec<&str> = [(layout::CASE, case.is_some()), (layout::DIGEST, digests.is_some())]
            .into_iter()
            .filter(|own| own.1)
            .map(|own| own.0)
            .collect();
        if let Some((last, index)) = case {
            if let Some(block) = last {
                self.container.add(CASE, block.size, &block.frame)?;
            }
            let header = Coverage::new(self.samples.len(), &raw).encode(case::VERSION, &index.encode());
            self.container.add(CASE, case::VERSION, &header)?;
        }
        if let Some((last, content)) = digests {
            let mut payload = Vec::new();
            for (contigs, extent) in std::mem::take(&mut self.digests) {
                store.read(extent, &mut payload)?;
                self.container.add(DIGEST, contigs, &payload)?;
            }
            if let Some((contigs, payload)) = last {
                self.container.add(DIGEST, contigs, &payload)?;
            }
            let header = Coverage::new(self.samples.len(), &raw).encode(digest::VERSION, &content);
            self.container.add(DIGEST, digest::VERSION, &header)?;
        }
        // What is read on opening lies near the end, where one request gets it with the footer.
        self.compressed(SAMPLES, &raw)?;
        let info = base.map_or_else(FileInfo::ours, Base::info).with_streams(self.samples.len(), &own);
        let (info, pairs) = info.encode();
        let small = [
            (self.params.encode(), 0),
            (layout::encode_splitters(splitters), splitters.len() as u64),
            (layout::encode_keys(keys), keys.len() as u64 + 1),
            (info, pairs),
        ];
        for (key, (payload, metadata)) in (FIRST_TAIL..).zip(small) {
            // Metadata of an empty part cannot be read back (FORMAT 2.3).
            self.container.add(key, if payload.is_empty() { 0 } else { metadata }, &payload)?;
        }
        let foreign = match base {
            Some(base) => {
                self.container.begin_earlier();
                let replaced = std::mem::take(&mut self.replaced);
                carry(base, &replaced, &mut self, interrupted)?
            }
            None => Vec::new(),
        };
        let before = base.map_or(0, |base| base.archive().samples().len());
        self.stats.samples = (self.samples.len() - before) as u64;
        self.stats.groups = u64::from(groups - RAW_GROUPS);
        self.stats.archive_bytes = self
            .container
            .finish(registry(groups).chain(own_streams()).chain(foreign))?
            .into_inner()
            .map_or(0, |file| file.metadata().map_or(0, |metadata| metadata.len()));
        Ok(self.stats)
    }
}

/// Bytes of a part that waits.
fn size(part: Option<&Part>) -> usize {
    part.map_or(0, |part| part.payload.capacity())
}

impl Receiver for Writer {
    fn part(&mut self, key: u32, metadata: u64, payload: &[u8]) -> Result<()> {
        self.container.add(key, metadata, payload).map(|_| ())
    }

    fn details(&mut self, batch: &Batch) -> Result<()> {
        self.write_details(batch)
    }
}
