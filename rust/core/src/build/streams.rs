//! The streams of a new archive: their order in the registry, and the numbers that the container knows them by.

use crate::container::StreamEntry;
use crate::layout::{self, GroupStream, RAW_GROUPS, StreamKind};

/// The streams that are no group's, in registry order: the collection first (FORMAT 2.4), then the raw groups.
pub(super) const HEAD: [&str; 3] = [layout::COLLECTION_SAMPLES, layout::COLLECTION_CONTIGS, layout::COLLECTION_DETAILS];
pub(super) const TAIL: [&str; 4] =
    [layout::PARAMS, layout::SPLITTERS, layout::SEGMENT_SPLITTERS, layout::FILE_TYPE_INFO];
pub(super) const SAMPLES: u32 = 0;
pub(super) const CONTIGS: u32 = 1;
pub(super) const DETAILS: u32 = 2;
/// Numbers below 32 are free for the streams of [`HEAD`], [`TAIL`], the raw groups, [`CASE`] and [`DIGEST`], as groups begin at 16.
pub(super) const FIRST_TAIL: u32 = 3;
/// Where lower case is, if that is kept.
pub(super) const CASE: u32 = FIRST_TAIL + TAIL.len() as u32 + RAW_GROUPS;

/// Digests of contigs, if they are stored.
pub(super) const DIGEST: u32 = CASE + 1;

/// The container's number for a stream of a group; a raw group has no reference.
pub(super) fn group_key(stream: GroupStream) -> u32 {
    match (stream.group, stream.kind) {
        (..RAW_GROUPS, _) => FIRST_TAIL + TAIL.len() as u32 + stream.group,
        (group, kind) => 2 * group + u32::from(kind == StreamKind::Deltas),
    }
}

/// The streams of panarc's own, which stand behind those of the format.
pub(super) fn own_streams() -> [StreamEntry; 2] {
    [(layout::CASE, CASE), (layout::DIGEST, DIGEST)].map(|(name, key)| StreamEntry {
        name: name.as_bytes().to_vec(),
        key,
        optional: true,
    })
}

/// All streams of the format in registry order. A group's stream of deltas is left out while it has no part; those of the raw groups
/// must stand (FORMAT 3.2).
pub(super) fn registry(groups: u32) -> impl Iterator<Item = StreamEntry> + Clone {
    let small = |(name, key): (&str, u32)| StreamEntry { name: name.as_bytes().to_vec(), key, optional: false };
    let raw = |group| {
        let name = GroupStream { group, kind: StreamKind::Deltas }.name();
        let key = group_key(GroupStream { group, kind: StreamKind::Deltas });
        StreamEntry { name, key, optional: false }
    };
    let both = |group| {
        [StreamKind::Reference, StreamKind::Deltas].map(|kind| {
            let stream = GroupStream { group, kind };
            StreamEntry { name: stream.name(), key: group_key(stream), optional: kind == StreamKind::Deltas }
        })
    };
    (HEAD.into_iter().zip(0..).map(small))
        .chain((0..RAW_GROUPS).map(raw))
        .chain((RAW_GROUPS..groups).flat_map(both))
        .chain(TAIL.into_iter().zip(FIRST_TAIL..).map(small))
}
