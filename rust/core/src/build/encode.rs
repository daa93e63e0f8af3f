//! Groups: their references and unfinished packs, and how a segment becomes a member.

use super::base::{Base, OldDeltas};
use super::map::Mapper;
use super::open_pack::OpenPack;
use super::options::Level;
use super::repeats::repeated_share;
use super::spill::{Blob, SpillStore};
use crate::alphabet::reverse_complement;
use crate::codec::{Compressor, Effort, Matches, Matching};
use crate::error::{Error, Result};
use crate::layout::{GroupStream, Params, RAW_GROUPS, StreamKind};
use crate::segment::lz::{Block, Encoder, spell, spell_tokens, spelled_length};
use crate::segment::{PackCompressor, PackEffort, Search, encode_reference, pack_codes, separate, unpack_codes};

const REFERENCE_EFFORT: Effort = Effort { level: 13, window_log: 19, table_log: 17, matches: optimal(4) };

/// For references that repeat themselves.
const REPETITIVE_EFFORT: Effort = Effort { level: 16, window_log: 20, table_log: 18, matches: optimal(6) };

/// Matches of a reference. Chance makes many short ones, which cost time and save nothing.
const fn optimal(shortest: u32) -> Matches {
    Matches::Optimal(Matching { shortest, search_log: 3 })
}

/// Share of a reference that repeats itself, in thousandths, from which on it is one of those.
const REPETITIVE: usize = 50;

/// Up to this size packs are made in both ways: where deltas are short, the parse has little to go by.
const BOTH: usize = 64 << 10;

/// How a pack is made.
#[derive(Debug)]
struct PackMaking {
    /// Longest raw pack in which codes of runs are spelt by themselves. In a longer one runs are tokens.
    spelt_most: usize,
    search: Search,
    /// For packs with tokens.
    plain: Effort,
    /// A pack that is spelt out and has this many times the bytes of its scripts is tried with tokens as well.
    sparse: usize,
}

impl Level {
    fn pack_making(self) -> PackMaking {
        let plain = |level, table_log| Effort { level, window_log: 20, table_log, matches: Matches::ByLevel };
        let lazy = Effort { matches: Matches::Lazy(Matching { shortest: 4, search_log: 6 }), ..plain(10, 17) };
        match self {
            Level::Fast => PackMaking { spelt_most: 0, search: Search::Plain, plain: plain(6, 17), sparse: usize::MAX },
            Level::Balanced => {
                PackMaking { spelt_most: 64 << 10, search: Search::Once, plain: lazy, sparse: usize::MAX }
            }
            Level::Smallest => {
                PackMaking { spelt_most: 16 << 20, search: Search::Twice, plain: plain(19, 20), sparse: 64 }
            }
        }
    }
}

/// A segment on its way to its group.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) sequence: u64,
    pub(super) group: u32,
    /// Whether it is the group's reference.
    pub(super) founder: bool,
    /// Where it runs along the reference.
    pub(super) hints: Vec<Block>,
    pub(super) codes: Vec<u8>,
    pub(super) reversed: bool,
}

impl Job {
    /// Bytes that the segment counts for while it waits for its shard: its buffer may be longer than it.
    pub(super) fn weight(&self) -> usize {
        self.codes.capacity() + size_of_val(&self.hints[..]) + size_of::<Job>()
    }
}

/// A finished part of a group's stream.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) stream: GroupStream,
    pub(super) metadata: u64,
    pub(super) payload: Vec<u8>,
    /// Its number in the stream.
    pub(super) index: u32,
}

/// What a thread needs to encode: made once, used for every segment.
pub(super) struct Tools {
    pub(super) mapper: Mapper,
    compressor: Compressor,
    packs: PackCompressor,
    encoder: Encoder,
    reference: Vec<u8>,
    script: Vec<u8>,
    packed: Vec<u8>,
    scratch: Vec<u8>,
    /// The scripts of a pack, one behind another, and where each ends.
    scripts: Vec<u8>,
    ends: Vec<usize>,
}

impl Tools {
    pub(super) fn new(params: &Params) -> Self {
        Tools {
            mapper: Mapper::default(),
            compressor: Compressor::default(),
            packs: PackCompressor::new(params.min_match),
            encoder: Encoder::default(),
            reference: Vec::new(),
            script: Vec::new(),
            packed: Vec::new(),
            scratch: Vec::new(),
            scripts: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        let buffers = [&self.reference, &self.script, &self.packed, &self.scratch, &self.scripts];
        let tools = self.mapper.memory() + self.compressor.memory() + self.packs.memory() + self.encoder.memory();
        tools + buffers.iter().map(|b| b.capacity()).sum::<usize>()
    }
}

/// What a shard needs beside its groups.
pub(super) struct Context<'a> {
    pub(super) params: &'a Params,
    pub(super) level: Level,
    pub(super) store: &'a SpillStore,
    /// The archive that has the groups' deltas so far.
    pub(super) base: Option<&'a Base>,
    /// Number of shards: a group stands at its number divided by this.
    pub(super) shards: usize,
}

