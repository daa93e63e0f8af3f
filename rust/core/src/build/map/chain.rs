//! The chain of blocks that saves most (GROUPING 3.3).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::block::Block;

/// What another reference or strand costs, in tenths of a bit: a row of the collection, and the overlap; for this
/// sample and for others that come here.
pub(in super::super) const SWITCH: i64 = 2000;

/// What another diagonal of the same reference costs.
const JUMP: i64 = 400;

/// Blocks before a block that it may follow, beside the last one on its reference and the best one that ends before it:
/// bounds the work in repeats.
const LOOK_BACK: usize = 32;

const NONE: u32 = u32::MAX;

/// Chooses chains; holds the scratch that this needs.
#[derive(Debug, Default)]
pub(super) struct Chainer {
    /// By block: what the best chain saves that ends with it, and the block before it.
    best: Vec<(i64, u32)>,
    /// By reference and strand: the last block.
    last: FxHashMap<(usize, bool), u32>,
    /// Blocks by where they end, the first of them on top.
    open: BinaryHeap<Reverse<(usize, u32)>>,
    chain: Vec<Block>,
}

impl Chainer {
    /// The chain of `found` that saves most, its blocks in order and cut so that none overlap. Sorts `found`.
    pub(super) fn choose(&mut self, found: &mut [Block]) -> &[Block] {
        found.sort_unstable_by_key(|b| (b.start, Reverse(b.end), b.reference, b.reversed, b.position));
        self.best.clear();
        self.last.clear();
        self.open.clear();
        let mut ended = None;
        for (i, next) in found.iter().enumerate() {
            while let Some(&Reverse((end, block))) = self.open.peek() {
                if end > next.start {
                    break;
                }
                self.open.pop();
                if ended.is_none_or(|best: u32| self.best[block as usize].0 > self.best[best as usize].0) {
                    ended = Some(block);
                }
            }
            let along = self.last.insert((next.reference, next.reversed), i as u32);
            let near = (i.saturating_sub(LOOK_BACK)..i).map(|block| block as u32);
            let mut best = (next.gain, NONE);
            for block in ended.into_iter().chain(along).chain(near) {
                if let Some(added) = added(&found[block as usize], next) {
                    let saved = self.best[block as usize].0 + added;
                    if saved > best.0 {
                        best = (saved, block);
                    }
                }
            }
            self.best.push(best);
            self.open.push(Reverse((next.end, i as u32)));
        }
        let mut at = NONE;
        let mut most = 0;
        for (block, &(saved, _)) in (0..).zip(&self.best) {
            if saved > most {
                (most, at) = (saved, block);
            }
        }
        self.chain.clear();
        while at != NONE {
            self.chain.push(found[at as usize]);
            at = self.best[at as usize].1;
        }
        self.chain.reverse();
        for i in 1..self.chain.len() {
            let (before, next) = self.chain.split_at_mut(i);
            if let (Some(left), Some(right)) = (before.last_mut(), next.first_mut()) {
                part(left, right);
            }
        }
        &self.chain
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.best.capacity() * size_of::<(i64, u32)>()
            + self.last.capacity() * size_of::<((usize, bool), u32)>()
            + self.open.capacity() * size_of::<(usize, u32)>()
            + self.chain.capacity() * size_of::<Block>()
    }
}

/// What a block adds to a chain behind another one; none if it does not reach further.
fn added(from: &Block, next: &Block) -> Option<i64> {
    if next.end <= from.end {
        return None;
    }
    let cost = match next.along(from) {
        false => SWITCH,
        true if next.diagonal() == from.diagonal() => 0,
        true => JUMP,
    };
    let overlap = from.end.saturating_sub(next.start);
    let share = |block: &Block| block.gain * overlap as i64 / block.length() as i64;
    Some(next.gain - cost - share(from).min(share(next)))
}

/// Cuts an overlap off the block that saves less in it.
fn part(left: &mut Block, right: &mut Block) {
    let overlap = left.end.saturating_sub(right.start);
    let density = |block: &Block| block.gain * 1000 / block.length() as i64;
    if density(left) < density(right) && overlap < left.length() {
        left.shorten_end(overlap);
    } else {
        right.shorten_start(overlap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(start: usize, end: usize, reference: usize, position: usize, gain: i64) -> Block {
        Block { start, end, reference, reversed: false, position, gain }
    }

    fn chosen(mut found: Vec<Block>) -> Vec<(usize, usize, usize)> {
        Chainer::default().choose(&mut found).iter().map(|b| (b.start, b.end, b.reference)).collect()
    }

    #[test]
    fn a_better_copy_elsewhere_must_be_worth_two_switches() {
        let home =
            [block(0, 1000, 0, 0, 20_000), block(1000, 2000, 0, 1003, 15_000), block(2000, 3000, 0, 2003, 20_000)];
        let copy = |gain| [&home[..], &[block(1000, 2000, 7, 0, gain)]].concat();
        assert_eq!(chosen(copy(18_000)), [(0, 1000, 0), (1000, 2000, 0), (2000, 3000, 0)]);
        assert_eq!(chosen(copy(21_000)), [(0, 1000, 0), (1000, 2000, 7), (2000, 3000, 0)]);
        assert_eq!(chosen(vec![]), []);
    }

    #[test]
    fn overlaps_are_cut_off_the_weaker_block() {
        assert_eq!(
            chosen(vec![block(0, 1000, 0, 0, 20_000), block(900, 3000, 1, 0, 30_000)]),
            [(0, 1000, 0), (1000, 3000, 1)]
        );
        assert_eq!(
            chosen(vec![block(0, 1000, 0, 0, 10_000), block(900, 3000, 1, 0, 44_000)]),
            [(0, 900, 0), (900, 3000, 1)]
        );
    }
}
