//! References and packs, decoded once and kept while there is room.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use super::cache::{ByteCache, Entry, Key, Look};
use super::gate::{Gate, Pass};
use super::groups::GroupTable;
use super::heap::Heap;
use super::open::ReadOptions;
use crate::alphabet::to_letters;
use crate::codec::Decompressor;
use crate::collection::Segment;
use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::{RAW_GROUPS, StreamKind};
use crate::segment::{decode_pack, decode_reference, pack_entries, reference_length};

/// Bytes of a buffer that is kept for the next part; larger ones are given back.
const KEPT_BUFFER: usize = 256 << 10;

/// Parts of so few bytes as stored count for this when they are decoded, without a look at what they tell: there may be
/// millions of them.
const SMALL: u64 = 1 << 10;
const SMALL_DECODED: u64 = 64 << 10;

/// A decoded part: the letters of a reference, or a pack with the ends of its entries.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Part {
    /// Number of entries of a pack.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// An entry of a pack.
    pub(super) fn entry(&self, index: usize) -> Result<&[u8]> {
        let missing = || Error::corrupt(format!("a pack has no entry {index}"));
        let end = *self.ends.get(index).ok_or_else(missing)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize + 1 };
        Ok(&self.bytes[start..end])
    }
}

impl Entry for Part {
    fn memory(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity()
    }
}

/// A part that is being used, and leave to hold it where it came from no cache.
pub(super) struct Loan<'a> {
    part: Arc<Part>,
    _pass: Option<Pass<'a>>,
}

impl Deref for Loan<'_> {
    type Target = Part;

    fn deref(&self) -> &Part {
        &self.part
    }
}

/// Contexts and buffers that decoding a part needs.
struct Tools {
    decompressor: Decompressor,
    payload: Vec<u8>,
    scratch: Vec<u8>,
}

impl Tools {
    fn new(most: u64) -> Tools {
        Tools { decompressor: Decompressor::new(most), payload: Vec::new(), scratch: Vec::new() }
    }

    /// Gives large buffers back.
    fn rest(&mut self) {
        for buffer in [&mut self.payload, &mut self.scratch] {
            buffer.clear();
            buffer.shrink_to(KEPT_BUFFER);
        }
    }
}

/// What a thread does now and then while it waits for another one, which may wait for bytes from far away.
pub(super) fn looking(container: &Container) -> Look {
    let source = container.source().clone();
    Arc::new(move || source.look())
}

/// Reads and caches the parts of groups.
pub(super) struct Store {
    container: Container,
    groups: GroupTable,
    cardinality: u32,
    cache: ByteCache,
    gate: Gate,
    /// None if nothing bounds the memory.
    heap: Option<Heap>,
    tools: Mutex<Vec<Tools>>,
}

impl Store {
    pub(super) fn new(container: Container, groups: GroupTable, cardinality: u32, options: &ReadOptions) -> Store {
        let look = looking(&container);
        let (cache, gate) = (ByteCache::new(options.cache_bytes, look.clone()), Gate::new(options.decode_bytes, look));
        let heap = options.limit.map(Heap::new);
        Store { container, groups, cardinality, cache, gate, heap, tools: Mutex::default() }
    }

