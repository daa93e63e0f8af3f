//! From blocks to segments, in input order: what runs along a reference joins its group, what runs along none opens new
//! groups (GROUPING 3).

use std::ops::Range;

use super::atlas::Atlas;
use super::map::{Block, Mapped, Mapper, SWITCH, Scan};
use crate::error::Result;
use crate::layout::RAW_GROUPS;
use crate::segment::lz;

/// Codes without a reference that are worth a group of their own; fewer are literals of a segment.
const NOVEL: usize = 1000;

/// Gain that a run needs amid novel sequence, in tenths of a bit: short repeats are cheaper as they are. In the first
/// sample it must be more, as the samples that follow are cut wherever the first one is.
const NOVEL_GAIN: i64 = 10_000;
const NOVEL_GAIN_FIRST: i64 = 20_000;

/// Gain that a short contig needs to join a group: it has a row in any case, and what it saves is a group of its own.
const CONTIG_GAIN: i64 = 600;

/// Shorter contigs that are like nothing are not worth a group: they go to the raw ones.
const RAW: usize = 256;

/// A segment is at most this many times the size of a new group long, or this many codes if that is less.
const CAP: usize = 4;
const CAP_CODES: usize = 120_000;

/// A segment as it was cut, on the strand of its contig.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) codes: Vec<u8>,
    pub(super) group: u32,
    /// Whether it is the group's reference.
    pub(super) founder: bool,
    /// Whether it is stored on the other strand.
    pub(super) reversed: bool,
    /// Where it runs along the reference, both on the strand that is stored.
    pub(super) hints: Vec<lz::Block>,
}

/// Blocks of one reference and strand, one behind another.
#[derive(Debug, Clone)]
struct Run {
    blocks: Vec<Block>,
    gain: i64,
}

impl Run {
    fn start(&self) -> usize {
        self.blocks[0].start
    }

    fn end(&self) -> usize {
        self.blocks[self.blocks.len() - 1].end
    }

    fn along(&self) -> (usize, bool) {
        (self.blocks[0].reference, self.blocks[0].reversed)
    }
}

/// Cuts the contig that is streaming by.
#[derive(Debug)]
pub(super) struct Settler {
    k: usize,
    size: usize,
    pending: Vec<u8>,
    /// Codes at the start of `pending` that the segment before holds too.
    overlap: usize,
    /// Reference and strand that `pending` runs along; none if it is novel.
    current: Option<(usize, bool)>,
    /// Behind the last code of `pending` that runs along it.
    matched: usize,
    /// Blocks in `pending`.
    blocks: Vec<Block>,
    first: bool,
    /// Samples that have begun.
    samples: u64,
    /// Segments that went to raw groups, which take turns.
    raw: u32,
    /// What is known of the seeds of `pending`.
    scan: Scan,
    mapper: Mapper,
    /// What was found out about a window.
    window: Mapped,
    /// An emptied buffer for the codes of the next segment.
    buffer: Vec<u8>,
}

impl Settler {
    pub(super) fn new(k: u32, segment_size: u32) -> Self {
        Settler {
            k: k as usize,
            size: segment_size as usize,
            pending: Vec::new(),
            overlap: 0,
            current: None,
            matched: 0,
            blocks: Vec::new(),
            first: true,
            samples: 0,
            raw: 0,
            scan: Scan::default(),
            mapper: Mapper::default(),
            window: Mapped::default(),
            buffer: Vec::new(),
        }
    }

    /// Longest segment.
    pub(super) fn cap(&self) -> usize {
        cap(self.size.max(self.k))
    }

    /// Sets the size of new groups; nothing may have been pushed.
    pub(super) fn set_size(&mut self, segment_size: u32) {
        debug_assert!(self.pending.is_empty());
        self.size = segment_size as usize;
    }

    /// Begins a sample.
    pub(super) fn begin_sample(&mut self) {
        self.samples += 1;
    }

    fn novel_gain(&self) -> i64 {
        if self.samples > 1 { NOVEL_GAIN } else { NOVEL_GAIN_FIRST }
    }