/// The groups that one owner looks after, at their number divided by the number of shards.
#[derive(Debug, Default)]
pub(super) struct Shard {
    groups: Vec<Option<Group>>,
}

#[derive(Debug)]
struct Group {
    reference: Blob,
    /// Deltas: those in finished packs are only counted. None before the first one is added.
    deltas: Option<Box<Deltas>>,
}

#[derive(Debug)]
struct Deltas {
    packed: u32,
    open: OpenPack,
}

impl Shard {
    /// Stores a segment; its number in the group, and a part that this finished.
    pub(super) fn store(
        &mut self,
        job: &mut Job,
        context: &Context<'_>,
        tools: &mut Tools,
    ) -> Result<(u32, Option<Part>)> {
        if job.reversed {
            reverse_complement(&mut job.codes);
        }
        if job.group < RAW_GROUPS {
            return self.add_raw(job, context, tools);
        }
        if !job.founder {
            return self.add(job, context, tools);
        }
        let part = found(job.group, &job.codes, tools)?;
        let reference = context.store.put(&tools.packed)?;
        self.insert(job.group as usize / context.shards, Group { reference, deltas: None });
        Ok((0, Some(part)))
    }

    /// Takes a group that the archive has already.
    pub(super) fn load(&mut self, at: usize, codes: &[u8], store: &SpillStore) -> Result<()> {
        let mut packed = Vec::new();
        pack_codes(codes, &mut packed);
        self.insert(at, Group { reference: store.put(&packed)?, deltas: None });
        Ok(())
    }

    fn insert(&mut self, at: usize, group: Group) {
        if at >= self.groups.len() {
            self.groups.resize_with(at + 1, || None);
        }
        self.groups[at] = Some(group);
    }

    fn add(&mut self, job: &Job, context: &Context<'_>, tools: &mut Tools) -> Result<(u32, Option<Part>)> {
        let number = job.group;
        let group = self.groups.get_mut(number as usize / context.shards).and_then(Option::as_mut);
        let group = group.ok_or_else(|| Error::Internal(format!("a segment came before its group {number}")))?;
        unpack_codes(context.store.get(&group.reference, &mut tools.packed)?, &mut tools.reference)?;
        if job.codes == tools.reference {
            return Ok((0, None));
        }
        let min_match = context.params.min_match;
        tools.encoder.encode(&job.codes, &tools.reference, &job.hints, min_match, &mut tools.script)?;
        let deltas = Deltas::of(group, number, context, &mut tools.scratch)?;
        let script = std::mem::take(&mut tools.script);
        let added = deltas.add(&script, number, context, tools);
        tools.script = script;
        // Number 0 is the reference.
        added.map(|(index, part)| (index + 1, part))
    }

    /// Stores a segment as it is.
    fn add_raw(&mut self, job: &Job, context: &Context<'_>, tools: &mut Tools) -> Result<(u32, Option<Part>)> {
        let at = job.group as usize / context.shards;
        if self.groups.get(at).is_none_or(Option::is_none) {
            let nothing = context.store.put(&[])?;
            self.insert(at, Group { reference: nothing, deltas: None });
        }
        let group = self.groups[at].as_mut().ok_or_else(|| Error::Internal("a raw group is missing".into()))?;
        let deltas = Deltas::of(group, job.group, context, &mut tools.scratch)?;
        deltas.add(&job.codes, job.group, context, tools)
    }

    /// Groups with an unfinished pack, of the shard of this number.
    pub(super) fn unfinished(&self, shard: usize, shards: usize) -> impl Iterator<Item = u32> {
        let open =
            |group: &Option<Group>| group.as_ref()?.deltas.as_ref().filter(|deltas| deltas.open.len() > 0).map(|_| ());
        (self.groups.iter().enumerate())
            .filter_map(move |(at, group)| open(group).map(|()| (at * shards + shard) as u32))
    }

    /// Finishes a group's last pack and forgets the group.
    pub(super) fn finish(&mut self, group: u32, context: &Context<'_>, tools: &mut Tools) -> Result<Option<Part>> {
        let taken = self.groups.get_mut(group as usize / context.shards).and_then(Option::take);
        let deltas = taken.and_then(|group| group.deltas);
        deltas.map(|mut deltas| deltas.finish(group, context, tools)).transpose()
    }

    /// Moves references to disk, the last ones first, until the store is within its limit.
    pub(super) fn shrink(&mut self, store: &SpillStore) -> Result<()> {
        for group in self.groups.iter_mut().rev().flatten() {
            if !store.is_over() {
                break;
            }
            store.demote(&mut group.reference)?;
        }
        Ok(())
    }

