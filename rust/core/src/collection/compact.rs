//! A batch of samples as a reader keeps it: names as they are stored, and rows of segments that need no others before them.
//! It takes some ten bytes a contig, and any sample can be had from it by itself.

use super::batch::Batch;
use super::contigs::NamesDecoder;
use super::details::DetailsDecoder;
use super::segment::Segment;
use crate::codec::Decompressor;
use crate::error::{Error, Result};
use crate::varint::{push_varint, take_varint};

/// Where a sample begins.
#[derive(Debug, Clone, Copy)]
struct Start {
    contig: u32,
    name: u64,
    row: u64,
}

/// The collection of a batch of samples, in little memory.
#[derive(Debug)]
pub struct CompactBatch {
    names: Vec<u8>,
    /// For each contig the number of its segments, then of each segment group, number, and length with strand.
    rows: Vec<u8>,
    /// Of each sample, and behind the last.
    starts: Vec<Start>,
    corrected: usize,
}

/// What a batch is read from.
pub struct StoredBatch<'a> {
    /// Raw content of the names.
    pub names: Vec<u8>,
    /// Bytes that the names may come to.
    pub limit: usize,
    /// Payload of the details.
    pub details: &'a [u8],
    /// Length that segments mostly have.
    pub expected_length: u32,
}

impl CompactBatch {
    /// Reads a batch. `in_names` makes known that an error is one of the names; `correct` may change the segments of each
    /// sample, and tells whether it did.
    ///
    /// # Errors
    /// As [`super::decode_contigs`] and [`super::decode_details`], or what `correct` returns.
    pub fn decode(
        stored: StoredBatch<'_>,
        decompressor: &mut Decompressor,
        in_names: impl Fn(Error) -> Error,
        mut correct: impl FnMut(&mut [Segment]) -> Result<bool>,
    ) -> Result<CompactBatch> {
        let StoredBatch { names, limit, details, expected_length } = stored;
        let columns = DetailsDecoder::columns(details, decompressor)?;
        let mut rows = Vec::with_capacity(columns.iter().map(Vec::len).sum());
        let mut details = DetailsDecoder::new(&columns, expected_length);
        let mut decoder = NamesDecoder::new(&names, limit).map_err(&in_names)?;
        details.samples(decoder.samples())?;
        let mut starts = Vec::with_capacity(decoder.samples() + 1);
        let (mut contig, mut corrected) = (0u32, 0);
        let (mut segments, mut counts, mut name) = (Vec::new(), Vec::new(), Vec::new());
        let start = |contig, decoder: &NamesDecoder<'_>, rows: &Vec<u8>| Start {
            contig,
            name: (names.len() - decoder.left()) as u64,
            row: rows.len() as u64,
        };
        for _ in 0..decoder.samples() {
            starts.push(start(contig, &decoder, &rows));
            let contigs = decoder.begin_sample().map_err(&in_names)?;
            details.begin_sample(contigs)?;
            segments.clear();
            counts.clear();
            for _ in 0..contigs {
                decoder.next(&mut name).map_err(&in_names)?;
                let before = segments.len();
                details.contig(|segment| segments.push(segment))?;
                counts.push(segments.len() - before);
            }
            corrected += usize::from(correct(&mut segments)?);
            let mut rest = &segments[..];
            for &count in &counts {
                let (own, others) = rest.split_at(count);
                push_rows(own, &mut rows);
                rest = others;
            }
            contig += contigs as u32;
        }
        starts.push(start(contig, &decoder, &rows));
        decoder.finish().map_err(&in_names)?;
        details.finish()?;
        rows.shrink_to_fit();
        Ok(CompactBatch { names, rows, starts, corrected })
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of contigs.
    pub fn contig_count(&self) -> usize {
        self.starts[self.samples()].contig as usize
    }

    /// Number of the `sample`-th sample's first contig in the batch; behind the last sample, of all contigs.
    pub fn first_contig(&self, sample: usize) -> usize {
        self.starts[sample].contig as usize
    }

    /// In how many samples segments were corrected.
    pub fn corrected(&self) -> usize {
        self.corrected
    }

