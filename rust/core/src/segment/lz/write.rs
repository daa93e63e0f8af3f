//! Writing an alignment down as a script.
//!
//! A jump copies `min_match` codes (`d,0.`), or all of a shorter run; what follows is a run like any other. Every jump
//! then ends in the same three bytes.

use super::block::Block;
use super::compare::common_prefix;
use super::script::{push_count, push_unknown};
use super::token::{push_literal, push_match};
use crate::alphabet::N;

/// Fewest equal codes that a jump is spelt for.
const LEAST_JUMP: usize = 6;

/// Replaces what `out` holds by the script of `segment`, whose `blocks` lie in order without overlap.
pub(super) fn write(segment: &[u8], reference: &[u8], blocks: &[Block], min_match: u32, out: &mut Vec<u8>) {
    out.clear();
    let mut writer = Writer { segment, reference, min_match, at: 0, predicted: 0, same: 0, out };
    for block in blocks {
        writer.literals(block.start);
        writer.block(block);
    }
    writer.literals(segment.len());
    writer.count();
}

struct Writer<'a> {
    segment: &'a [u8],
    reference: &'a [u8],
    min_match: u32,
    at: usize,
    predicted: usize,
    /// Codes as predicted that are not written yet.
    same: usize,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// Writes all codes up to `end` by themselves, but for long runs of N.
    fn literals(&mut self, end: usize) {
        while self.at < end {
            self.count();
            let run = self.n_run(end);
            if run > 0 {
                push_unknown(run, self.out);
                self.pass(run);
            } else {
                push_literal(self.segment[self.at], self.out);
                self.pass(1);
            }
        }
    }

    fn n_run(&self, end: usize) -> usize {
        self.segment[self.at..end].iter().take_while(|&&code| code == N).count()
    }

    fn block(&mut self, block: &Block) {
        let diagonal = block.diagonal();
        while self.at < block.end {
            let position = (self.at as i64 + diagonal) as usize;
            let run = common_prefix(&self.segment[self.at..block.end], &self.reference[position..]);
            if run == 0 || (position != self.predicted && run < LEAST_JUMP) {
                self.literals(self.at + run.max(self.n_run(block.end)).max(1));
                continue;
            }
            let mut rest = run;
            if position != self.predicted {
                let copied = run.min(self.min_match as usize);
                self.count();
                push_match(position as i64 - self.predicted as i64, copied, self.min_match, self.out);
                self.predicted = position;
                self.pass(copied);
                rest -= copied;
            }
            self.same += rest;
            self.pass(rest);
        }
    }

    /// Goes on by some codes, in the segment and along the reference.
    fn pass(&mut self, count: usize) {
        self.at += count;
        self.predicted += count;
    }

    /// Writes the codes that were as predicted.
    fn count(&mut self) {
        push_count(std::mem::take(&mut self.same), self.out);
    }
}
