//! Spelling an alignment as a delta.
//!
//! A jump copies `min_match` codes (`d,0.`), or all of a shorter run; what follows is spelt like any other run. Every
//! jump then ends in the same three bytes. Where runs become tokens, one that is long enough goes into its jump.
//! N are literals, so that the prediction keeps its diagonal; only runs of them that are long enough are N-run tokens.

use super::block::Block;
use super::compare::common_prefix;
use super::token::{N_RUN_BASE, push_literal, push_match, push_n_run, push_same};
use crate::alphabet::N;

/// Fewest equal codes that a jump is spelt for.
const LEAST_JUMP: usize = 6;

/// How a delta is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// What the length of a match is counted from.
    pub min_match: u32,
    /// Codes as predicted, or N, that become one token if there are so many of them; `None` spells each by itself, so
    /// that the text (but for jumps) is as long as the segment, and packs show the same text at the same place in
    /// delta after delta.
    pub longest_run: Option<u32>,
}

/// Replaces what `out` holds by the delta of `segment`, whose `blocks` lie in order without overlap.
pub(super) fn write(segment: &[u8], reference: &[u8], blocks: &[Block], spelling: Spelling, out: &mut Vec<u8>) {
    out.clear();
    let mut writer = Writer { segment, reference, spelling, at: 0, predicted: 0, out };
    for block in blocks {
        writer.literals(block.start);
        writer.block(block);
    }
    writer.literals(segment.len());
}

struct Writer<'a> {
    segment: &'a [u8],
    reference: &'a [u8],
    spelling: Spelling,
    at: usize,
    predicted: usize,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// Spells all codes up to `end` by themselves.
    fn literals(&mut self, end: usize) {
        while self.at < end {
            if self.segment[self.at] == N && self.n_run(end) {
                continue;
            }
            push_literal(self.segment[self.at], self.out);
            self.at += 1;
            self.predicted += 1;
        }
    }

    /// Spells a long run of N as one token. The prediction stays behind.
    fn n_run(&mut self, end: usize) -> bool {
        let Some(least) = self.spelling.longest_run else { return false };
        let run = self.segment[self.at..end].iter().take_while(|&&code| code == N).count();
        if run < N_RUN_BASE.max(least as usize) {
            return false;
        }
        push_n_run(run, self.out);
        self.at += run;
        true
    }

    fn block(&mut self, block: &Block) {
        let diagonal = block.diagonal();
        while self.at < block.end {
            let position = (self.at as i64 + diagonal) as usize;
            let run = common_prefix(&self.segment[self.at..block.end], &self.reference[position..]);
            if run == 0 || (position != self.predicted && run < LEAST_JUMP) {
                self.literals(self.at + run.max(1));
                continue;
            }
            let mut rest = run;
            if position != self.predicted {
                let copied = match self.spelling.longest_run {
                    Some(most) if run >= most as usize => run,
                    _ => run.min(self.spelling.min_match as usize),
                };
                self.copy(position as i64 - self.predicted as i64, copied);
                rest -= copied;
            }
            self.same(rest);
        }
    }

    fn copy(&mut self, distance: i64, length: usize) {
        push_match(distance, length, self.spelling.min_match, self.out);
        self.at += length;
        self.predicted = (self.predicted as i64 + distance) as usize + length;
    }

    /// Spells codes that are as predicted.
    fn same(&mut self, count: usize) {
        if count > 0 && self.spelling.longest_run.is_some_and(|most| count >= most as usize) {
            self.copy(0, count);
            return;
        }
        push_same(count, self.out);
        self.at += count;
        self.predicted += count;
    }
}
