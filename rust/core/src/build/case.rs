//! Gathering where lower case is, in input order.

use std::ops::Range;

use super::base::OldCase;
use crate::case::{BlockWriter, Entry, Index, runs};
use crate::codec::{Compressor, Effort, Matches};
use crate::error::Result;
use crate::layout::crc32;

const EFFORT: Effort = Effort { level: 12, window_log: 20, table_log: 17, matches: Matches::ByLevel };

/// A block on its way to the file: bytes of its content, and that compressed.
pub(super) struct CaseBlock {
    pub(super) size: u64,
    pub(super) frame: Vec<u8>,
}

/// Follows samples and contigs as they stream by. Holds the block that is not full yet, and the index of the others.
pub(super) struct CaseGatherer {
    /// Samples that have begun, and contigs of the last one.
    samples: u32,
    contigs: u32,
    /// Bases of the contig so far, and the last run in them, which may go on.
    base: u64,
    run: Option<Range<u64>>,
    block: BlockWriter,
    index: Index,
    compressor: Compressor,
}

impl CaseGatherer {
    /// Behind `samples` samples, and what is known of their case.
    pub(super) fn new(samples: usize, old: Option<&OldCase>) -> Self {
        CaseGatherer {
            samples: samples as u32,
            contigs: 0,
            base: 0,
            run: None,
            block: old.and_then(OldCase::open).unwrap_or_default(),
            index: old.map_or_else(Index::default, |old| old.full.clone()),
            compressor: Compressor::default(),
        }
    }

    pub(super) fn begin_sample(&mut self) {
        self.samples += 1;
        self.contigs = 0;
    }

    pub(super) fn begin_contig(&mut self) {
        self.contigs += 1;
        self.base = 0;
    }

    /// Takes the next letters of the contig: those in `range` of `bits`. `done` takes blocks that are full.
    pub(super) fn push(
        &mut self,
        bits: &[u64],
        range: Range<usize>,
        mut done: impl FnMut(CaseBlock) -> Result<()>,
    ) -> Result<()> {
        let (from, before) = (range.start, self.base);
        let base = |at: usize| before + (at - from) as u64;
        self.base = base(range.end);
        for run in runs(bits, range) {
            let run = base(run.start)..base(run.end);
            match &mut self.run {
                Some(last) if last.end == run.start => last.end = run.end,
                last => {
                    if let Some(last) = last.replace(run) {
                        self.add(last, &mut done)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the contig.
    pub(super) fn end_contig(&mut self, mut done: impl FnMut(CaseBlock) -> Result<()>) -> Result<()> {
        self.run.take().map_or(Ok(()), |run| self.add(run, &mut done))
    }

    /// The last block, if there is something in it, and the index of all.
    pub(super) fn finish(mut self) -> Result<(Option<CaseBlock>, Index)> {
        Ok((self.end_block()?, self.index))
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.block.memory() + size_of_val(self.index.entries()) + self.compressor.memory()
    }

    fn add(&mut self, run: Range<u64>, done: &mut impl FnMut(CaseBlock) -> Result<()>) -> Result<()> {
        self.block.push(self.samples - 1, self.contigs - 1, run);
        if !self.block.is_full() {
            return Ok(());
        }
        self.end_block()?.map_or(Ok(()), done)
    }

    fn end_block(&mut self) -> Result<Option<CaseBlock>> {
        let Some((first, content)) = self.block.take() else { return Ok(None) };
        self.index.push(Entry { first, crc: crc32(&content) });
        let mut frame = Vec::new();
        self.compressor.compress(&content, EFFORT, &mut frame)?;
        frame.shrink_to_fit();
        Ok(Some(CaseBlock { size: content.len() as u64, frame }))
    }
}
