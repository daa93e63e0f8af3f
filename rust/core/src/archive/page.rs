//! The contigs of a sample with what queries need: contigs by name, lengths, and segments by position.

use std::ops::Range;
use std::sync::OnceLock;

use super::decode::{Piece, contig_length, own_length, pieces};
use super::names::{Find, Names};
use crate::collection::{Batch, Segment};
use crate::error::Result;

/// Segments from one mark to the next. A mark costs two thirds of a segment's row.
const STEP: usize = 32;

/// Place of a segment behind segments that contradict each other.
const DAMAGED: u64 = u64::MAX;

/// The contigs of a sample.
#[derive(Debug)]
pub(super) struct Page {
    batch: Batch,
    k: u32,
    /// Where every [`STEP`]-th segment of the sample begins in its contig.
    marks: Vec<u64>,
    /// Contigs by name, made when first asked for.
    names: OnceLock<Names>,
}

impl Page {
    /// Of a batch of one sample.
    pub(super) fn new(batch: Batch, k: u32) -> Page {
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
        }
        Page { batch, k, marks, names: OnceLock::new() }
    }

    /// Number of contigs.
    pub(super) fn len(&self) -> usize {
        self.batch.contig_count()
    }

    /// Whole header of a contig.
    pub(super) fn header(&self, contig: usize) -> &[u8] {
        self.batch.name(contig)
    }

    /// Bases of a contig.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) when its segments contradict each other.
    pub(super) fn length(&self, contig: usize) -> Result<u64> {
        let segments = self.batch.segments(contig);
        let (first, mut length) = self.last_mark(contig, |_| true);
        if length == DAMAGED {
            return contig_length(segments, self.k);
        }
        for (i, segment) in segments.iter().enumerate().skip(first) {
            length += u64::from(own_length(i, *segment, self.k)?);
        }
        Ok(length)
    }

    /// The last marked segment of a contig whose place is `before`, or its first segment, and where it begins.
    fn last_mark(&self, contig: usize, before: impl Fn(u64) -> bool) -> (usize, u64) {
        let numbers = self.batch.segment_numbers(contig);
        let within = numbers.start.div_ceil(STEP)..numbers.end.div_ceil(STEP);
        let marks = self.marks.get(within.clone()).unwrap_or_default();
        match marks.partition_point(|&mark| before(mark)).checked_sub(1) {
            Some(last) => ((within.start + last) * STEP - numbers.start, marks[last]),
            None => (0, 0),
        }
    }

    /// The pieces of a contig's segments that make up `window` (0-based, half-open, inside the contig), in order.
    pub(super) fn pieces(&self, contig: usize, window: Range<u64>) -> impl Iterator<Item = Result<Piece>> {
        let (first, start) = self.last_mark(contig, |mark| mark <= window.start);
        pieces(self.batch.segments(contig), first, start, self.k, window)
    }

    /// Contig by its header or first word.
    pub(super) fn find(&self, name: &[u8]) -> Find {
        let header = |contig: usize| self.batch.name(contig);
        self.names.get_or_init(|| Names::new(self.len(), header)).find(name, header)
    }

    /// Segments of a contig, in order.
    pub(super) fn segments(&self, contig: usize) -> &[Segment] {
        self.batch.segments(contig)
    }

    /// Bytes held, or that will be when a contig was asked for by name.
    pub(super) fn memory(&self) -> usize {
        self.batch.memory() + 8 * self.marks.capacity() + Names::memory(self.len())
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
