//! Dividing the bytes of groups among samples: first the members in use are counted, then each takes its share.

use rustc_hash::FxHashMap;

use super::groups::GroupTable;
use super::sample::Sample;
use crate::collection::Segment;
use crate::container::Extents;
use crate::error::{Error, Result};
use crate::layout::{RAW_GROUPS, StreamKind};

/// What is stored for a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupUsage {
    /// Group number; raw groups are those below [`RAW_GROUPS`].
    pub group: u32,
    /// Segments of all samples that are in it.
    pub segments: u64,
    /// Different members in its packs that a segment uses.
    pub deltas: u64,
    /// Number of packs.
    pub packs: u64,
    /// Bytes of its reference.
    pub reference_bytes: u64,
    /// Bytes of its packs.
    pub delta_bytes: u64,
}

/// What a sample holds, and its share of the bytes of groups. Bytes that no segment uses are in no sample's share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SampleUsage {
    /// Number of contigs.
    pub contigs: u64,
    /// Bases of all contigs.
    pub bases: u64,
    /// Segments of all contigs.
    pub segments: u64,
    /// Bytes of the references that it is the first to use.
    pub reference_bytes: u64,
    /// Its share of packs, for the deltas that it is the first to use.
    pub delta_bytes: u64,
}

/// Bytes of all groups, and members that have not taken their share of them.
pub(super) struct Shares {
    groups: Vec<Group>,
    cardinality: u32,
    members: Members,
}

struct Group {
    segments: u64,
    reference: Option<Part>,
    packs: Option<Vec<Part>>,
}

/// A reference or a pack.
#[derive(Debug, Clone, Copy)]
struct Part {
    bytes: u64,
    /// Members in use that are stored in it.
    members: u32,
}

/// A set of members. A word has 64 of a group, as their numbers are mostly dense.
#[derive(Debug, Default)]
struct Members {
    words: FxHashMap<(u32, u32), u64>,
}

impl Shares {
    pub(super) fn new(table: &GroupTable, extents: &Extents<'_>, cardinality: u32) -> Shares {
        let group = |group| {
            let parts = |kind| table.stream(group, kind).map(|stream| extents.parts(stream));
            Group {
                segments: 0,
                reference: parts(StreamKind::Reference).map(|parts| Part::new(parts.iter().sum())),
                packs: parts(StreamKind::Deltas).map(|parts| parts.iter().copied().map(Part::new).collect()),
            }
        };
        Shares { groups: (0..table.len() as u32).map(group).collect(), cardinality, members: Members::default() }
    }

    /// Counts a sample's segments, and the members that no sample before it uses.
    pub(super) fn count(&mut self, sample: &Sample) -> Result<()> {
        for contig in 0..sample.len() {
            for &segment in sample.segments(contig) {
                self.count_segment(segment).map_err(|e| sample.placed(e, contig))?;
            }
        }
        Ok(())
    }

    fn count_segment(&mut self, segment: Segment) -> Result<()> {
        let missing = || Error::corrupt(format!("there is no member {} of group {}", segment.number, segment.group));
        let group = self.groups.get_mut(segment.group as usize).ok_or_else(missing)?;
        let part = group.part(segment, self.cardinality).ok_or_else(missing)?;
        part.members += u32::from(self.members.insert(segment));
        group.segments += 1;
        Ok(())
    }

    /// What there is of each group, when all samples are counted and none has taken its share.
    pub(super) fn groups(&self) -> Vec<GroupUsage> {
        let there = self.groups.iter().zip(0..).filter(|(group, _)| group.reference.is_some() || group.packs.is_some());
        let usage = there.map(|(group, number)| {
            let packs = group.packs.as_deref().unwrap_or_default();
            GroupUsage {
                group: number,
                segments: group.segments,
                deltas: packs.iter().map(|pack| u64::from(pack.members)).sum(),
                packs: packs.len() as u64,
                reference_bytes: group.reference.map_or(0, |reference| reference.bytes),
                delta_bytes: packs.iter().map(|pack| pack.bytes).sum(),
            }
        });
        usage.collect()
    }

