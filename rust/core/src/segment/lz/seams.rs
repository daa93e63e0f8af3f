//! The seams of a chain: which code between two blocks goes with which of them, and which with none.

use super::block::Block;
use super::cost::{LITERAL, SNP};

/// Longest overlap of two blocks in which the best place for the seam is looked for.
const OVERLAP: usize = 4096;

/// Moves the ends of the blocks of a chain so that they do not overlap and each code costs the least. Blocks may
/// become empty.
pub(super) fn lay(segment: &[u8], reference: &[u8], chain: &mut Vec<Block>) {
    // The beginning of the reference is where the prediction begins, at no cost.
    let mut left = Block { start: 0, end: 0, position: 0 };
    let mut done = 0;
    for i in 0..chain.len() {
        let right = chain[i];
        let from = if left.end <= right.start + OVERLAP { left.end.min(right.start).max(left.start) } else { left.end };
        let to = left.end.max(right.start);
        let (x, y) = seam(segment, reference, from..to, left.diagonal(), Some(right.diagonal()));
        left.end = x;
        if left.end > left.start {
            chain[done] = left;
            done += 1;
        }
        left = Block::on(right.diagonal(), y, right.end.max(y));
    }
    let (end, _) = seam(segment, reference, left.end..segment.len(), left.diagonal(), None);
    left.end = end;
    // Every block of the chain has passed through `left`, so there is room, unless the start alone gave one more.
    chain.truncate(done);
    if left.end > left.start {
        chain.push(left);
    }
}

/// Splits a stretch in three: the codes up to the first result go with the left diagonal, those from the second on
/// with the right one, and those between are literals.
fn seam(
    segment: &[u8],
    reference: &[u8],
    stretch: std::ops::Range<usize>,
    left: i64,
    right: Option<i64>,
) -> (usize, usize) {
    const NEVER: i64 = i64::MAX / 2;
    let (from, to) = (stretch.start, stretch.end);
    let on = |diagonal: i64, at: usize| match usize::try_from(at as i64 + diagonal).ok().and_then(|p| reference.get(p))
    {
        Some(&code) if code == segment[at] => 0,
        Some(_) => SNP,
        None => NEVER / 4,
    };
    // The least cost with the last code on the left diagonal, a literal, or on the right diagonal; and where the parts
    // of that end.
    let (mut first, mut second, mut third) = (0, (0, from), (if right.is_some() { 0 } else { NEVER }, (from, from)));
    for at in from..to {
        first = (first + on(left, at)).min(NEVER);
        let literal = second.0 + LITERAL;
        let through = right.map_or(NEVER, |right| (third.0 + on(right, at)).min(NEVER));
        second = if first <= literal { (first, at + 1) } else { (literal, second.1) };
        third =
            if right.is_some() && second.0 <= through { (second.0, (second.1, at + 1)) } else { (through, third.1) };
    }
    if right.is_some() { third.1 } else { (second.1, to) }
}
