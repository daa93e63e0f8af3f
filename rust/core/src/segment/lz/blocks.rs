//! Finding blocks: along the diagonal first, then beside it, then wherever a word occurs.

use std::ops::Range;

use super::block::{Block, beside};
use super::compare::{common_prefix, common_suffix, differences};
use super::cost::{JUMP, LITERAL, SNP};
use super::walk::{Walk, walk};
use super::words::{WORD, Words, word_at};
use crate::alphabet::N;
use crate::error::Result;
use crate::stop::go_on;

/// The widest shift of the diagonal that is tried without the index, and how many shifts that agree are walked.
const MAX_SHIFT: usize = 32;
const SHIFTS: usize = 4;

/// Codes that must agree after a shift, and behind a cluster of differences, for the index to be spared.
const SURE: usize = 20;

/// Longest cluster of differences after which the same diagonal is looked for.
const CLUSTER: usize = 32;

/// A gap shorter than this is not searched by words: no jump within it saves what it costs.
const GAP: usize = 22;

/// Codes of the reference around a gap that are searched by words first, and of those the ones that a further gap may
/// leave to it; for more gaps than that the whole reference is.
const AROUND: usize = 4096;
const NEAR: usize = 1024;

/// Codes that a word's block is extended backwards at most.
const BACK: usize = 64;

/// Least gain of a block worth keeping: less than a jump, as the seams may add to it.
const LEAST_GAIN: i64 = JUMP - 4 * LITERAL;

/// Length from which on a block that a word led to is followed to its end before words are looked up again.
const LONG: usize = 32;

/// Blocks kept of those that the words at one position lead to.
const KEPT: usize = 4;

/// Positions whose words are looked up between two looks whether the work is still wanted.
const LOOKED_UP: usize = 1024;

/// Size of the table of diagonals that were walked.
const WALKED: usize = 256;

/// A block that was found, and the cost of its differences.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) block: Block,
    pub(super) cost: i64,
}

impl Found {
    fn new(block: Block, gain: i64) -> Found {
        Found { block, cost: block.len() as i64 * LITERAL - gain }
    }

    fn gain(&self) -> i64 {
        self.block.len() as i64 * LITERAL - self.cost
    }
}

/// Finds blocks; holds the scratch that this needs.
#[derive(Debug)]
pub(super) struct Finder {
    /// What was found, in no order.
    pub(super) found: Vec<Found>,
    words: Words,
    /// What of the reference the words are of.
    indexed: Range<usize>,
    /// By diagonal, as far as there is room: up to where it was walked.
    walked: Box<[(i64, usize); WALKED]>,
}

impl Default for Finder {
    fn default() -> Self {
        Finder { found: Vec::new(), words: Words::default(), indexed: 0..0, walked: Box::new([(0, 0); WALKED]) }
    }
}

/// Where the search stands: all of the segment before it is done, and the diagonal it came on has ended there.
#[derive(Debug, Clone, Copy)]
struct Stand {
    at: usize,
    diagonal: i64,
}

impl Finder {
    /// Finds the blocks of a segment: the hints that fit, and what lies between them.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants them any more.
    pub(super) fn find(&mut self, segment: &[u8], reference: &[u8], hints: &[Block]) -> Result<()> {
        self.found.clear();
        self.indexed = 0..0;
        self.walked.fill((0, 0));
        let mut stand = Stand { at: 0, diagonal: 0 };
        for &hint in hints {
            let length = hint.end.saturating_sub(hint.start);
            let inside = hint.end <= segment.len() && hint.position.saturating_add(length) <= reference.len();
            if length == 0 || !inside || hint.start < stand.at {
                continue;
            }
            // What was mapped from a seed to the left ends where other blocks had been found.
            let back = common_suffix(&segment[stand.at..hint.start], &reference[..hint.position]);
            let hint = Block { start: hint.start - back, position: hint.position - back, ..hint };
            self.fill(&segment[..hint.start], reference, stand)?;
            let different = differences(&segment[hint.start..hint.end], &reference[hint.position..]);
            self.found.push(Found { block: hint, cost: different as i64 * SNP });
            stand = Stand { at: hint.end, diagonal: hint.diagonal() };
        }
        self.fill(segment, reference, stand)
    }

    /// Finds blocks from `stand` to the end of `segment`.
    fn fill(&mut self, segment: &[u8], reference: &[u8], mut stand: Stand) -> Result<()> {
        let first = walk(&segment[stand.at..], beside(reference, stand.at, stand.diagonal));
        if first.length > 0 {
            let block = Block::on(stand.diagonal, stand.at, stand.at + first.length);
            self.found.push(Found::new(block, first.gain));
            stand.at = block.end;
        }
        while stand.at + GAP <= segment.len() {
            go_on()?;
            let next = match self.beyond(segment, reference, stand) {
                None => {
                    self.index(reference, stand, segment.len());
                    self.look_up(segment, reference, stand)?
                }
                next => next,
            };
            let Some(next) = next else { break };
            stand = next;
        }
        Ok(())
    }