    /// Adds the `sample`-th sample to a batch.
    ///
    /// # Errors
    /// [`Error::Corrupt`], which cannot be: all of it was read before.
    pub fn append_sample(&self, sample: usize, to: &mut Batch) -> Result<()> {
        let Start { contig, name, row } = self.starts[sample];
        let end = self.starts[sample + 1];
        to.reserve_contigs((end.contig - contig) as usize);
        let mut decoder = NamesDecoder::sample(&self.names[name as usize..end.name as usize]);
        let mut rows = &self.rows[row as usize..end.row as usize];
        let mut name = Vec::new();
        for _ in 0..decoder.begin_sample()? {
            decoder.next(&mut name)?;
            to.push_contig(&name);
            for _ in 0..take_varint(&mut rows)? {
                to.push_segment(take_row(&mut rows)?);
            }
        }
        to.end_sample();
        Ok(())
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.names.capacity() + self.rows.capacity() + size_of_val(&self.starts[..])
    }
}

fn push_rows(segments: &[Segment], rows: &mut Vec<u8>) {
    push_varint(segments.len() as u64, rows);
    for segment in segments {
        push_varint(u64::from(segment.group), rows);
        push_varint(u64::from(segment.number), rows);
        push_varint(u64::from(segment.length()) << 1 | u64::from(segment.reversed()), rows);
    }
}

fn take_row(rows: &mut &[u8]) -> Result<Segment> {
    let (group, number, length) = (take_varint(rows)?, take_varint(rows)?, take_varint(rows)?);
    Ok(Segment::new(group as u32, number as u32, (length >> 1) as u32, length & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::super::batch::tests::batches;
    use super::super::{decode_contigs, decode_details, encode_contigs, encode_details};
    use super::*;
    use crate::codec::{Compressor, Effort, Matches};
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 3, window_log: 20, table_log: 17, matches: Matches::ByLevel };

    fn compact(batch: &Batch, correct: impl FnMut(&mut [Segment]) -> Result<bool>) -> Result<CompactBatch> {
        let payload = encode_details(batch, 1000, &mut Compressor::default(), EFFORT).unwrap();
        let names = encode_contigs(batch).unwrap();
        let stored = StoredBatch { names, limit: 1 << 20, details: &payload, expected_length: 1000 };
        CompactBatch::decode(stored, &mut Decompressor::default(), |e| e, correct)
    }

    proptest! {
        #[test]
        fn each_sample_is_as_in_the_whole_batch(batch in batches()) {
            let names = decode_contigs(&encode_contigs(&batch).unwrap(), 1 << 20).unwrap();
            let payload = encode_details(&batch, 1000, &mut Compressor::default(), EFFORT).unwrap();
            let whole = decode_details(&payload, 1000, &names, &mut Decompressor::default()).unwrap();
            let compact = compact(&batch, |_| Ok(false)).unwrap();
            prop_assert_eq!((compact.samples(), compact.contig_count()), (batch.samples(), batch.contig_count()));
            let mut again = Batch::default();
            for sample in 0..compact.samples() {
                prop_assert_eq!(compact.first_contig(sample), whole.contigs(sample).start);
                let mut alone = Batch::default();
                compact.append_sample(sample, &mut alone).unwrap();
                prop_assert_eq!(&alone, &whole.alone(sample));
                compact.append_sample(sample, &mut again).unwrap();
            }
            prop_assert_eq!(again, whole);
        }

        #[test]
        fn what_is_corrected_is_kept(batch in batches()) {
            let longer = |segment: &Segment| Segment::new(segment.group, segment.number, segment.length() + 1, true);
            let mut told = 0;
            let compact = compact(&batch, |segments| {
                segments.iter_mut().for_each(|segment| *segment = longer(segment));
                told += usize::from(!segments.is_empty());
                Ok(!segments.is_empty())
            })
            .unwrap();
            prop_assert_eq!(compact.corrected(), told);
            let mut found = Batch::default();
            for sample in 0..compact.samples() {
                compact.append_sample(sample, &mut found).unwrap();
            }
            for contig in 0..found.contig_count() {
                let expected: Vec<Segment> = batch.segments(contig).iter().map(longer).collect();
                prop_assert_eq!(found.segments(contig), expected);
            }
        }

        #[test]
        fn garbage_never_panics(names: Vec<u8>, payload: Vec<u8>) {
            let stored = StoredBatch { names, limit: 1 << 16, details: &payload, expected_length: 7 };
            let _ = CompactBatch::decode(stored, &mut Decompressor::default(), |e| e, |_| Ok(false));
        }
    }
}
