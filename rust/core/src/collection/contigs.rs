//! Stream `collection-contigs`, one part per batch (FORMAT 4.4).

use super::batch::Batch;
use super::names::{push_decoded, push_name};
use super::prefix::{Cursor, push_prefix};
use crate::error::{Error, Result};
use crate::stop::go_on;

/// Bytes that the contig names of a batch may come to: no reader should have to hold more.
pub const MAX_NAMES: usize = 1 << 30;

/// Bytes that tables of a batch hold for each contig, and for each sample.
const CONTIG: usize = 16;
const SAMPLE: usize = 64;

/// What the collection of a batch comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchSize {
    /// Number of samples.
    pub samples: usize,
    /// Number of their contigs.
    pub contigs: usize,
    /// Bytes of their names.
    pub names: usize,
}

impl BatchSize {
    /// Whether [`decode_contigs`] takes a batch of this size with this limit.
    pub fn fits(&self, limit: usize) -> bool {
        self.names <= limit && (self.samples * SAMPLE + self.contigs * CONTIG) / 2 <= limit
    }
}

/// Raw content for a batch.
///
/// # Errors
/// [`Error::Parameter`] for a name that the format cannot carry (see [`super::can_follow`]).
pub fn encode_contigs(batch: &Batch) -> Result<Vec<u8>> {
    let mut raw = Vec::new();
    push_prefix(batch.samples() as u32, &mut raw);
    for sample in 0..batch.samples() {
        let contigs = batch.contigs(sample);
        go_on()?;
        push_prefix(contigs.len() as u32, &mut raw);
        let mut previous = None;
        for contig in contigs {
            push_name(batch.name(contig), previous, &mut raw)?;
            previous = Some(batch.name(contig));
        }
    }
    Ok(raw)
}

/// A batch with samples and contigs, as yet without segments.
///
/// # Errors
/// [`Error::Corrupt`] when the content is malformed, or decodes to more than `limit` bytes of names or twice as many of
/// tables.
pub fn decode_contigs(raw: &[u8], limit: usize) -> Result<Batch> {
    let mut cursor = Cursor::new(raw);
    let mut batch = Batch::default();
    let (mut total, mut tables) = (0, 0usize);
    let mut name = Vec::new();
    for _ in 0..cursor.count(1)? {
        let mut previous: Option<Vec<u8>> = None;
        let contigs = cursor.count(1)?;
        // A frame of zeros announces millions of them in a few bytes.
        tables += SAMPLE + contigs * CONTIG;
        if tables / 2 > limit {
            return Err(Error::corrupt("a batch of the collection has too many contigs"));
        }
        for _ in 0..contigs {
            name.clear();
            push_decoded(cursor.string()?, previous.as_deref(), &mut name)?;
            // A byte can stand for a whole long word, so names may decode to far more than was stored.
            total += name.len();
            if total > limit {
                return Err(Error::corrupt(format!("the contig names of a batch exceed {limit} bytes")));
            }
            batch.push_contig(&name);
            match &mut previous {
                Some(previous) => std::mem::swap(previous, &mut name),
                None => previous = Some(name.clone()),
            }
        }
        batch.end_sample();
    }
    cursor.finish()?;
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::super::batch::tests::batches;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(batch in batches()) {
            let back = decode_contigs(&encode_contigs(&batch).unwrap(), 1 << 20).unwrap();
            prop_assert_eq!(back.samples(), batch.samples());
            for sample in 0..batch.samples() {
                prop_assert_eq!(back.contigs(sample), batch.contigs(sample));
                for contig in batch.contigs(sample) {
                    prop_assert_eq!(back.name(contig), batch.name(contig));
                }
            }
        }

        #[test]
        fn garbage_never_panics(raw: Vec<u8>) {
            let _ = decode_contigs(&raw, 1 << 16);
        }
    }
}
