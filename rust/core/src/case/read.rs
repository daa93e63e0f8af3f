//! Reading blocks.

use std::ops::Range;

use super::Place;
use crate::error::{Error, Result};
use crate::varint::take_varint;

/// Runs between two stops: a run is found from the stop before it.
const RUNS_A_STOP: usize = 64;

/// A block that was checked, with places to begin reading at.
#[derive(Debug)]
pub struct Block {
    content: Vec<u8>,
    pieces: Vec<Piece>,
    stops: Vec<Stop>,
}

/// What a block has of a contig.
#[derive(Debug)]
struct Piece {
    contig: (u32, u32),
    /// Its first stop, and the one behind its last.
    stops: Range<usize>,
    /// Behind its last run.
    end: u64,
}

#[derive(Debug)]
struct Stop {
    /// Behind the run before, or the contig's start.
    base: u64,
    /// Where the next run stands in the content.
    at: usize,
}

impl Block {
    /// Checks a block's content, which must begin at `first`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is malformed.
    pub fn decode(content: Vec<u8>, first: Place) -> Result<Block> {
        let wrong = |what: &str| Err(Error::corrupt(format!("a block of lower case {what}")));
        let (mut pieces, mut stops) = (Vec::<Piece>::new(), Vec::new());
        let mut rest = &content[..];
        let mut begins = None;
        while !rest.is_empty() {
            let last = pieces.last().map(|piece| piece.contig);
            let (sample, contig) = last.unwrap_or_default();
            let (samples, number) = (take_varint(&mut rest)?, take_varint(&mut rest)?);
            let before = if samples == 0 { contig } else { 0 };
            let sum = |a: u32, b: u64| u64::from(a).checked_add(b).and_then(|sum| u32::try_from(sum).ok());
            let (Some(sample), Some(contig)) = (sum(sample, samples), sum(before, number)) else {
                return wrong("has a contig beyond 32 bits");
            };
            if last.is_some_and(|last| last >= (sample, contig)) {
                return wrong("has contigs out of order");
            }
            let (from, mut end, mut runs) = (stops.len(), 0u64, 0);
            loop {
                let stop = Stop { base: end, at: content.len() - rest.len() };
                let length = take_varint(&mut rest)?;
                if length == 0 {
                    break;
                }
                let gap = take_varint(&mut rest)?;
                let Some(start) = end.checked_add(gap) else { return wrong("has a base beyond 64 bits") };
                let Some(behind) = start.checked_add(length) else { return wrong("has a base beyond 64 bits") };
                if runs > 0 && gap == 0 {
                    return wrong("has two runs that are one");
                }
                if runs % RUNS_A_STOP == 0 {
                    stops.push(stop);
                }
                begins = begins.or(Some(Place { sample, contig, base: start }));
                runs += 1;
                end = behind;
            }
            if runs == 0 {
                return wrong("has a contig without runs");
            }
            pieces.push(Piece { contig: (sample, contig), stops: from..stops.len(), end });
        }
        if begins != Some(first) {
            return wrong("does not begin where the index has it");
        }
        Ok(Block { content, pieces, stops })
    }

    /// The content.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Sample and contig of the last piece.
    pub fn last(&self) -> (u32, u32) {
        self.pieces.last().map(|piece| piece.contig).unwrap_or_default()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.content.capacity()
            + self.pieces.capacity() * size_of::<Piece>()
            + self.stops.capacity() * size_of::<Stop>()
    }

    /// Behind the last base of lower case that the block has in a contig.
    pub fn end(&self, sample: u32, contig: u32) -> Option<u64> {
        self.piece(sample, contig).map(|piece| piece.end)
    }

    /// The runs of a contig, cut to `range`, in order.
    pub fn runs(&self, sample: u32, contig: u32, range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let stops = self.piece(sample, contig).map_or(&[][..], |piece| &self.stops[piece.stops.clone()]);
        let stop = stops.partition_point(|stop| stop.base <= range.start).checked_sub(1).map(|stop| &stops[stop]);
        let (mut end, mut rest) = stop.map_or((0, &[][..]), |stop| (stop.base, &self.content[stop.at..]));
        std::iter::from_fn(move || {
            while end < range.end {
                let length = take_varint(&mut rest).ok().filter(|&length| length > 0)?;
                let start = end + take_varint(&mut rest).ok()?;
                end = start + length;
                if end > range.start && start < range.end {
                    return Some(start.max(range.start)..end.min(range.end));
                }
            }
            None
        })
    }