    /// Takes the next codes of the contig with what was found out about them when the atlas held `known` groups.
    /// What was novel then is looked for among groups that came since.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants the archive any more.
    pub(super) fn push(
        &mut self,
        codes: &[u8],
        mapped: &Mapped,
        known: usize,
        atlas: &mut Atlas,
        emit: &mut impl FnMut(Cut) -> Vec<u8>,
    ) -> Result<()> {
        let mut at = 0;
        for run in runs(&mapped.blocks, self.current) {
            self.gap(codes, at..run.start(), &mapped.scan, known, atlas, emit)?;
            self.run(&codes[run.start()..run.end()], &run, atlas, emit);
            at = run.end();
        }
        self.gap(codes, at..codes.len(), &mapped.scan, known, atlas, emit)
    }

    /// Codes `range` of a stretch, which ran along nothing when they were mapped.
    fn gap(
        &mut self,
        codes: &[u8],
        range: Range<usize>,
        scan: &Scan,
        known: usize,
        atlas: &mut Atlas,
        emit: &mut impl FnMut(Cut) -> Vec<u8>,
    ) -> Result<()> {
        let mut found = std::mem::take(&mut self.window);
        for start in range.clone().step_by(self.size) {
            let window = start..range.end.min(start + self.size);
            // Groups that were opened for the window before are among those looked at for the next.
            let again = atlas.len() > known && window.len() >= NOVEL / 2;
            found.clear();
            if !again || scan.knows(codes, window.clone()) {
                found.scan.append(scan, window.clone(), 0);
            }
            let codes = &codes[window];
            if again {
                self.mapper.map(codes, &atlas.bank, &atlas.index, self.k, &mut found)?;
            }
            let mut at = 0;
            for run in runs(&found.blocks, self.current) {
                self.scan.append(&found.scan, at..run.start(), self.pending.len());
                self.novel(&codes[at..run.start()], atlas, emit);
                at = run.end();
                self.run(&codes[run.start()..at], &run, atlas, emit);
            }
            self.scan.append(&found.scan, at..codes.len(), self.pending.len());
            self.novel(&codes[at..], atlas, emit);
        }
        self.window = found;
        Ok(())
    }

    /// Codes that run along nothing.
    fn novel(&mut self, codes: &[u8], atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        self.pending.extend_from_slice(codes);
        if self.current.is_some() {
            if self.pending.len() - self.matched < NOVEL {
                return;
            }
            self.close(self.matched, atlas, emit);
        }
        while self.pending.len() - self.overlap >= 2 * self.size {
            self.open(self.overlap + self.size, atlas, emit);
        }
    }

    /// Codes that run along a reference.
    fn run(&mut self, codes: &[u8], run: &Run, atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let along = run.along();
        if self.current != Some(along) {
            let novel = self.current.is_none() && self.pending.len() - self.overlap >= NOVEL;
            if run.gain < if novel { self.novel_gain() } else { SWITCH } {
                return self.novel(codes, atlas, emit);
            }
            if self.current.is_some() {
                self.close(self.pending.len(), atlas, emit);
            } else if novel {
                self.open_all(atlas, emit);
            }
            self.current = Some(along);
        }
        for block in &run.blocks {
            let place = |at: usize| at - run.start() + self.pending.len();
            self.blocks.push(Block { start: place(block.start), end: place(block.end), ..*block });
        }
        self.pending.extend_from_slice(codes);
        self.matched = self.pending.len();
        if self.pending.len() > self.cap() {
            self.close(self.matched, atlas, emit);
            self.current = Some(along);
        }
    }

    /// Ends the contig. An empty contig has no segment.
    ///
    /// # Errors
    /// As [`Settler::push`].
    pub(super) fn finish(&mut self, atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) -> Result<()> {
        if self.current.is_some() {
            self.close(self.pending.len(), atlas, emit);
        } else if self.first && self.pending.len() < NOVEL {
            self.short_contig(atlas, emit)?;
        } else if self.pending.len() > self.overlap {
            self.open_all(atlas, emit);
        }
        self.pending.clear();
        self.scan.clear();
        (self.overlap, self.matched, self.current, self.first) = (0, 0, None, true);
        Ok(())
    }

