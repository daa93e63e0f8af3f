//! Which samples share next to nothing with those before them: of another species, most likely.

use crate::layout::RAW_GROUPS;

/// A sample is told of if less than one in so many of its bases is in groups that other samples began.
const SHARE: u64 = 20;

/// Samples with fewer bases are not judged: what is short is often stored by itself.
const LEAST: u64 = 10_000;

/// How many names are kept.
const NAMES: usize = 100;

/// Counts, in input order, the bases of each sample that joined groups of samples before it.
#[derive(Debug, Default)]
pub(super) struct Kinship {
    sample: Box<[u8]>,
    /// Groups that there were when the sample began; raw ones are not among them.
    groups: usize,
    bases: u64,
    joined: u64,
    /// Samples to come that are not judged.
    pub(super) copies: usize,
    pub(super) unrelated: u64,
    /// The first of them.
    pub(super) names: Vec<Box<[u8]>>,
}

impl Kinship {
    /// Begins a sample; there are so many groups, raw ones left out.
    pub(super) fn begin_sample(&mut self, name: &[u8], groups: usize) {
        self.sample = name.into();
        (self.groups, self.bases, self.joined) = (groups, 0, 0);
    }

    /// Counts a segment of the sample.
    pub(super) fn add(&mut self, group: u32, bases: usize) {
        let joined = group.checked_sub(RAW_GROUPS).is_some_and(|group| (group as usize) < self.groups);
        self.bases += bases as u64;
        self.joined += if joined { bases as u64 } else { 0 };
    }

    /// Ends the sample. The first one of an archive has nothing to share with.
    pub(super) fn end_sample(&mut self) {
        if self.copies > 0 {
            self.copies -= 1;
        } else if self.groups > 0 && self.bases >= LEAST && self.joined * SHARE < self.bases {
            self.unrelated += 1;
            if self.names.len() < NAMES {
                self.names.push(std::mem::take(&mut self.sample));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_groups_of_others_counts() {
        let mut kinship = Kinship { copies: 2, ..Kinship::default() };
        for (name, groups, segments) in [
            ("first", 0, vec![(16, 60_000)]),
            ("copied", 1, vec![(18, 60_000)]),
            ("its like", 1, vec![(16, 60_000)]),
            ("another", 1, vec![(17, 60_000), (17, 60_000), (3, 500)]),
            ("like another", 2, vec![(17, 60_000)]),
            ("just so", 2, vec![(18, 95_000), (16, 5000)]),
            ("not so", 3, vec![(19, 95_001), (16, 4999)]),
            ("short", 4, vec![(20, 9999)]),
            ("raw", 4, vec![(0, 200); 50]),
        ] {
            kinship.begin_sample(name.as_bytes(), groups);
            for (group, bases) in segments {
                kinship.add(group, bases);
            }
            kinship.end_sample();
        }
        let names = ["another", "not so", "raw"].map(|name| Box::from(name.as_bytes()));
        assert_eq!((kinship.unrelated, &kinship.names[..]), (3, &names[..]));
    }
}
