//! Writing blocks.
//!
//! A block's content is a sequence of *pieces*, one for each contig that has lower case in it, in varints: how many samples
//! it is behind the last piece (the first: its number); its contig, counted from that of the last piece if the sample is the
//! same; then for each run its length and the upper-case letters before it, which for the first are counted from the
//! contig's start; and a zero. Runs are whole: a contig that does not fit goes on in the next block with its next run.

use std::ops::Range;

use super::Place;
use crate::varint::push_varint;

/// A block of so many bytes is full. Larger ones are a little smaller when compressed, and more work to read.
pub const FULL: usize = 512 << 10;

/// Fills a block.
#[derive(Debug, Default)]
pub struct BlockWriter {
    content: Vec<u8>,
    first: Option<Place>,
    /// Sample and contig of the last piece.
    last: (u32, u32),
    /// Behind the last run, while the piece may get more.
    end: Option<u64>,
}

impl BlockWriter {
    /// Goes on from a block that is not full: its content, its first place, and sample and contig of its last piece.
    pub fn resume(content: Vec<u8>, first: Place, last: (u32, u32)) -> BlockWriter {
        BlockWriter { content, first: Some(first), last, end: None }
    }

    /// Adds a run, which is behind all that were added, and not directly behind one of the same contig.
    pub fn push(&mut self, sample: u32, contig: u32, run: Range<u64>) {
        let end = match self.end {
            Some(end) if self.last == (sample, contig) => end,
            _ => {
                self.end_piece();
                let (last_sample, last_contig) = self.last;
                push_varint(u64::from(sample - last_sample), &mut self.content);
                let before = if sample == last_sample { last_contig } else { 0 };
                push_varint(u64::from(contig - before), &mut self.content);
                self.last = (sample, contig);
                0
            }
        };
        self.first.get_or_insert(Place { sample, contig, base: run.start });
        push_varint(run.end - run.start, &mut self.content);
        push_varint(run.start - end, &mut self.content);
        self.end = Some(run.end);
    }

    /// Whether the block should be taken.
    pub fn is_full(&self) -> bool {
        self.content.len() >= FULL
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.content.capacity()
    }

    /// Ends the block: where it begins, and its content; none if it is empty.
    pub fn take(&mut self) -> Option<(Place, Vec<u8>)> {
        self.end_piece();
        let BlockWriter { content, first, .. } = std::mem::take(self);
        first.map(|first| (first, content))
    }

    fn end_piece(&mut self) {
        if self.end.take().is_some() {
            self.content.push(0);
        }
    }
}