    fn piece(&self, sample: u32, contig: u32) -> Option<&Piece> {
        let found = self.pieces.binary_search_by_key(&(sample, contig), |piece| piece.contig);
        found.ok().map(|found| &self.pieces[found])
    }
}

#[cfg(test)]
mod tests {
    use super::super::BlockWriter;
    use super::*;
    use proptest::prelude::*;

    type Contig = ((u32, u32), Vec<Range<u64>>);

    /// Contigs in order, each with runs.
    fn contigs() -> impl Strategy<Value = Vec<Contig>> {
        let run = (1u64..400, 1u64..400);
        let runs = proptest::collection::vec(run, 1..300).prop_map(|steps| {
            let mut end = 0;
            let place = |(i, (gap, length)): (usize, (u64, u64))| {
                // The first run may begin with the contig.
                let start = end + if i == 0 { gap - 1 } else { gap };
                end = start + length;
                start..end
            };
            steps.into_iter().enumerate().map(place).collect()
        });
        proptest::collection::btree_map((0u32..5, 0u32..400), runs, 1..8).prop_map(|map| map.into_iter().collect())
    }

    fn written(contigs: &[Contig]) -> (Place, Vec<u8>) {
        let mut writer = BlockWriter::default();
        for ((sample, contig), runs) in contigs {
            runs.iter().for_each(|run| writer.push(*sample, *contig, run.clone()));
        }
        writer.take().unwrap()
    }

    #[test]
    fn vector() {
        let contigs = [((1, 2), vec![3..5, 10..300]), ((1, 4), vec![0..1, 2..3]), ((3, 1), vec![7..8, 10..11])];
        let content = [1, 2, 2, 3, 0xA2, 2, 5, 0, 0, 2, 1, 0, 1, 1, 0, 2, 1, 1, 7, 1, 2, 0];
        assert_eq!(written(&contigs), (Place { sample: 1, contig: 2, base: 3 }, content.to_vec()));
    }

    proptest! {
        #[test]
        fn any_range_comes_back(contigs in contigs(), at: prop::sample::Index, start in 0u64..90_000, length in 0u64..9000) {
            let (first, content) = written(&contigs);
            let block = Block::decode(content, first).unwrap();
            let ((sample, contig), runs) = &contigs[at.index(contigs.len())];
            for range in [0..u64::MAX, start..start + length, runs[0].start..runs[0].end] {
                let expected = runs.iter().map(|run| run.start.max(range.start)..run.end.min(range.end));
                let expected: Vec<_> = expected.filter(|run| !run.is_empty()).collect();
                prop_assert_eq!(block.runs(*sample, *contig, range).collect::<Vec<_>>(), expected);
            }
            prop_assert_eq!(block.end(*sample, *contig), runs.last().map(|run| run.end));
            prop_assert_eq!(block.runs(7, 0, 0..u64::MAX).next(), None);
        }

        #[test]
        fn a_block_goes_on_as_if_it_had_not_ended(contigs in contigs(), at: prop::sample::Index) {
            let whole = written(&contigs);
            let (before, behind) = contigs.split_at(at.index(contigs.len()).max(1).min(contigs.len()));
            let (first, content) = written(before);
            let block = Block::decode(content, first).unwrap();
            let mut writer = BlockWriter::resume(block.content().to_vec(), first, block.last());
            for ((sample, contig), runs) in behind {
                runs.iter().for_each(|run| writer.push(*sample, *contig, run.clone()));
            }
            prop_assert_eq!(writer.take().unwrap(), whole);
        }

        #[test]
        fn damage_never_panics(contigs in contigs(), at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
            let (first, mut content) = written(&contigs);
            let at = at.index(content.len());
            content[at] = byte;
            content.truncate(cut.index(content.len()) + 1);
            if let Ok(block) = Block::decode(content, first) {
                for ((sample, contig), _) in &contigs {
                    prop_assert!(block.runs(*sample, *contig, 0..u64::MAX).all(|run| !run.is_empty()));
                }
            }
        }

        #[test]
        fn garbage_never_panics(content: Vec<u8>) {
            let _ = Block::decode(content, Place { sample: 0, contig: 0, base: 0 });
        }
    }
}
