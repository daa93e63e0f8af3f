//! From keys to groups: groups are numbered by the first segment that needs them.

use rustc_hash::FxHashMap;

use super::key::Key;
use crate::error::{Error, Result};
use crate::layout::{NONE, RAW_GROUPS, SegmentKey};

/// The groups of the archive that is being built.
#[derive(Debug)]
pub(super) struct Resolver {
    by_splitters: FxHashMap<SegmentKey, u32>,
    by_sketch: FxHashMap<u64, u32>,
    next: u32,
}

/// Where a segment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A group that has a reference.
    Member(u32),
    /// A new group, which later segments may join.
    Founder(u32),
    /// A new group that none can join.
    Loner(u32),
}

impl Place {
    pub(super) fn group(self) -> u32 {
        match self {
            Place::Member(group) | Place::Founder(group) | Place::Loner(group) => group,
        }
    }
}

impl Resolver {
    pub(super) fn new() -> Self {
        Resolver { by_splitters: FxHashMap::default(), by_sketch: FxHashMap::default(), next: RAW_GROUPS }
    }

    /// The group of the next segment in input order.
    pub(super) fn resolve(&mut self, key: Key) -> Result<Place> {
        let known = match key {
            Key::Splitters(key) => self.by_splitters.get(&key),
            Key::Sketch(kmer) => self.by_sketch.get(&kmer),
            Key::Alone => None,
        };
        if let Some(&group) = known {
            return Ok(Place::Member(group));
        }
        let group = self.next;
        // The writer's stream numbers are twice the group's.
        self.next = group
            .checked_add(1)
            .filter(|&next| next < 1 << 30)
            .ok_or_else(|| Error::Parameter("the collection needs more than a billion groups".into()))?;
        match key {
            Key::Splitters(key) => self.by_splitters.insert(key, group),
            Key::Sketch(kmer) => self.by_sketch.insert(kmer, group),
            Key::Alone => return Ok(Place::Loner(group)),
        };
        Ok(Place::Founder(group))
    }

    /// Behind the last group.
    pub(super) fn groups(&self) -> u32 {
        self.next
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.by_splitters.capacity() * (size_of::<(SegmentKey, u32)>() + 1)
            + self.by_sketch.capacity() * (size_of::<(u64, u32)>() + 1)
    }

    /// The keys that the archive stores, sorted: those with real splitters at their ends.
    pub(super) fn stored_keys(&self, is_splitter: impl Fn(u64) -> bool) -> Vec<(SegmentKey, u32)> {
        let real = |end: u64| end == NONE || is_splitter(end);
        let mut keys: Vec<_> = self
            .by_splitters
            .iter()
            .filter(|(key, _)| real(key.first) && real(key.second))
            .map(|(&key, &group)| (key, group))
            .collect();
        keys.sort_unstable();
        keys
    }
}
