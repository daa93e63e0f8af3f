//! Stream `collection-details` of format 3, one part per batch (FORMAT 4.5, 4.6).

use rustc_hash::FxHashMap;

use super::batch::Batch;
use super::fold::{fold, unfold};
use super::prefix::{Cursor, push_prefix};
use super::segment::Segment;
use crate::codec::{Compressor, Decompressor, Effort, check_size};
use crate::error::{Error, Result};
use crate::stop::go_on;

const COLUMNS: usize = 5;

/// The table that numbers are predicted from: the greatest number seen in each group.
#[derive(Default)]
struct Predictor {
    last: FxHashMap<u32, u32>,
}

impl Predictor {
    fn encode(&mut self, group: u32, number: u32) -> u32 {
        let last = self.last.get(&group).copied();
        self.see(group, number, last);
        match last {
            Some(last) if number != 0 => fold(number, last.wrapping_add(1)).wrapping_add(1),
            _ => number,
        }
    }

    fn decode(&mut self, group: u32, code: u32) -> u32 {
        let last = self.last.get(&group).copied();
        let number = match last {
            Some(last) if code != 0 => unfold(code - 1, last.wrapping_add(1)),
            _ => code,
        };
        self.see(group, number, last);
        number
    }

    fn see(&mut self, group: u32, number: u32, last: Option<u32>) {
        if number > last.unwrap_or(0) {
            self.last.insert(group, number);
        }
    }
}

/// Payload of a batch's part; `expected_length` is segment_size + k.
///
/// # Errors
/// [`Error::Internal`] when zstd fails.
pub fn encode_details(
    batch: &Batch,
    expected_length: u32,
    compressor: &mut Compressor,
    effort: Effort,
) -> Result<Vec<u8>> {
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    let [shape, groups, numbers, lengths, strands] = &mut columns;
    let mut predictor = Predictor::default();
    push_prefix(batch.samples() as u32, shape);
    for sample in 0..batch.samples() {
        go_on()?;
        push_prefix(batch.contigs(sample).len() as u32, shape);
        for contig in batch.contigs(sample) {
            let segments = batch.segments(contig);
            push_prefix(segments.len() as u32, shape);
            for segment in segments {
                push_prefix(segment.group, groups);
                push_prefix(predictor.encode(segment.group, segment.number), numbers);
                push_prefix(fold(segment.length(), expected_length), lengths);
                push_prefix(u32::from(segment.reversed()), strands);
            }
        }
    }
    let mut payload = Vec::new();
    let mut frames = Vec::new();
    for column in &columns {
        let before = frames.len();
        compressor.compress(column, effort, &mut frames)?;
        push_prefix(column.len() as u32, &mut payload);
        push_prefix((frames.len() - before) as u32, &mut payload);
    }
    payload.extend_from_slice(&frames);
    Ok(payload)
}

/// Adds the segments to a batch that has its contigs.
///
/// # Errors
/// [`Error::Corrupt`] when the payload is malformed or contradicts the batch, [`Error::MemoryLimit`].
pub fn decode_details(
    payload: &[u8],
    expected_length: u32,
    names: &Batch,
    decompressor: &mut Decompressor,
) -> Result<Batch> {
    let columns = DetailsDecoder::columns(payload, decompressor)?;
    let mut decoder = DetailsDecoder::new(&columns, expected_length);
    let mut batch = Batch::default();
    check_size((decoder.left() * size_of::<Segment>()) as u64, decompressor.most())?;
    batch.reserve_segments(decoder.left());
    decoder.samples(names.samples())?;
    for sample in 0..names.samples() {
        decoder.begin_sample(names.contigs(sample).len())?;
        for contig in names.contigs(sample) {
            batch.push_contig(names.name(contig));
            decoder.contig(|segment| batch.push_segment(segment))?;
        }
        batch.end_sample();
    }
    decoder.finish()?;
    Ok(batch)
}

/// Goes through the segments of a batch.
pub(super) struct DetailsDecoder<'a> {
    shape: Cursor<'a>,
    groups: Cursor<'a>,
    numbers: Cursor<'a>,
    lengths: Cursor<'a>,
    strands: Cursor<'a>,
    predictor: Predictor,
    expected_length: u32,
}

