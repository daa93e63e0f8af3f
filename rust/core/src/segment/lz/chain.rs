//! The cheapest chain of blocks.

use super::block::{Block, beside};
use super::blocks::Found;
use super::compare::differences;
use super::cost::{LITERAL, SNP, jump};
use crate::error::Result;
use crate::stop::go_on;

/// Blocks before a block that it may follow, beside the last one on its diagonal: bounds the work in repeats.
const LOOK_BACK: usize = 32;

/// Longest overlap whose differences are counted; those of a longer one are taken to be spread evenly.
const COUNTED: usize = 256;

/// Longest gap on one diagonal that is looked at; a longer one counts as literals.
const LOOKED_AT: usize = 4096;

/// What a stretch of literals amid a diagonal costs beside them.
const STRETCH: i64 = 80;

/// Size of the table of the last blocks on diagonals.
const DIAGONALS: usize = 256;

/// Blocks between two looks whether the work is still wanted.
const STEPPED: usize = 64;

/// No block: the beginning of segment and reference.
const START: u32 = u32::MAX;

/// Chooses chains; holds the scratch that this needs.
#[derive(Debug, Default)]
pub(super) struct Chainer {
    /// By block: the cost of the best chain that ends with it, and the block before it.
    best: Vec<(i64, u32)>,
}

impl Chainer {
    /// Replaces what `chain` holds by the blocks of the cheapest chain, in order; they may overlap. Sorts `found`.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants it any more.
    pub(super) fn choose(
        &mut self,
        segment: &[u8],
        reference: &[u8],
        found: &mut [Found],
        chain: &mut Vec<Block>,
    ) -> Result<()> {
        chain.clear();
        found.sort_unstable_by_key(|Found { block, .. }| (block.start, std::cmp::Reverse(block.end), block.position));
        self.best.clear();
        let mut last_on = [START; DIAGONALS];
        let start = Block { start: 0, end: 0, position: 0 };
        for (i, next) in found.iter().enumerate() {
            if i % STEPPED == STEPPED - 1 {
                go_on()?;
            }
            let step = |from: Block| step(segment, reference, from, next);
            let mut best = (step(start).unwrap_or(i64::MAX / 2), START);
            let slot = &mut last_on[next.block.diagonal().rem_euclid(DIAGONALS as i64) as usize];
            let first = i.saturating_sub(LOOK_BACK);
            let far = (*slot as usize).lt(&first).then_some(*slot as usize);
            for j in far.into_iter().chain(first..i) {
                if let Some(cost) = step(found[j].block) {
                    let cost = self.best[j].0 + cost;
                    if cost < best.0 {
                        best = (cost, j as u32);
                    }
                }
            }
            *slot = i as u32;
            self.best.push(best);
        }
        let tail = |i: usize| (segment.len() - found[i].block.end) as i64 * LITERAL;
        let whole = (segment.len() as i64 * LITERAL, START);
        let ends = (0..found.len()).map(|i| (self.best[i].0 + tail(i), i as u32));
        let mut at = ends.fold(whole, |best, end| if end.0 < best.0 { end } else { best }).1;
        while at != START {
            chain.push(found[at as usize].block);
            at = self.best[at as usize].1;
        }
        chain.reverse();
        Ok(())
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.best.capacity() * size_of::<(i64, u32)>()
    }
}

/// The cost of all between the end of one block and the end of the next; `None` if that does not reach further.
fn step(segment: &[u8], reference: &[u8], from: Block, next: &Found) -> Option<i64> {
    let Found { block, cost } = *next;
    if block.end <= from.end {
        return None;
    }
    let distance = block.diagonal() - from.diagonal();
    let Some(gap) = block.start.checked_sub(from.end) else {
        let overlap = from.end - block.start;
        let saved = if overlap <= COUNTED {
            differences(&segment[block.start..from.end], &reference[block.position..]) as i64 * SNP
        } else {
            cost * overlap as i64 / block.len() as i64
        };
        return Some(cost - saved + if distance == 0 { 0 } else { jump(distance) });
    };
    let literals = gap as i64 * LITERAL;
    let between = if distance != 0 {
        literals + jump(distance)
    } else if gap <= LOOKED_AT {
        let beside = beside(reference, from.end, distance + from.diagonal());
        (along(&segment[from.end..block.start], beside)).min(literals + STRETCH)
    } else {
        literals + STRETCH
    };
    Some(cost + between)
}

/// The cost of codes along a diagonal, where differences that touch share most of theirs.
fn along(segment: &[u8], reference: &[u8]) -> i64 {
    let mut before = false;
    let mut cost = 0;
    for (a, b) in segment.iter().zip(reference) {
        let different = a != b;
        cost += match (before, different) {
            (_, false) => 0,
            (false, true) => SNP,
            (true, true) => LITERAL,
        };
        before = different;
    }
    cost
}
