//! What the rows of a collection tell of groups: how long references and members are, and so which part could be whose.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

use crate::collection::{Batch, Segment, corrected_length};
use crate::error::{Error, Result};
use crate::layout::{Params, RAW_GROUPS};
use crate::segment::lz::{Dialect, decoded_length};

use super::scan::FAR;

/// How many comparisons may be made in all: in a file made for it, everything could be everything.
const EFFORT: u64 = 1 << 28;

/// Codes that an entry of a pack stands for: so many, and so many times the reference's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Size {
    fixed: i64,
    times: i64,
}

impl Size {
    /// Of an entry; none if it is malformed.
    pub(super) fn of(entry: &[u8], raw: bool, min_match: u32) -> Option<Size> {
        if raw {
            return Some(Size { fixed: entry.len() as i64, times: 0 });
        }
        let at = |length| decoded_length(entry, length, min_match, Dialect::V2).ok().map(|found| found as i64);
        let (near, far) = (at(FAR)?, at(FAR + 1)?);
        let times = far.checked_sub(near)?;
        Some(Size { fixed: near.checked_sub(times.checked_mul(FAR as i64)?)?, times })
    }

    fn over(self, reference: u64) -> Option<i64> {
        self.times.checked_mul(reference as i64)?.checked_add(self.fixed)
    }
}

/// A pack of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot {
    pub(super) group: u32,
    pub(super) index: u32,
}

/// A group as the rows tell of it.
#[derive(Default)]
pub(super) struct Group {
    /// Codes of its reference, where it is a segment.
    pub(super) reference: Option<u32>,
    /// Its greatest number, and how many of its numbers are segments.
    top: u32,
    seen: u32,
}

/// All groups.
pub(super) struct Members {
    params: Params,
    pub(super) groups: BTreeMap<u32, Group>,
    lengths: FxHashMap<(u32, u32), u32>,
    effort: u64,
}

impl Members {
    pub(super) fn new(params: Params) -> Members {
        Members { params, groups: BTreeMap::new(), lengths: FxHashMap::default(), effort: EFFORT }
    }

    pub(super) fn params(&self) -> Params {
        self.params
    }

    /// Bytes held, about.
    pub(super) fn memory(&self) -> u64 {
        self.lengths.capacity() as u64 * 13 + self.groups.len() as u64 * 32
    }

    /// Takes the rows of a batch.
    pub(super) fn add(&mut self, batch: &Batch) {
        for contig in 0..batch.contig_count() {
            for &segment in batch.segments(contig) {
                let Segment { group, number, .. } = segment;
                let known = self.groups.entry(group).or_default();
                if group >= RAW_GROUPS && number == 0 {
                    known.reference.get_or_insert(segment.length());
                } else if self.lengths.insert((group, number), segment.length()).is_none() {
                    known.top = known.top.max(number);
                    known.seen += 1;
                }
            }
        }
    }

    /// Whether a row that tells `told` codes may be of a segment of `found`; rows of old appends tell wrong ones.
    pub(super) fn agree(&self, told: Option<u32>, found: i64) -> bool {
        let Params { k, segment_size, .. } = self.params;
        told.is_none_or(|told| i64::from(told) == found || i64::from(corrected_length(told, k, segment_size)) == found)
    }

    /// All packs that there must have been, in order, with their numbers of entries.
    pub(super) fn slots(&self) -> Vec<(Slot, u32)> {
        let cardinality = self.params.pack_cardinality;
        let mut slots = Vec::new();
        for (&group, known) in self.groups.iter().filter(|(_, known)| known.seen > 0) {
            let entries = u64::from(known.top) + u64::from(group < RAW_GROUPS);
            // Hardly a number is used by no segment.
            if entries > 2 * u64::from(known.seen) + 2 * u64::from(cardinality) {
                continue;
            }
            for first in (0..entries).step_by(cardinality as usize) {
                let index = (first / u64::from(cardinality)) as u32;
                slots.push((Slot { group, index }, (entries - first).min(u64::from(cardinality)) as u32));
            }
        }
        slots
    }

    fn told(&self, slot: Slot, entry: usize) -> Option<u32> {
        let first =
            u64::from(slot.index) * u64::from(self.params.pack_cardinality) + u64::from(slot.group >= RAW_GROUPS);
        let number = u32::try_from(first + entry as u64).ok()?;
        self.lengths.get(&(slot.group, number)).copied()
    }

    /// Whether a pack with entries of these sizes can be that of a slot, over a reference of so many codes.
    fn fits(&mut self, sizes: &[Size], slot: Slot, reference: u64) -> Result<bool> {
        for (entry, size) in sizes.iter().enumerate() {
            self.effort = self.effort.checked_sub(1).ok_or_else(|| {
                Error::corrupt(
                    "the list of its parts is lost, and there are too many ways in which they could belong together",
                )
            })?;
            let told = self.told(slot, entry);
            if !size.over(reference).is_some_and(|found| self.agree(told, found)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which slots each pack could be of: packs have sizes of entries, and slots reference lengths.
    pub(super) fn candidates(
        &mut self,
        packs: &[(bool, Vec<Size>)],
        slots: &[(Slot, u32)],
        reference: impl Fn(u32) -> Option<u64>,
    ) -> Result<Vec<Vec<usize>>> {
        let mut by_first: FxHashMap<(bool, u32, Size), Vec<usize>> = FxHashMap::default();
        let mut by_count: FxHashMap<(bool, u32), Vec<usize>> = FxHashMap::default();
        let Params { k, segment_size, .. } = self.params;
        for (i, &(slot, entries)) in slots.iter().enumerate() {
            let raw = slot.group < RAW_GROUPS;
            let Some(length) = (if raw { Some(0) } else { reference(slot.group) }) else { continue };
            match self.told(slot, 0) {
                None => by_count.entry((raw, entries)).or_default().push(i),
                Some(told) => {
                    let both: FxHashSet<u32> = [told, corrected_length(told, k, segment_size)].into_iter().collect();
                    for told in both {
                        for times in 0..2 {
                            let size = Size { fixed: i64::from(told) - times * length as i64, times };
                            by_first.entry((raw, entries, size)).or_default().push(i);
                        }
                    }
                }
            }
        }
        let mut all = Vec::with_capacity(packs.len());
        for (raw, sizes) in packs {
            let mut found = Vec::new();
            let entries = sizes.len() as u32;
            let first = sizes.first().and_then(|&size| by_first.get(&(*raw, entries, size)));
            for &i in first.into_iter().chain(by_count.get(&(*raw, entries))).flatten() {
                let slot = slots[i].0;
                let length = if *raw { Some(0) } else { reference(slot.group) };
                if let Some(length) = length
                    && self.fits(sizes, slot, length)?
                {
                    found.push(i);
                }
            }
            found.sort_unstable();
            found.dedup();
            all.push(found);
        }
        Ok(all)
    }
}