    /// Waits for leave to decode so many bytes. For what is more than usual all references and packs make room.
    pub(super) fn enter(&self, bytes: u64) -> Result<Pass<'_>> {
        let pass = self.gate.enter(bytes)?;
        if let Some(heap) = &self.heap {
            heap.decoded(bytes);
        }
        if bytes > self.gate.most() {
            self.cache.clear();
        }
        Ok(pass)
    }

    pub(super) fn container(&self) -> &Container {
        &self.container
    }

    pub(super) fn groups(&self) -> &GroupTable {
        &self.groups
    }

    fn stream(&self, group: u32, kind: StreamKind) -> Result<usize> {
        self.groups.stream(group, kind).ok_or_else(|| {
            let what = if kind == StreamKind::Reference { "reference" } else { "packs" };
            Error::corrupt(format!("group {group} has no {what}"))
        })
    }

    /// The letters of a group's reference.
    pub(super) fn reference(&self, group: u32) -> Result<Loan<'_>> {
        let stream = self.stream(group, StreamKind::Reference)?;
        self.part(stream, 0, reference_length, |metadata, tools, bytes| {
            decode_reference(metadata, &tools.payload, &mut tools.decompressor, &mut tools.scratch, bytes)?;
            to_letters(bytes);
            Ok(Vec::new())
        })
    }

    /// Number of codes of a group's reference, without decoding it.
    pub(super) fn reference_length(&self, group: u32) -> Result<u64> {
        let stream = self.stream(group, StreamKind::Reference)?;
        let metadata = self.container.metadata(stream, 0)?;
        Ok(reference_length(metadata, self.container.parts(stream)[0].size))
    }

    /// The pack that holds the member `number` of a group, and the member's place in it.
    pub(super) fn pack(&self, group: u32, number: u32) -> Result<(Loan<'_>, usize)> {
        let stream = self.stream(group, StreamKind::Deltas)?;
        let missing = || Error::Internal("the reference is in no pack".into());
        let (cardinality, (pack, index)) = (self.cardinality, self.entry(group, number).ok_or_else(missing)?);
        let part = self.part(stream, pack, u64::max, |metadata, tools, bytes| {
            decode_pack(metadata, &tools.payload, &mut tools.decompressor, bytes)?;
            Ok(pack_entries(bytes, cardinality))
        })?;
        Ok((part, index))
    }

    /// Number of the pack that holds a member, and the member's place in it; none for a reference.
    fn entry(&self, group: u32, number: u32) -> Option<(usize, usize)> {
        let index = if group < RAW_GROUPS { Some(number) } else { number.checked_sub(1) }?;
        Some(((index / self.cardinality) as usize, (index % self.cardinality) as usize))
    }

    /// Announces what the first of some segments need and is not decoded yet, and returns how many of them that serves.
    pub(super) fn prefetch(&self, segments: impl Iterator<Item = Segment>) -> Result<usize> {
        let mut known = FxHashSet::default();
        self.container.prefetch(segments, |segment, ranges| {
            let Segment { group, number, .. } = *segment;
            let pack = self.entry(group, number).map(|(pack, _)| (StreamKind::Deltas, pack));
            let reference = (group >= RAW_GROUPS).then_some((StreamKind::Reference, 0));
            for (kind, part) in pack.into_iter().chain(reference) {
                let Some(stream) = self.groups.stream(group, kind) else { continue };
                let key = Key::Part(stream as u32, part as u32);
                if known.insert(key) && !self.cache.contains(key) {
                    ranges.push(self.container.extent(stream, part));
                }
            }
        })
    }

    /// As [`Store::prefetch`], of what [`Store::reference_length`] needs of those segments that are references.
    pub(super) fn prefetch_lengths(&self, segments: impl Iterator<Item = Segment>) -> Result<usize> {
        self.container.prefetch(segments, |segment, ranges| {
            let stream = (segment.number == 0).then(|| self.groups.stream(segment.group, StreamKind::Reference));
            ranges.extend(stream.flatten().map(|stream| self.container.head(stream, 0)));
        })
    }

    /// A part, whose size when decoded `size` tells from its metadata and its size as stored.
    fn part(
        &self,
        stream: usize,
        part: usize,
        size: impl FnOnce(u64, u64) -> u64,
        decode: impl FnOnce(u64, &mut Tools, &mut Vec<u8>) -> Result<Vec<u32>>,
    ) -> Result<Loan<'_>> {
        let key = Key::Part(stream as u32, part as u32);
        if let Some(part) = self.cache.get(key) {
            return Ok(Loan { part, _pass: None });
        }
        let stored = self.container.parts(stream).get(part).map_or(0, |place| place.size);
        let bytes = match stored {
            0..=SMALL => SMALL_DECODED,
            // What is too large is refused when it is decoded.
            _ => size(self.container.metadata(stream, part)?, stored).min(self.container.most()).saturating_add(stored),
        };
        let pass = self.enter(bytes)?;
        let part = self.cache.load(key, || {
            let mut tools = self.lock().pop().unwrap_or_else(|| Tools::new(self.container.most()));
            let decoded = self.container.read_part(stream, part, &mut tools.payload).and_then(|metadata| {
                let mut bytes = Vec::new();
                let ends = decode(metadata, &mut tools, &mut bytes)?;
                bytes.shrink_to_fit();
                Ok(Part { bytes, ends })
            });
            tools.rest();
            self.lock().push(tools);
            decoded.map_err(|e| self.container.placed(e, stream, part))
        })?;
        Ok(Loan { part, _pass: Some(pass) })
    }

    /// Whether all that a segment is made of is decoded already.
    pub(super) fn holds(&self, segment: Segment) -> bool {
        let Segment { group, number, .. } = segment;
        let held = |kind, part: u32| {
            self.groups.stream(group, kind).is_some_and(|stream| self.cache.contains(Key::Part(stream as u32, part)))
        };
        let index = if group < RAW_GROUPS { Some(number) } else { number.checked_sub(1) };
        (group < RAW_GROUPS || held(StreamKind::Reference, 0))
            && index.is_none_or(|index| held(StreamKind::Deltas, index / self.cardinality))
    }

    /// Forgets all decoded parts.
    pub(super) fn clear(&self) {
        self.cache.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Tools>> {
        self.tools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