impl<'a> DetailsDecoder<'a> {
    /// Decompresses the columns of a payload.
    pub(super) fn columns(payload: &[u8], decompressor: &mut Decompressor) -> Result<[Vec<u8>; COLUMNS]> {
        let mut cursor = Cursor::new(payload);
        let mut sizes = [(0, 0); COLUMNS];
        for size in &mut sizes {
            *size = (cursor.prefix()?, cursor.prefix()? as usize);
        }
        let mut columns: [Vec<u8>; COLUMNS] = Default::default();
        for (column, (raw, packed)) in columns.iter_mut().zip(sizes) {
            decompressor.decompress(cursor.bytes(packed)?, u64::from(raw), column)?;
        }
        cursor.finish()?;
        Ok(columns)
    }

    /// At the beginning of a batch.
    pub(super) fn new(columns: &'a [Vec<u8>; COLUMNS], expected_length: u32) -> DetailsDecoder<'a> {
        let [shape, groups, numbers, lengths, strands] = columns.each_ref().map(|column| Cursor::new(column));
        DetailsDecoder { shape, groups, numbers, lengths, strands, predictor: Predictor::default(), expected_length }
    }

    /// Segments not yet read, at most.
    pub(super) fn left(&self) -> usize {
        self.strands.left()
    }

    /// Tells the number of samples, which must be that of the names.
    pub(super) fn samples(&mut self, samples: usize) -> Result<()> {
        self.agree(samples)
    }

    /// Goes on to the next sample, which must have so many contigs.
    pub(super) fn begin_sample(&mut self, contigs: usize) -> Result<()> {
        self.agree(contigs)
    }

    fn agree(&mut self, expected: usize) -> Result<()> {
        if self.shape.prefix()? as usize == expected {
            return Ok(());
        }
        Err(Error::corrupt("the segment table contradicts the contig names of its batch"))
    }

    /// Gives the segments of the next contig.
    pub(super) fn contig(&mut self, mut each: impl FnMut(Segment)) -> Result<()> {
        for _ in 0..self.shape.prefix()? {
            let group = self.groups.prefix()?;
            let number = self.predictor.decode(group, self.numbers.prefix()?);
            let length = unfold(self.lengths.prefix()?, self.expected_length);
            if length > Segment::MAX_LENGTH {
                return Err(Error::corrupt(format!("a segment of {length} codes")));
            }
            each(Segment::new(group, number, length, self.strands.prefix()? != 0));
        }
        Ok(())
    }

    /// Fails unless everything was read.
    pub(super) fn finish(self) -> Result<()> {
        [self.shape, self.groups, self.numbers, self.lengths, self.strands].into_iter().try_for_each(Cursor::finish)
    }
}

/// The length that AGC 3.0 to 3.2.1 meant when their `append` stored one that reads as `length` (FORMAT 4.6):
/// they coded it against k alone.
pub fn corrected_length(length: u32, k: u32, segment_size: u32) -> u32 {
    unfold(fold(length, segment_size + k), k)
}

#[cfg(test)]
mod tests {
    use super::super::batch::tests::batches;
    use super::super::{decode_contigs, encode_contigs};
    use super::*;
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 3, window_log: 20, table_log: 17, matches: crate::codec::Matches::ByLevel };

    #[test]
    fn next_new_number_is_one_and_the_last_again_is_two() {
        let mut predictor = Predictor::default();
        let codes: Vec<_> = [1, 2, 3, 3, 0, 2, 9].iter().map(|&n| predictor.encode(7, n)).collect();
        assert_eq!(codes, [1, 1, 1, 2, 0, 4, 10]);
    }

    #[test]
    fn wrong_lengths_of_old_appends_are_recovered() {
        for length in [31, 100, 5_000, 60_031, 61_000, 123_456, 900_000] {
            let stored = fold(length, 31);
            let read = unfold(stored, 60_031);
            assert_eq!(corrected_length(read, 31, 60_000), length);
        }
    }

    proptest! {
        #[test]
        fn round_trip(batch in batches(), expected in 0u32..100_000) {
            let names = decode_contigs(&encode_contigs(&batch).unwrap(), 1 << 20).unwrap();
            let payload = encode_details(&batch, expected, &mut Compressor::default(), EFFORT).unwrap();
            let back = decode_details(&payload, expected, &names, &mut Decompressor::default()).unwrap();
            prop_assert_eq!(back, batch);
        }

        #[test]
        fn damage_never_panics(batch in batches(), at: prop::sample::Index, byte: u8) {
            let mut payload = encode_details(&batch, 1000, &mut Compressor::default(), EFFORT).unwrap();
            let at = at.index(payload.len());
            payload[at] = byte;
            let _ = decode_details(&payload, 1000, &batch, &mut Decompressor::default());
        }
    }
}