    /// Takes the shares of the members that no sample before this one uses; `each` is told every segment, and what it
    /// costs.
    pub(super) fn take(&mut self, sample: &Sample, mut each: impl FnMut(Segment, u64)) -> Result<SampleUsage> {
        let mut usage = SampleUsage { contigs: sample.len() as u64, ..SampleUsage::default() };
        for contig in 0..sample.len() {
            let segments = sample.segments(contig);
            usage.bases += sample.length(contig)?;
            usage.segments += segments.len() as u64;
            for &segment in segments {
                if !self.members.remove(segment) {
                    each(segment, 0);
                    continue;
                }
                let group = &mut self.groups[segment.group as usize];
                let share = group.part(segment, self.cardinality).map_or(0, Part::take);
                each(segment, share);
                if in_reference(segment) {
                    usage.reference_bytes += share;
                } else {
                    usage.delta_bytes += share;
                }
            }
        }
        Ok(usage)
    }
}

/// Whether a segment is its group's reference, not in a pack.
fn in_reference(segment: Segment) -> bool {
    segment.number == 0 && segment.group >= RAW_GROUPS
}

impl Group {
    /// What holds a member.
    fn part(&mut self, member: Segment, cardinality: u32) -> Option<&mut Part> {
        if in_reference(member) {
            return self.reference.as_mut();
        }
        let index = member.number - u32::from(member.group >= RAW_GROUPS);
        self.packs.as_mut()?.get_mut((index / cardinality) as usize)
    }
}

impl Part {
    fn new(bytes: u64) -> Part {
        Part { bytes, members: 0 }
    }

    /// A member's share; what cannot be divided evenly goes to the first ones.
    fn take(&mut self) -> u64 {
        let share = self.bytes.div_ceil(u64::from(self.members));
        self.bytes -= share;
        self.members -= 1;
        share
    }
}

impl Members {
    /// Whether the member is new.
    fn insert(&mut self, member: Segment) -> bool {
        let (key, bit) = Self::place(member);
        let word = self.words.entry(key).or_default();
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Whether the member was there.
    fn remove(&mut self, member: Segment) -> bool {
        let (key, bit) = Self::place(member);
        let Some(word) = self.words.get_mut(&key) else { return false };
        let there = *word & bit != 0;
        *word &= !bit;
        there
    }

    fn place(member: Segment) -> ((u32, u32), u64) {
        ((member.group, member.number / 64), 1 << (member.number % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(group: u32, number: u32) -> Segment {
        Segment::new(group, number, 100, false)
    }

    #[test]
    fn shares_are_even_and_sum_up() {
        let mut part = Part { bytes: 11, members: 4 };
        let shares: Vec<u64> = (0..4).map(|_| part.take()).collect();
        assert_eq!(shares, [3, 3, 3, 2]);
        assert_eq!((part.bytes, part.members), (0, 0));
    }

    #[test]
    fn members_are_counted_once_and_taken_once() {
        let mut members = Members::default();
        for member in [segment(16, 63), segment(16, 64), segment(17, 63)] {
            assert!(members.insert(member) && !members.insert(member));
        }
        assert!(members.remove(segment(16, 64)) && !members.remove(segment(16, 64)));
        assert!(!members.remove(segment(16, 65)) && !members.remove(segment(40, 0)));
        assert!(members.remove(segment(16, 63)) && members.remove(segment(17, 63)));
    }

    #[test]
    fn members_are_found_where_the_format_has_them() {
        let packs = |count| Some(vec![Part::new(1); count]);
        let raw = &mut Group { segments: 0, reference: None, packs: packs(2) };
        let group = &mut Group { segments: 0, reference: Some(Part::new(1)), packs: packs(2) };
        let found = |group: &mut Group, member| {
            group.part(member, 3)?.members += 1;
            Some(())
        };
        for number in 0..6 {
            assert!(found(raw, segment(15, number)).is_some());
            assert!(found(group, segment(16, number + 1)).is_some());
        }
        assert!(found(group, segment(16, 0)).is_some());
        assert!(found(raw, segment(15, 6)).is_none() && found(group, segment(16, 7)).is_none());
        for packs in [&raw.packs, &group.packs] {
            assert_eq!(packs.iter().flatten().map(|pack| pack.members).collect::<Vec<_>>(), [3, 3]);
        }
        assert_eq!(group.reference.unwrap().members, 1);
    }
}
