//! Finding and mending the wrong lengths of archives extended by AGC 3.0 to 3.2.1 (FORMAT 4.6).

use rustc_hash::FxHashSet;

use super::decode::Rules;
use super::store::Store;
use crate::collection::{Segment, corrected_length};
use crate::error::{Error, Result};
use crate::layout::RAW_GROUPS;
use crate::segment::lz::decoded_length;

/// Segments looked at in search of one whose length can be had by what was read for another sample.
const CHEAP_TRIES: usize = 1000;

/// Segments that are tried, of those in groups and of the others, when the first are damaged.
const TRIES: usize = 8;

/// What was read to find out about the samples of a batch.
#[derive(Default)]
pub(super) struct Mender {
    read: FxHashSet<Parts>,
}

impl Mender {
    /// Mends the lengths of a sample's segments if they need it; whether they did.
    ///
    /// # Errors
    /// [`Error::Source`]: what could not be fetched may be there the next time.
    pub(super) fn mend(&mut self, store: &Store, rules: Rules, segments: &mut [Segment]) -> Result<bool> {
        let needed = needs_mending(store, rules, segments, &mut self.read)?;
        if needed {
            segments.iter_mut().for_each(|segment| *segment = mended(*segment, rules));
        }
        Ok(needed)
    }
}

fn mended(segment: Segment, rules: Rules) -> Segment {
    let length = corrected_length(segment.length(), rules.params.k, rules.params.segment_size);
    Segment::new(segment.group, segment.number, length.min(Segment::MAX_LENGTH), segment.reversed())
}

/// Group, and number of the pack if it is no reference: what has to be read for a segment's true length.
type Parts = (u32, Option<u32>);

/// Whether the sample's lengths are wrong as they stand and right when mended. One segment tells: the same program
/// wrote all of them. What cannot be decoded tells nothing, and is left to whoever asks for its bases.
fn needs_mending(store: &Store, rules: Rules, segments: &[Segment], read: &mut FxHashSet<Parts>) -> Result<bool> {
    let segments = || segments.iter().copied();
    let telling = |segment: &Segment| mended(*segment, rules) != *segment;
    let parts = |segment: &Segment| {
        let index = if segment.group < RAW_GROUPS { Some(segment.number) } else { segment.number.checked_sub(1) };
        (segment.group, index.map(|index| index / rules.params.pack_cardinality))
    };
    // References tell by a few bytes, and a pack that was read for another sample is still in the cache. Raw packs are
    // the longest.
    let cheap = segments().take(CHEAP_TRIES).filter(|segment| telling(segment) && read.contains(&parts(segment)));
    let grouped = segments().filter(|segment| telling(segment) && segment.group >= RAW_GROUPS);
    let raw = segments().filter(|segment| telling(segment) && segment.group < RAW_GROUPS);
    let candidates: Vec<Segment> = cheap.take(1).chain(grouped.take(TRIES)).chain(raw.take(TRIES)).collect();
    for segment in candidates {
        read.insert(parts(&segment));
        match true_length(store, rules, segment) {
            Ok(length) => {
                let wrong = length != u64::from(segment.length());
                return Ok(wrong && length == u64::from(mended(segment, rules).length()));
            }
            Err(error @ Error::Source(_)) => return Err(error),
            // What is damaged tells nothing; another one may.
            Err(_) => {}
        }
    }
    Ok(false)
}

fn true_length(store: &Store, rules: Rules, segment: Segment) -> Result<u64> {
    if segment.group < RAW_GROUPS {
        let (pack, index) = store.pack(segment.group, segment.number)?;
        return Ok(pack.entry(index)?.len() as u64);
    }
    let reference = store.reference_length(segment.group)?;
    if segment.number == 0 {
        return Ok(reference);
    }
    let (pack, index) = store.pack(segment.group, segment.number)?;
    decoded_length(pack.entry(index)?, reference, rules.params.min_match, rules.dialect)
}