    /// Makes words for a gap from `stand` to `end`.
    fn index(&mut self, reference: &[u8], stand: Stand, end: usize) {
        let place = |at: usize| usize::try_from(at as i64 + stand.diagonal).unwrap_or(0).min(reference.len());
        let around = |room: usize| place(stand.at).saturating_sub(room)..(place(end) + room).min(reference.len());
        let near = around(NEAR);
        if self.indexed.start <= near.start && near.end <= self.indexed.end {
            return;
        }
        self.indexed = if self.indexed.is_empty() { around(AROUND) } else { 0..reference.len() };
        self.words.build(&reference[self.indexed.clone()]);
    }

    /// Goes on along the same diagonal behind a run of N or a cluster of differences, or on one close by.
    fn beyond(&mut self, segment: &[u8], reference: &[u8], stand: Stand) -> Option<Stand> {
        let Stand { at, diagonal } = stand;
        let n_run = segment[at..].iter().take_while(|&&code| code == N).count();
        let mut best: Option<Found> = None;
        let mut take = |found: Found| {
            if best.is_none_or(|best| found.gain() > best.gain()) {
                best = Some(found);
            }
        };
        let behind = (at + n_run..(at + n_run + CLUSTER).min(segment.len()))
            .find(|&at| agrees(&segment[at..], beside(reference, at, diagonal)));
        if let Some(start) = behind {
            let found = walked(segment, reference, start, diagonal);
            self.found.push(found);
            take(found);
        }
        let mut tried = 0;
        for shift in 1..=MAX_SHIFT {
            let (left, right) = (diagonal - shift as i64, diagonal + shift as i64);
            for (start, diagonal) in [(at, right), (at, left), (at + shift, left)] {
                let Some(rest) = segment.get(start..) else { continue };
                if tried < SHIFTS && agrees(rest, beside(reference, start, diagonal)) {
                    let found = walked(segment, reference, start, diagonal);
                    self.found.push(found);
                    take(found);
                    tried += 1;
                }
            }
        }
        best.map(|found| Stand { at: found.block.end, diagonal: found.block.diagonal() })
    }

    /// Goes on wherever words lead to: keeps the best blocks of each position until one is long.
    fn look_up(&mut self, segment: &[u8], reference: &[u8], stand: Stand) -> Result<Option<Stand>> {
        let floor = stand.at.saturating_sub(BACK);
        for at in stand.at..=segment.len() - WORD {
            if (at - stand.at) % LOOKED_UP == LOOKED_UP - 1 {
                go_on()?;
            }
            let kept = self.found.len();
            let mut longest: Option<Block> = None;
            let expected = usize::try_from(at as i64 + stand.diagonal).ok();
            let expected = expected.filter(|&at| at < reference.len());
            let word = word_at(segment, at);
            let listed =
                word.into_iter().flat_map(|word| self.words.candidates(word)).map(|at| at + self.indexed.start);
            for position in expected.into_iter().chain(listed) {
                let diagonal = position as i64 - at as i64;
                let walked = &mut self.walked[(diagonal.rem_euclid(WALKED as i64)) as usize];
                if *walked == (diagonal, walked.1) && walked.1 > at {
                    continue;
                }
                if common_prefix(&segment[at..], &reference[position..]) < WORD {
                    continue;
                }
                let Walk { length, gain } = walk(&segment[at..], &reference[position..]);
                let lowest = floor.max(at.saturating_sub(BACK));
                let back = common_suffix(&segment[lowest..at], &reference[..position]);
                *walked = (diagonal, at + length);
                let block = Block::on(diagonal, at - back, at + length);
                if longest.is_none_or(|longest| block.end > longest.end) {
                    longest = Some(block);
                }
                let gain = gain + back as i64 * LITERAL;
                if gain >= LEAST_GAIN {
                    self.found.push(Found::new(block, gain));
                }
            }
            if self.found.len() > kept + KEPT {
                self.found[kept..].sort_by_key(|found| -found.gain());
                self.found.truncate(kept + KEPT);
            }
            if let Some(block) = longest.filter(|block| block.end - at >= LONG) {
                return Ok(Some(Stand { at: block.end, diagonal: block.diagonal() }));
            }
        }
        Ok(None)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.words.memory() + self.found.capacity() * size_of::<Found>() + size_of_val(&*self.walked)
    }
}

/// Whether both begin with the same codes, enough of them to be sure.
#[inline]
fn agrees(segment: &[u8], reference: &[u8]) -> bool {
    // Nearly all fail at once: eight codes compared as one word tell.
    let first = segment.first_chunk::<8>();
    first.is_some() && first == reference.first_chunk::<8>() && {
        let sure = SURE.min(segment.len());
        segment[..sure] == reference[..sure.min(reference.len())]
    }
}

fn walked(segment: &[u8], reference: &[u8], start: usize, diagonal: i64) -> Found {
    let walk = walk(&segment[start..], beside(reference, start, diagonal));
    Found::new(Block::on(diagonal, start, start + walk.length), walk.gain)
}
