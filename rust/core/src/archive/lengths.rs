//! Finding and mending the wrong lengths of archives extended by AGC 3.0 to 3.2.1 (FORMAT 4.6).

use super::decode::Rules;
use super::store::Store;
use crate::collection::{Batch, Segment, corrected_length};
use crate::error::Result;
use crate::layout::RAW_GROUPS;
use crate::segment::lz::decoded_length;

/// Segments looked at in search of one whose length can be had without decoding a pack.
const CHEAP_TRIES: usize = 1000;

/// Mends the lengths of those samples of a batch that need it; how many there are.
pub(super) fn mend(store: &Store, rules: Rules, batch: &mut Batch) -> usize {
    let mut count = 0;
    for sample in 0..batch.samples() {
        if needs_mending(store, rules, batch, sample) {
            count += 1;
            for contig in batch.contigs(sample) {
                for segment in batch.segments_mut(contig) {
                    *segment = mended(*segment, rules);
                }
            }
        }
    }
    count
}

fn mended(segment: Segment, rules: Rules) -> Segment {
    let length = corrected_length(segment.length(), rules.params.k, rules.params.segment_size);
    Segment::new(segment.group, segment.number, length.min(Segment::MAX_LENGTH), segment.reversed())
}

/// Whether the sample's lengths are wrong as they stand and right when mended. One segment tells: the same program
/// wrote all of them. What cannot be decoded tells nothing, and is left to whoever asks for its bases.
fn needs_mending(store: &Store, rules: Rules, batch: &Batch, sample: usize) -> bool {
    let segments = || batch.contigs(sample).flat_map(|contig| batch.segments(contig)).copied();
    let telling = |segment: &Segment| segment.group >= RAW_GROUPS && mended(*segment, rules) != *segment;
    let cheap = segments().take(CHEAP_TRIES).find(|segment| telling(segment) && segment.number == 0);
    let Some(segment) = cheap.or_else(|| segments().find(telling)) else { return false };
    let Ok(length) = true_length(store, rules, segment) else { return false };
    length != u64::from(segment.length()) && length == u64::from(mended(segment, rules).length())
}

fn true_length(store: &Store, rules: Rules, segment: Segment) -> Result<u64> {
    let reference = store.reference_length(segment.group)?;
    if segment.number == 0 {
        return Ok(reference);
    }
    let (pack, index) = store.pack(segment.group, segment.number)?;
    decoded_length(pack.entry(index)?, reference, rules.params.min_match, rules.dialect)
}
