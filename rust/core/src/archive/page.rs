//! A batch of the collection with what queries need: contigs by name, lengths, and segments by position.

use std::ops::Range;
use std::sync::OnceLock;

use super::decode::{Piece, contig_length, own_length, pieces};
use super::names::{Find, Names};
use crate::collection::{Batch, Segment};
use crate::error::Result;

/// Segments from one mark to the next. A mark costs two thirds of a segment's row.
const STEP: usize = 32;

/// Length of a contig whose segments contradict each other.
const DAMAGED: u64 = u64::MAX;

/// A batch of samples. Contigs are numbered through the batch.
#[derive(Debug)]
pub(super) struct Page {
    batch: Batch,
    k: u32,
    /// Bases of each contig.
    lengths: Vec<u64>,
    /// Where every [`STEP`]-th segment of the batch begins in its contig.
    marks: Vec<u64>,
    /// Contigs of each sample by name, made when first asked for.
    names: Vec<OnceLock<Names>>,
}

impl Page {
    pub(super) fn new(batch: Batch, k: u32) -> Page {
        let mut lengths = Vec::with_capacity(batch.contig_count());
        let mut marks = Vec::with_capacity(batch.segment_count().div_ceil(STEP));
        let mut number = 0;
        for contig in 0..batch.contig_count() {
            let mut at = Some(0);
            for (i, segment) in batch.segments(contig).iter().enumerate() {
                if number % STEP == 0 {
                    marks.push(at.unwrap_or(DAMAGED));
                }
                number += 1;
                at = at.and_then(|at| Some(at + u64::from(own_length(i, *segment, k).ok()?)));
            }
            lengths.push(at.unwrap_or(DAMAGED));
        }
        let names = (0..batch.samples()).map(|_| OnceLock::new()).collect();
        Page { batch, k, lengths, marks, names }
    }

    pub(super) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Bases of a contig.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) when its segments contradict each other.
    pub(super) fn length(&self, contig: usize) -> Result<u64> {
        match self.lengths[contig] {
            DAMAGED => contig_length(self.batch.segments(contig), self.k),
            length => Ok(length),
        }
    }

    /// The pieces of a contig's segments that make up `window` (0-based, half-open, inside the contig), in order.
    pub(super) fn pieces(&self, contig: usize, window: Range<u64>) -> impl Iterator<Item = Result<Piece>> {
        let numbers = self.batch.segment_numbers(contig);
        let within = numbers.start.div_ceil(STEP)..numbers.end.div_ceil(STEP);
        let marks = self.marks.get(within.clone()).unwrap_or_default();
        let before = marks.partition_point(|&mark| mark <= window.start);
        let (first, start) = match before.checked_sub(1) {
            Some(last) => ((within.start + last) * STEP - numbers.start, marks[last]),
            None => (0, 0),
        };
        pieces(self.batch.segments(contig), first, start, self.k, window)
    }

    /// Contig of a sample by its header or first word; both are given as places in the sample.
    pub(super) fn find(&self, sample: usize, name: &[u8]) -> Find {
        let contigs = self.batch.contigs(sample);
        let header = |place: usize| self.batch.name(contigs.start + place);
        self.names[sample].get_or_init(|| Names::new(contigs.len(), header)).find(name, header)
    }

    /// Segments of a contig, in order.
    pub(super) fn segments(&self, contig: usize) -> &[Segment] {
        self.batch.segments(contig)
    }

    /// Bytes held, or that will be when all names have been asked for.
    pub(super) fn memory(&self) -> usize {
        self.batch.memory()
            + 8 * (self.lengths.capacity() + self.marks.capacity())
            + self.names.capacity() * size_of::<OnceLock<Names>>()
            + Names::memory(self.batch.contig_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::decode::pieces;
    use proptest::prelude::*;

    fn page(contigs: &[Vec<u32>], k: u32) -> Page {
        let mut batch = Batch::default();
        for (number, lengths) in contigs.iter().enumerate() {
            batch.push_contig(format!("c{number}").as_bytes());
            for &length in lengths {
                batch.push_segment(Segment::new(16, 0, length, false));
            }
        }
        batch.end_sample();
        Page::new(batch, k)
    }

    #[test]
    fn what_is_damaged_is_an_error_where_it_is_asked_for() {
        let page = page(&[vec![50, 40], vec![50, 4, 60], vec![9]], 10);
        assert_eq!(page.length(0).unwrap(), 80);
        assert!(page.length(1).is_err());
        assert_eq!(page.length(2).unwrap(), 9);
    }

    proptest! {
        #[test]
        fn marks_lead_to_the_same_pieces(
            contigs in proptest::collection::vec(proptest::collection::vec(21u32..200, 0..150), 1..5),
            contig: prop::sample::Index,
            ends: (prop::sample::Index, prop::sample::Index),
        ) {
            let page = page(&contigs, 21);
            let contig = contig.index(contigs.len());
            let length = page.length(contig).unwrap();
            let (a, b) = (ends.0.index(length as usize + 1) as u64, ends.1.index(length as usize + 1) as u64);
            let window = a.min(b)..a.max(b);
            let all = |found: &mut dyn Iterator<Item = Result<Piece>>| -> Vec<_> {
                found.map(|piece| piece.map(|piece| (piece.segment, piece.local)).unwrap()).collect()
            };
            let expected = all(&mut pieces(page.segments(contig), 0, 0, 21, window.clone()));
            let found = all(&mut page.pieces(contig, window.clone()));
            prop_assert_eq!(found.iter().map(|(_, local)| local.end - local.start).sum::<u64>(), window.end - window.start);
            prop_assert_eq!(found, expected);
        }
    }
}
