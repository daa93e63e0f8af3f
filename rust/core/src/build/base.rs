//! The archive that a build goes on from: `append` (docs/architecture.md).

use std::sync::Arc;

use super::atlas::Keys;
use crate::archive::{Archive, Case, DigestFacts};
use crate::case::{Block, BlockWriter, Entry, Index};
use crate::collection::Batch;
use crate::digest::{Part, PartWriter, Rule};
use crate::error::{Error, Result};
use crate::layout::{self, FileInfo, GroupStream, Params, RAW_GROUPS, StreamKind, decode_keys};
use crate::segment::lz::script_of;

/// An archive of format 3, open for reading while its successor is written.
pub(super) struct Base {
    archive: Archive,
    case: Option<OldCase>,
    digests: Option<OldDigests>,
}

/// What is known of the samples' digests.
pub(super) struct OldDigests {
    /// The registry's number of their stream.
    pub(super) stream: usize,
    pub(super) rule: Rule,
    /// The first sample that has them.
    pub(super) first: usize,
    /// Parts of full batches of samples.
    pub(super) full: usize,
    last: Option<Arc<Part>>,
}

impl OldDigests {
    fn new(archive: &Archive) -> Result<Option<OldDigests>> {
        let Some(stored) = archive.stored_digests()? else { return Ok(None) };
        let (rule, first) = stored.rule();
        let (samples, cardinality) = (archive.samples().len(), archive.params().pack_cardinality as usize);
        let full = (samples / cardinality).saturating_sub(first / cardinality);
        let open = !samples.is_multiple_of(cardinality) && samples > first;
        let last = open.then(|| archive.batch_digests(stored, &archive.sample(samples - 1)?)).transpose()?;
        Ok(Some(OldDigests {
            stream: stored.stream(),
            rule,
            first,
            full,
            last: last.map(|digests| digests.part().clone()),
        }))
    }

    /// The last part, to go on from.
    pub(super) fn open(&self) -> PartWriter {
        self.last.as_deref().map_or_else(PartWriter::default, Part::resume)
    }
}

/// What is known of the samples' case.
pub(super) struct OldCase {
    /// The registry's number of its stream.
    pub(super) stream: usize,
    /// The blocks but the last.
    pub(super) full: Index,
    last: Option<(Entry, Arc<Block>)>,
}

impl OldCase {
    fn new(archive: &Archive) -> Result<Option<OldCase>> {
        let Some(masks) = archive.masks()? else { return Ok(None) };
        let mut full = masks.index().clone();
        let last = match full.pop() {
            Some(entry) => Some((entry, masks.block(archive, full.entries().len())?)),
            None => None,
        };
        Ok(Some(OldCase { stream: masks.stream(), full, last }))
    }

    /// The last block, to go on from.
    pub(super) fn open(&self) -> Option<BlockWriter> {
        let (entry, block) = self.last.as_ref()?;
        Some(BlockWriter::resume(block.content().to_vec(), entry.first, block.last()))
    }
}

/// The deltas of a group: how many are in full packs, and the scripts of the others.
pub(super) struct OldDeltas {
    pub(super) packed: u32,
    pub(super) open: Vec<Vec<u8>>,
}

impl Base {
    /// Takes an archive of format 3 whose parameters a new one could have.
    pub(super) fn new(archive: Archive) -> Result<Base> {
        archive.params().validate()?;
        for (what, later) in
            [("lower case", archive.case()? == Case::Later), ("digests", archive.digest_facts()? == DigestFacts::Later)]
        {
            if later {
                let name = archive.name();
                let message =
                    format!("{name}: a later version of panarc wrote its {what}; add samples with that version");
                return Err(Error::Parameter(message));
            }
        }
        let (case, digests) = (OldCase::new(&archive)?, OldDigests::new(&archive)?);
        Ok(Base { archive, case, digests })
    }

    pub(super) fn archive(&self) -> &Archive {
        &self.archive
    }

