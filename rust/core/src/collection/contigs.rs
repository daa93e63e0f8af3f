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
    let mut decoder = NamesDecoder::new(raw, limit)?;
    let (mut batch, mut name) = (Batch::default(), Vec::new());
    for _ in 0..decoder.samples() {
        for _ in 0..decoder.begin_sample()? {
            decoder.next(&mut name)?;
            batch.push_contig(&name);
        }
        batch.end_sample();
    }
    decoder.finish()?;
    Ok(batch)
}

/// Goes through the contig names of a batch.
pub(super) struct NamesDecoder<'a> {
    cursor: Cursor<'a>,
    samples: usize,
    previous: Vec<u8>,
    first: bool,
    limit: usize,
    total: usize,
    tables: usize,
}

impl<'a> NamesDecoder<'a> {
    /// At the beginning of a batch, whose names may come to `limit` bytes.
    pub(super) fn new(raw: &'a [u8], limit: usize) -> Result<NamesDecoder<'a>> {
        let mut decoder = NamesDecoder { limit, ..NamesDecoder::sample(raw) };
        decoder.samples = decoder.cursor.count(1)?;
        Ok(decoder)
    }

    /// At the beginning of a sample.
    pub(super) fn sample(raw: &'a [u8]) -> NamesDecoder<'a> {
        let cursor = Cursor::new(raw);
        NamesDecoder { cursor, samples: 1, previous: Vec::new(), first: true, limit: usize::MAX, total: 0, tables: 0 }
    }

    /// Number of samples.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// Bytes not yet read.
    pub(super) fn left(&self) -> usize {
        self.cursor.left()
    }

    /// Goes on to the next sample; how many contigs it has.
    pub(super) fn begin_sample(&mut self) -> Result<usize> {
        self.first = true;
        let contigs = self.cursor.count(1)?;
        // A frame of zeros announces millions of them in a few bytes.
        self.tables += SAMPLE + contigs * CONTIG;
        if self.tables / 2 > self.limit {
            return Err(Error::corrupt("a batch of the collection has too many contigs"));
        }
        Ok(contigs)
    }

    /// Replaces `name` by that of the next contig.
    pub(super) fn next(&mut self, name: &mut Vec<u8>) -> Result<()> {
        name.clear();
        let previous = (!self.first).then_some(&self.previous[..]);
        push_decoded(self.cursor.string()?, previous, name)?;
        // A byte can stand for a whole long word, so names may decode to far more than was stored.
        self.total += name.len();
        if self.total > self.limit {
            return Err(Error::corrupt(format!("the contig names of a batch exceed {} bytes", self.limit)));
        }
        self.previous.clear();
        self.previous.extend_from_slice(name);
        self.first = false;
        Ok(())
    }

    /// Fails unless everything was read.
    pub(super) fn finish(self) -> Result<()> {
        self.cursor.finish()
    }
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