    /// Bytes held for groups, their references left out.
    pub(super) fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<Option<Group>>()
    }
}

impl Deltas {
    /// Those of a group; what the archive has of them that the build goes on from is looked at when first needed.
    fn of<'a>(
        group: &'a mut Group,
        number: u32,
        context: &Context<'_>,
        scratch: &mut Vec<u8>,
    ) -> Result<&'a mut Deltas> {
        Ok(match &mut group.deltas {
            Some(deltas) => deltas,
            none => none.insert(Box::new(match context.base.filter(|base| number < base.groups()) {
                Some(base) => Deltas::load(base.deltas(number)?, context.store, scratch)?,
                None => Deltas { packed: 0, open: OpenPack::new() },
            })),
        })
    }

    /// Adds a script, or the codes of a raw group's member, unless it is there: its place, and a pack that is full.
    fn add(
        &mut self,
        script: &[u8],
        group: u32,
        context: &Context<'_>,
        tools: &mut Tools,
    ) -> Result<(u32, Option<Part>)> {
        if let Some(index) = self.open.find(script, context.store, &mut tools.scratch)? {
            return Ok((self.packed + index as u32, None));
        }
        let place = self.packed + self.open.len() as u32;
        self.open.push(script, context.store, &mut tools.scratch)?;
        let full = self.open.len() == context.params.pack_cardinality as usize;
        let part = if full { Some(self.finish(group, context, tools)?) } else { None };
        Ok((place, part))
    }

    /// Goes on from what there is.
    fn load(old: OldDeltas, store: &SpillStore, scratch: &mut Vec<u8>) -> Result<Self> {
        let mut open = OpenPack::new();
        old.open.iter().try_for_each(|script| open.push(script, store, scratch))?;
        Ok(Deltas { packed: old.packed, open })
    }

    fn finish(&mut self, group: u32, context: &Context<'_>, tools: &mut Tools) -> Result<Part> {
        let index = self.packed / context.params.pack_cardinality;
        self.packed += self.open.len() as u32;
        let min_match = context.params.min_match;
        let Tools { reference: raw, scripts, ends, scratch, packs, packed, .. } = tools;
        scripts.clear();
        ends.clear();
        let mut spelt_length = 0;
        self.open.take(context.store, scratch, |script| {
            scripts.extend_from_slice(script);
            ends.push(scripts.len());
            spelt_length += if group < RAW_GROUPS { 0 } else { spelled_length(script, min_match) + 1 };
        })?;
        let entries = |spelling: fn(&[u8], u32, &mut Vec<u8>), raw: &mut Vec<u8>| {
            raw.clear();
            let mut start = 0;
            for &end in ends.iter() {
                spelling(&scripts[start..end], min_match, raw);
                separate(raw);
                start = end;
            }
        };
        let making = context.level.pack_making();
        let raw_group = group < RAW_GROUPS;
        let spelt = !raw_group && spelt_length <= making.spelt_most;
        entries(
            if raw_group {
                as_it_is
            } else if spelt {
                spell
            } else {
                spell_tokens
            },
            raw,
        );
        let search = if spelt { making.search } else { Search::Plain };
        let mut payload = Vec::new();
        let mut metadata = packs.compress(raw, PackEffort { search, plain: making.plain }, &mut payload)?;
        if spelt && (spelt_length <= BOTH || spelt_length / making.sparse > scripts.len()) {
            entries(spell_tokens, raw);
            let other = packs.compress(raw, PackEffort { search: Search::Plain, plain: making.plain }, packed)?;
            if packed.len() < payload.len() {
                metadata = other;
                payload.clear();
                payload.extend_from_slice(packed);
            }
        }
        payload.shrink_to_fit();
        Ok(Part { stream: GroupStream { group, kind: StreamKind::Deltas }, metadata, payload, index })
    }
}

/// Appends a member of a raw group.
fn as_it_is(codes: &[u8], _: u32, raw: &mut Vec<u8>) {
    raw.extend_from_slice(codes);
}

/// The part of a new group's reference; its packed form is left in `tools.packed`.
fn found(group: u32, codes: &[u8], tools: &mut Tools) -> Result<Part> {
    pack_codes(codes, &mut tools.packed);
    let mut payload = Vec::new();
    let compressor = &mut tools.compressor;
    let repetitive = (repeated_share(codes) >= REPETITIVE).then_some(REPETITIVE_EFFORT);
    let efforts = (REFERENCE_EFFORT, repetitive);
    let metadata = encode_reference(codes, &tools.packed, compressor, efforts, &mut tools.scratch, &mut payload)?;
    payload.shrink_to_fit();
    Ok(Part { stream: GroupStream { group, kind: StreamKind::Reference }, metadata, payload, index: 0 })
}
