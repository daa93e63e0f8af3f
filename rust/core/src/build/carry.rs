//! Parts of the archive that a build goes on from, on their way into its successor.

use rustc_hash::FxHashSet;

use super::base::Base;
use super::streams::{CASE, CONTIGS, DETAILS, DIGEST, HEAD, TAIL, group_key};
use crate::collection::Batch;
use crate::container::StreamEntry;
use crate::error::{Error, Result};
use crate::layout::{self, GroupStream, RAW_GROUPS, StreamKind};

/// What receives the parts: those of one stream in order.
pub(super) trait Receiver {
    fn part(&mut self, key: u32, metadata: u64, payload: &[u8]) -> Result<()>;
    /// Details of a batch whose lengths were corrected.
    fn details(&mut self, batch: &Batch) -> Result<()>;
}

/// Carries over what is not written anew: all but the last packs of the `replaced` groups, the batch of samples that
/// was not full, and the small streams. Returns the streams that are none of the format's nor panarc's.
pub(super) fn carry(
    base: &Base,
    replaced: &FxHashSet<u32>,
    to: &mut impl Receiver,
    interrupted: &dyn Fn() -> bool,
) -> Result<Vec<StreamEntry>> {
    let container = base.archive().container();
    let full = base.full_batches();
    // As everywhere in the format, the first of several streams of one name counts.
    let (contigs, details) = (container.find(HEAD[CONTIGS as usize]), container.find(HEAD[DETAILS as usize]));
    let mut foreign = Vec::new();
    let mut payload = Vec::new();
    for stream in 0..container.len() {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let name = container.name(stream);
        let parts = container.parts(stream).len();
        let is = |other: &str| name == other.as_bytes();
        let group = GroupStream::parse(name, 3).filter(|group| base.archive().group_stream(*group) == Some(stream));
        // A raw group has no reference: a stream of that name is nobody's.
        let group = group.filter(|group| group.group >= RAW_GROUPS || group.kind == StreamKind::Deltas);
        let (key, parts) = if let Some(group) = group {
            let again = group.kind == StreamKind::Deltas && replaced.contains(&group.group);
            (group_key(group), parts - usize::from(again))
        } else if contigs == Some(stream) {
            (CONTIGS, full)
        } else if details == Some(stream) {
            (DETAILS, full)
        } else if HEAD.iter().chain(&TAIL).any(|known| is(known)) {
            continue;
        } else if is(layout::CASE) {
            // What is not valid goes; the header and the block that goes on are written anew.
            let Some(old) = base.case().filter(|old| old.stream == stream) else { continue };
            (CASE, old.full.entries().len())
        } else if is(layout::DIGEST) {
            let Some(old) = base.digests().filter(|old| old.stream == stream) else { continue };
            (DIGEST, old.full)
        } else {
            let key = u32::MAX - foreign.len() as u32;
            foreign.push(StreamEntry { name: name.to_vec(), key, optional: false });
            (key, parts)
        };
        for part in 0..parts {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            if key == DETAILS {
                let (batch, corrected) = base.archive().batch(part)?;
                if corrected > 0 {
                    to.details(&batch)?;
                    continue;
                }
            }
            let metadata = container.read_part(stream, part, &mut payload)?;
            to.part(key, metadata, &payload)?;
        }
    }
    Ok(foreign)
}