    /// What is known of the samples' case, if it is kept.
    pub(super) fn case(&self) -> Option<&OldCase> {
        self.case.as_ref()
    }

    /// What is known of the samples' digests, if it belongs to them.
    pub(super) fn digests(&self) -> Option<&OldDigests> {
        self.digests.as_ref()
    }

    pub(super) fn params(&self) -> Params {
        *self.archive.params()
    }

    /// What the file says of itself: that of another program stays.
    pub(super) fn info(&self) -> FileInfo {
        let info = self.archive.info();
        if info.get("producer") == FileInfo::ours().get("producer") { FileInfo::ours() } else { info.clone() }
    }

    /// Behind the last group.
    pub(super) fn groups(&self) -> u32 {
        (self.archive.group_count() as u32 + RAW_GROUPS).max(RAW_GROUPS)
    }

    /// The codes of a group's reference.
    pub(super) fn reference(&self, group: u32) -> Result<Vec<u8>> {
        self.archive.reference_codes(group)
    }

    /// Splitters and keys of the archive.
    pub(super) fn keys(&self) -> Result<Keys> {
        let splitters = layout::decode_splitters(&self.content(layout::SPLITTERS)?)?;
        Ok(Keys { splitters, keys: decode_keys(&self.content(layout::SEGMENT_SPLITTERS)?)? })
    }

    /// The one part of a stream that holds no frame.
    fn content(&self, name: &str) -> Result<Vec<u8>> {
        let container = self.archive.container();
        let mut payload = Vec::new();
        match container.find(name) {
            Some(stream) if !container.parts(stream).is_empty() => container.read_part(stream, 0, &mut payload)?,
            _ => return Err(Error::corrupt(format!("there is no stream '{name}'"))),
        };
        Ok(payload)
    }

    /// The deltas of a group; the last pack is opened if there is room in it.
    pub(super) fn deltas(&self, group: u32) -> Result<OldDeltas> {
        let container = self.archive.container();
        let stream = self.archive.group_stream(GroupStream { group, kind: StreamKind::Deltas });
        let Params { pack_cardinality, min_match, .. } = self.params();
        let packs = self.packs(group);
        let Some(full) = packs.checked_sub(1) else { return Ok(OldDeltas { packed: 0, open: Vec::new() }) };
        let placed =
            |e: Error| stream.map_or(Error::Internal(String::new()), |s| container.placed(e, s, full as usize));
        let entries = self.archive.pack_entries(group, full)?;
        let before = |packs: u32| {
            packs.checked_mul(pack_cardinality).ok_or_else(|| placed(Error::corrupt("the group has too many packs")))
        };
        if entries.len() >= pack_cardinality as usize {
            return Ok(OldDeltas { packed: before(packs)?, open: Vec::new() });
        }
        let packed = before(full)?;
        if group < RAW_GROUPS {
            return Ok(OldDeltas { packed, open: entries });
        }
        let reference = self.archive.reference_codes(group)?.len() as u64;
        let mut open = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut script = Vec::new();
            script_of(&entry, reference, min_match, &mut script).map_err(placed)?;
            script.shrink_to_fit();
            open.push(script);
        }
        Ok(OldDeltas { packed, open })
    }

    /// Number of packs of a group.
    pub(super) fn packs(&self, group: u32) -> u32 {
        let stream = self.archive.group_stream(GroupStream { group, kind: StreamKind::Deltas });
        stream.map_or(0, |stream| self.archive.container().parts(stream).len()) as u32
    }

    /// Number of full batches of samples.
    pub(super) fn full_batches(&self) -> usize {
        self.archive.samples().len() / self.params().pack_cardinality as usize
    }

    /// The last batch of samples, if it is not full.
    pub(super) fn open_batch(&self) -> Result<Option<Batch>> {
        if self.archive.samples().len().is_multiple_of(self.params().pack_cardinality as usize) {
            return Ok(None);
        }
        Ok(Some(self.archive.batch(self.full_batches())?.0))
    }
}
