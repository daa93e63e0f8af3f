//! Collections of formats 1 and 2 (FORMAT 9). Read only.

use super::batch::Batch;
use super::fold::{unfold, unzigzag};
use super::prefix::Cursor;
use super::segment::Segment;
use crate::error::{Error, Result};

/// Command lines with their dates, which formats 1 and 2 store.
pub type Commands = Vec<(String, String)>;

/// Samples, their contigs and the commands that made the archive.
pub struct OldCollection {
    /// Sample names in order.
    pub samples: Vec<Box<[u8]>>,
    /// All samples as one batch.
    pub batch: Batch,
    /// Segments per contig, where the segments themselves are stored elsewhere (format 2).
    pub segment_counts: Vec<u32>,
    /// Samples per part of the details (format 2).
    pub samples_per_part: usize,
    /// Command lines.
    pub commands: Commands,
}

/// Reads `collection-desc` of format 1.
///
/// # Errors
/// [`Error::Corrupt`] when the content is malformed.
pub fn decode_desc(raw: &[u8]) -> Result<OldCollection> {
    let mut cursor = Cursor::new(raw);
    let mut batch = Batch::default();
    let mut samples = Vec::new();
    for _ in 0..cursor.count(2)? {
        samples.push(Box::from(cursor.string()?));
        for _ in 0..cursor.count(2)? {
            batch.push_contig(cursor.string()?);
            let mut previous = [0i64; 3];
            for _ in 0..cursor.count(4)? {
                for value in &mut previous {
                    *value += unzigzag(cursor.prefix()?);
                }
                let [group, number, length] = previous.map(|v| u32::try_from(v).ok());
                batch.push_segment(segment(group, number, length, cursor.prefix()?)?);
            }
        }
        batch.end_sample();
    }
    let commands = commands(&mut cursor)?;
    cursor.finish()?;
    Ok(OldCollection { samples, batch, segment_counts: Vec::new(), samples_per_part: 0, commands })
}

/// Reads `collection-main` of format 2: everything but the segments.
///
/// # Errors
/// [`Error::Corrupt`] when the content is malformed.
pub fn decode_main(raw: &[u8]) -> Result<OldCollection> {
    let mut cursor = Cursor::new(raw);
    let samples_per_part = cursor.prefix()? as usize;
    let mut batch = Batch::default();
    let mut samples = Vec::new();
    let mut segment_counts = Vec::new();
    for _ in 0..cursor.count(2)? {
        samples.push(Box::from(cursor.string()?));
        for _ in 0..cursor.count(2)? {
            batch.push_contig(cursor.string()?);
            segment_counts.push(cursor.prefix()?);
        }
        batch.end_sample();
    }
    let commands = commands(&mut cursor)?;
    cursor.finish()?;
    if samples_per_part == 0 && !samples.is_empty() {
        return Err(Error::corrupt("the collection has batches of no samples"));
    }
    Ok(OldCollection { samples, batch, segment_counts, samples_per_part, commands })
}

/// Reads one part of `collection-details` of format 2 and adds the segments of the samples from `first` on to `batch`,
/// whose contigs are copied from `main`. Returns the number of samples read.
///
/// # Errors
/// [`Error::Corrupt`] when the content is malformed or contradicts the collection.
pub fn decode_details_v2(raw: &[u8], main: &OldCollection, first: usize, batch: &mut Batch) -> Result<usize> {
    let samples = main.samples_per_part.min(main.samples.len().saturating_sub(first));
    let contigs = || (first..first + samples).flat_map(|sample| main.batch.contigs(sample));
    let total: u64 = contigs().map(|contig| u64::from(main.segment_counts[contig])).sum();
    if total > raw.len() as u64 / 4 {
        return Err(Error::corrupt(format!("{total} segments announced in {} bytes", raw.len())));
    }
    let mut cursor = Cursor::new(raw);
    let mut columns: [Vec<u32>; 3] = Default::default();
    for column in &mut columns {
        column.reserve_exact(total as usize);
        for contig in contigs() {
            let mut previous = 0;
            for _ in 0..main.segment_counts[contig] {
                previous = unfold(cursor.prefix()?, previous);
                column.push(previous);
            }
        }
    }
    let [groups, numbers, lengths] = &columns;
    let mut row = 0;
    for sample in first..first + samples {
        for contig in main.batch.contigs(sample) {
            batch.push_contig(main.batch.name(contig));
            for _ in 0..main.segment_counts[contig] {
                let strand = cursor.prefix()?;
                batch.push_segment(segment(Some(groups[row]), Some(numbers[row]), Some(lengths[row]), strand)?);
                row += 1;
            }
        }
        batch.end_sample();
    }
    cursor.finish()?;
    Ok(samples)
}

fn segment(group: Option<u32>, number: Option<u32>, length: Option<u32>, strand: u32) -> Result<Segment> {
    match (group, number, length) {
        (Some(group), Some(number), Some(length)) if length <= Segment::MAX_LENGTH => {
            Ok(Segment::new(group, number, length, strand != 0))
        }
        _ => Err(Error::corrupt("a segment's place or length is out of range")),
    }
}

fn commands(cursor: &mut Cursor<'_>) -> Result<Commands> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (0..cursor.count(2)?).map(|_| Ok((text(cursor.string()?), text(cursor.string()?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn garbage_never_panics(raw: Vec<u8>) {
            let _ = decode_desc(&raw);
            if let Ok(main) = decode_main(&raw) {
                let _ = decode_details_v2(&raw, &main, 0, &mut Batch::default());
            }
        }
    }
}
