//! What the first sample looks like, by which parameters are chosen.

use super::chunk::{Chunk, Mark};
use super::options::FirstSample;
use super::repeats::repeated_share;

/// Share of a sample that repeats itself, in thousandths, from which on it is repetitive.
const REPETITIVE: usize = 100;

/// What the sample looks like that the first of these chunks begins with.
pub(super) fn first_sample<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> FirstSample {
    let mut codes = Vec::new();
    for chunk in chunks {
        match chunk.marks.iter().find(|(_, mark)| matches!(mark, Mark::EndSample)) {
            None => codes.extend_from_slice(&chunk.codes),
            Some((end, _)) => {
                codes.extend_from_slice(&chunk.codes[..*end]);
                let repetitive = repeated_share(&codes) >= REPETITIVE;
                return if repetitive { FirstSample::Repetitive } else { FirstSample::Short };
            }
        }
    }
    FirstSample::Long
}
