//! Groups: their references and unfinished packs, and how a segment becomes a member.

use rustc_hash::FxHashMap;

use super::resolve::Place;
use crate::alphabet::reverse_complement;
use crate::codec::{Compressor, Effort};
use crate::error::{Error, Result};
use crate::layout::{GroupStream, Params, StreamKind};
use crate::segment::lz::Encoder;
use crate::segment::{PackEncoder, PackedCodes, encode_reference};

const REFERENCE_EFFORT: Effort = Effort { level: 13, window_log: 20 };
const PACK_EFFORT: Effort = Effort { level: 9, window_log: 21 };

/// A segment on its way to its group.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) sequence: u64,
    pub(super) place: Place,
    pub(super) codes: Vec<u8>,
    pub(super) reversed: bool,
    /// Bytes that it counts for while in flight.
    pub(super) weight: usize,
}

/// A finished part of a group's stream.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) stream: GroupStream,
    pub(super) metadata: u64,
    pub(super) payload: Vec<u8>,
}

/// What a thread needs to encode: made once, used for every segment.
#[derive(Default)]
pub(super) struct Tools {
    compressor: Compressor,
    encoder: Encoder,
    reference: Vec<u8>,
    scratch: Vec<u8>,
    delta: Vec<u8>,
}

/// The groups that one owner looks after.
#[derive(Debug, Default)]
pub(super) struct Shard {
    groups: FxHashMap<u32, Group>,
}

#[derive(Debug)]
struct Group {
    reference: PackedCodes,
    /// Deltas in packs that are finished.
    packed: u32,
    pack: PackEncoder,
}

impl Shard {
    /// Stores a segment; its number in the group, and a part that this finished.
    pub(super) fn store(&mut self, job: &mut Job, params: &Params, tools: &mut Tools) -> Result<(u32, Option<Part>)> {
        if job.reversed {
            reverse_complement(&mut job.codes);
        }
        match job.place {
            Place::Member(group) => self.add(group, &job.codes, params, tools),
            Place::Founder(group) => {
                let (reference, part) = found(group, &job.codes, tools)?;
                self.groups.insert(group, Group { reference, packed: 0, pack: PackEncoder::default() });
                Ok((0, Some(part)))
            }
            Place::Loner(group) => Ok((0, Some(found(group, &job.codes, tools)?.1))),
        }
    }

    fn add(&mut self, number: u32, codes: &[u8], params: &Params, tools: &mut Tools) -> Result<(u32, Option<Part>)> {
        let group = self
            .groups
            .get_mut(&number)
            .ok_or_else(|| Error::Internal(format!("a segment came before its group {number}")))?;
        group.reference.unpack(&mut tools.reference);
        if codes == tools.reference {
            return Ok((0, None));
        }
        tools.encoder.encode(codes, &tools.reference, params.min_match, &mut tools.delta);
        if let Some(index) = group.pack.find(&tools.delta) {
            return Ok((group.packed + index as u32 + 1, None));
        }
        group.pack.push(&tools.delta);
        let place = group.packed + group.pack.len() as u32;
        let full = group.pack.len() == params.pack_cardinality as usize;
        let part = if full { Some(group.finish_pack(number, tools)?) } else { None };
        Ok((place, part))
    }

    /// Groups with an unfinished pack.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = u32> {
        self.groups.iter().filter(|(_, group)| !group.pack.is_empty()).map(|(&number, _)| number)
    }

    /// Finishes a group's last pack and forgets the group.
    pub(super) fn finish(&mut self, group: u32, tools: &mut Tools) -> Result<Option<Part>> {
        self.groups.remove(&group).map(|mut taken| taken.finish_pack(group, tools)).transpose()
    }
}

impl Group {
    fn finish_pack(&mut self, number: u32, tools: &mut Tools) -> Result<Part> {
        self.packed += self.pack.len() as u32;
        let mut payload = Vec::new();
        let metadata = self.pack.finish(&mut tools.compressor, PACK_EFFORT, &mut payload)?;
        payload.shrink_to_fit();
        Ok(Part { stream: GroupStream { group: number, kind: StreamKind::Deltas }, metadata, payload })
    }
}

fn found(group: u32, codes: &[u8], tools: &mut Tools) -> Result<(PackedCodes, Part)> {
    let packed = PackedCodes::new(codes);
    let mut payload = Vec::new();
    let metadata =
        encode_reference(codes, &packed, &mut tools.compressor, REFERENCE_EFFORT, &mut tools.scratch, &mut payload)?;
    payload.shrink_to_fit();
    Ok((packed, Part { stream: GroupStream { group, kind: StreamKind::Reference }, metadata, payload }))
}
