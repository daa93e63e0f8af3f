//! What the caller may choose, and what is chosen where the caller does not.

use std::time::Duration;

use crate::digest::Rule;
use crate::error::Result;
use crate::layout::Params;

/// What is worth more: time, or the archive's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// As balanced, with less search in packs.
    Fast,
    /// Long runs of bases equal to the reference are tokens, so that packs are small also when they are unpacked.
    #[default]
    Balanced,
    /// Deltas are as long as their segments and aligned with each other, and packs are parsed by what is known of them:
    /// smaller, in several times the time, and with more work for whoever reads a short range.
    Smallest,
}

/// Which digests of contigs are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DigestChoice {
    /// Those of long contigs, and the first bytes of the others'.
    #[default]
    Auto,
    /// All, whole.
    Full,
    /// None.
    None,
}

impl DigestChoice {
    /// All choices, by name.
    pub const ALL: [(&str, DigestChoice); 3] =
        [("auto", DigestChoice::Auto), ("full", DigestChoice::Full), ("none", DigestChoice::None)];

    /// What is stored of them, with MD5s or without.
    pub(super) fn rule(self, md5: bool) -> Option<Rule> {
        match self {
            DigestChoice::Auto => Some(Rule::auto(md5)),
            DigestChoice::Full => Some(Rule::full(md5)),
            DigestChoice::None => None,
        }
    }
}

/// Options of a new archive. Parameters that are not given are chosen (docs/benchmarks.md has the sweeps).
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Bases that neighbouring segments of a contig share.
    pub k: Option<u32>,
    /// What the length of a match token is counted from.
    pub min_match: Option<u32>,
    /// Deltas in a pack; also samples in a batch of the collection.
    pub pack_cardinality: Option<u32>,
    /// Size of new groups' references.
    pub segment_size: Option<u32>,
    /// Threads that work, the caller's among them; at least one.
    pub threads: usize,
    /// Bytes that the whole process may have resident; [`super::default_limit`] if none is given.
    pub memory_limit: Option<u64>,
    /// Time or size.
    pub level: Level,
    /// Whether lower case is kept; what goes on from an archive with lower case keeps it in any case.
    pub keep_case: bool,
    /// Which digests of contigs are stored; what goes on from an archive with digests stores what that has.
    pub digests: DigestChoice,
    /// Whether MD5s are stored beside them.
    pub md5: bool,
    /// Whether another archive that is there, or a file that is read-only, may be replaced.
    pub overwrite: bool,
    /// How long to wait for another process that writes the archive.
    pub wait: Duration,
    /// Whether samples that an archive has already are passed over, when it is gone on from.
    pub skip_existing: bool,
    /// Bytes of codes in flight, in place of what would follow from the rest.
    #[cfg(test)]
    pub(crate) in_flight: Option<usize>,
    /// Bases of references at most that have seeds, in place of what positions have bits for.
    #[cfg(test)]
    pub(crate) seeded: Option<u64>,
    /// Bytes of contig names at most in a batch of samples.
    #[cfg(test)]
    pub(crate) most_names: Option<usize>,
}

/// Shorter than C++ AGC's, as what two segments share is stored twice where one of them runs along another reference.
const K: u32 = 21;

/// The least that the format allows: a jump's first codes are those that it must copy.
const MIN_MATCH: u32 = 15;

/// What the first sample looks like; it is short if all of it is in the first batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstSample {
    Long,
    Short,
    /// Short, with long direct repeats.
    Repetitive,
}

impl Options {
    /// The parameters, with the segment size for a long first sample where none is given.
    ///
    /// # Errors
    /// [`crate::error::Error::Parameter`] for one that is out of range.
    pub(super) fn params(&self) -> Result<Params> {
        let params = Params {
            k: self.k.unwrap_or(K),
            min_match: self.min_match.unwrap_or(MIN_MATCH),
            pack_cardinality: self.pack_cardinality.unwrap_or(self.level.pack_cardinality()),
            segment_size: self.segment_size.unwrap_or(self.level.segment_size(FirstSample::Long)),
        };
        params.validate()?;
        Ok(params)
    }

    /// The largest segment size that may be chosen.
    pub(super) fn largest_segment_size(&self) -> u32 {
        let all = [FirstSample::Long, FirstSample::Short, FirstSample::Repetitive];
        let largest = all.map(|first| self.level.segment_size(first)).into_iter().max();
        self.segment_size.or(largest).unwrap_or_default()
    }
}

impl Level {
    /// All levels, by name.
    pub const ALL: [(&str, Level); 3] =
        [("fast", Level::Fast), ("balanced", Level::Balanced), ("smallest", Level::Smallest)];

    /// A pack of many deltas is smaller, and more work to read.
    fn pack_cardinality(self) -> u32 {
        match self {
            Level::Fast | Level::Balanced => 100,
            Level::Smallest => 200,
        }
    }

    /// Large segments make fewer rows, groups and seams; small ones are less work to read. A short genome has few
    /// groups, and is read quickly, whatever their size. One long segment lets zstd find the repeats in it.
    pub(super) fn segment_size(self, first: FirstSample) -> u32 {
        match (self, first) {
            (Level::Smallest, FirstSample::Repetitive) => 400_000,
            (Level::Smallest, _) | (_, FirstSample::Short | FirstSample::Repetitive) => 60_000,
            (_, FirstSample::Long) => 30_000,
        }
    }
}
