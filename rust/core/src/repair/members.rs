//! What the rows of a collection tell of groups: how long references and members are, and so which part could be whose.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

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

/// Where a member is first a segment.
#[derive(Clone, Copy)]
struct Row {
    length: u32,
    sample: u32,
    row: u32,
}

/// All groups.
pub(super) struct Members {
    params: Params,
    pub(super) groups: BTreeMap<u32, Group>,
    lengths: FxHashMap<(u32, u32), Row>,
    /// Samples and rows so far.
    samples: u32,
    rows: u32,
    effort: u64,
}

impl Members {
    pub(super) fn new(params: Params) -> Members {
        Members { params, groups: BTreeMap::new(), lengths: FxHashMap::default(), samples: 0, rows: 0, effort: EFFORT }
    }

    pub(super) fn params(&self) -> Params {
        self.params
    }

    /// Bytes held, about.
    pub(super) fn memory(&self) -> u64 {
        self.lengths.capacity() as u64 * 21 + self.groups.len() as u64 * 32
    }

    /// Takes the rows of a batch.
    pub(super) fn add(&mut self, batch: &Batch) {
        for (sample, contig) in
            (0..batch.samples()).flat_map(|sample| batch.contigs(sample).map(move |contig| (sample, contig)))
        {
            for &segment in batch.segments(contig) {
                self.rows = self.rows.saturating_add(1);
                let row = Row { length: segment.length(), sample: self.samples + sample as u32, row: self.rows };
                let Segment { group, number, .. } = segment;
                let known = self.groups.entry(group).or_default();
                if group >= RAW_GROUPS && number == 0 {
                    known.reference.get_or_insert(segment.length());
                } else if let Entry::Vacant(entry) = self.lengths.entry((group, number)) {
                    entry.insert(row);
                    known.top = known.top.max(number);
                    known.seen += 1;
                }
            }
        }
        self.samples += batch.samples() as u32;
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

    /// Orders in which programs write packs: each slot's place. Those that are full may come when their last member does,
    /// or with those of its sample; others, or all, by group.
    pub(super) fn orders(&self, slots: &[(Slot, u32)]) -> [Vec<usize>; 3] {
        let last = |&(slot, entries): &(Slot, u32)| {
            let full = entries == self.params.pack_cardinality;
            let row = if full { self.row(slot, entries as usize - 1) } else { None };
            row.unwrap_or(Row { length: 0, sample: u32::MAX, row: u32::MAX })
        };
        let ranked = |key: &dyn Fn(&(Slot, u32)) -> u32| {
            let mut order: Vec<usize> = (0..slots.len()).collect();
            order.sort_by_cached_key(|&i| (key(&slots[i]), slots[i].0));
            let mut places = vec![0; slots.len()];
            order.iter().enumerate().for_each(|(place, &i)| places[i] = place);
            places
        };
        [ranked(&|slot| last(slot).row), ranked(&|slot| last(slot).sample), (0..slots.len()).collect()]
    }

    fn told(&self, slot: Slot, entry: usize) -> Option<u32> {
        self.row(slot, entry).map(|row| row.length)
    }

    fn row(&self, slot: Slot, entry: usize) -> Option<Row> {
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