    /// Stores a contig that is short and runs along nothing for long: where it runs along at all, or by itself.
    fn short_contig(&mut self, atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) -> Result<()> {
        let mut found = std::mem::take(&mut self.window);
        found.clear();
        self.mapper.map(&self.pending, &atlas.bank, &atlas.index, self.k, &mut found)?;
        let best = found.blocks.iter().copied().reduce(|best, next| if next.gain > best.gain { next } else { best });
        self.window = found;
        let end = self.pending.len();
        if let Some(block) = best.filter(|block| block.gain >= CONTIG_GAIN) {
            self.current = Some((block.reference, block.reversed));
            self.blocks.push(block);
            self.close(end, atlas, emit);
        } else if (1..RAW).contains(&end) {
            let group = self.raw % RAW_GROUPS;
            self.raw = self.raw.wrapping_add(1);
            let cut = Cut { group, founder: false, reversed: false, hints: Vec::new(), codes: Vec::new() };
            self.emit(end, cut, emit);
        } else if end > 0 {
            self.open_all(atlas, emit);
        }
        Ok(())
    }

    /// Emits the first `end` codes as a member of the current group; the rest is novel.
    fn close(&mut self, end: usize, atlas: &Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let Some((reference, against)) = self.current.take() else { return };
        let (group, flipped) = atlas.group(reference);
        let (reference_length, reversed) = (atlas.bank.length(reference), against != flipped);
        let mut hints: Vec<lz::Block> = (self.blocks.iter())
            .map(|block| {
                let length = block.end - block.start;
                let start = if reversed { end.saturating_sub(block.end) } else { block.start };
                let position = if flipped { reference_length - block.position - length } else { block.position };
                lz::Block { start, end: start + length, position }
            })
            .collect();
        if reversed {
            hints.reverse();
        }
        self.blocks.clear();
        self.emit(end, Cut { group, founder: false, reversed, hints, codes: Vec::new() }, emit);
    }

    /// Opens groups for all that is pending.
    fn open_all(&mut self, atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let novel = self.pending.len() - self.overlap;
        let parts = ((novel + self.size / 2) / self.size).max(1);
        for left in (1..=parts).rev() {
            let part = (self.pending.len() - self.overlap) / left;
            self.open(self.overlap + part, atlas, emit);
        }
    }

    /// Opens a group for the first `end` codes.
    fn open(&mut self, end: usize, atlas: &mut Atlas, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let (group, reversed) = atlas.add(&self.pending[..end], &self.scan);
        let cut = Cut { group, founder: true, reversed, hints: Vec::new(), codes: Vec::new() };
        self.emit(end, cut, emit);
    }

    fn emit(&mut self, end: usize, mut cut: Cut, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        // A first segment shorter than k cannot be overlapped; what is left goes with it.
        cut.codes = std::mem::take(&mut self.buffer);
        cut.codes.clear();
        cut.codes.extend_from_slice(&self.pending[..end]);
        self.overlap = self.k.min(end);
        self.pending.drain(..end - self.overlap);
        self.scan.drain(end - self.overlap);
        (self.matched, self.first) = (self.overlap, false);
        self.buffer = emit(cut);
    }
}

/// Longest segment where new groups have this size.
pub(super) fn cap(size: usize) -> usize {
    size.max((CAP * size).min(CAP_CODES))
}

/// Groups blocks into runs of one reference and strand, and leaves out those that are not worth a switch: again and
/// again, since what stood on both sides of one may belong together. `current` needs no switch.
fn runs(blocks: &[Block], current: Option<(usize, bool)>) -> Vec<Run> {
    let mut runs: Vec<Run> = blocks.iter().map(|block| Run { blocks: vec![*block], gain: block.gain }).collect();
    loop {
        let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
        for run in runs {
            match merged.last_mut() {
                Some(last) if last.along() == run.along() && run.start() - last.end() < NOVEL => {
                    last.blocks.extend_from_slice(&run.blocks);
                    last.gain += run.gain;
                }
                _ => merged.push(run),
            }
        }
        let before = merged.len();
        let first = merged.first().map(Run::along);
        let here = first.is_some() && first == current;
        let mut place = 0;
        merged.retain(|run| {
            place += 1;
            run.gain >= SWITCH || here && place == 1
        });
        runs = merged;
        if runs.len() == before {
            return runs;
        }
    }
}
