//! Walking a diagonal over single differences, as long as it gains.

use super::packed::{Packed, Query, WORD};

/// Gain of a base that is not a literal, and loss of one that differs, in tenths of a bit (GROUPING 3).
pub(super) const MATCH: i64 = 21;
pub(super) const MISMATCH: i64 = 99;

/// The walk ends when so much more was lost than gained since its best point.
const DROP: i64 = 1000;

/// How far a walk goes, and what it gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Walk {
    pub(super) length: usize,
    pub(super) gain: i64,
}

/// Walks to the right from `at` in the query and `there` in the bank, over at most `most` codes.
#[inline]
pub(super) fn right(query: &Query, at: usize, bank: &Packed, there: usize, most: usize) -> Walk {
    walk(
        most,
        |done| query.differences(at + done, bank, there + done),
        |word| (word.trailing_zeros() as usize / 2, word & word.wrapping_sub(1)),
    )
}

/// Walks to the left from before `at` and before `there`, over at most `most` codes.
#[inline]
pub(super) fn left(query: &Query, at: usize, bank: &Packed, there: usize, most: usize) -> Walk {
    walk(
        most,
        |done| query.differences_before(at - done, bank, there - done),
        |word| {
            let zeros = word.leading_zeros() as usize;
            (zeros / 2, word & !(1 << (63 - zeros)))
        },
    )
}

/// `differences` gives the next 32 codes' differences; `next` takes the nearest of them off a word that has one.
#[inline(always)]
fn walk(most: usize, differences: impl Fn(usize) -> u64, next: impl Fn(u64) -> (usize, u64)) -> Walk {
    let mut best = Walk::default();
    let mut gain = 0;
    let mut done = 0;
    while done < most {
        let mut word = differences(done);
        let take = WORD.min(most - done);
        let mut from = 0;
        while word != 0 {
            let (at, rest) = next(word);
            if at >= take {
                break;
            }
            gain += MATCH * (at - from) as i64;
            if gain > best.gain {
                best = Walk { length: done + at, gain };
            }
            gain -= MISMATCH;
            if gain < best.gain - DROP {
                return best;
            }
            from = at + 1;
            word = rest;
        }
        gain += MATCH * (take - from) as i64;
        done += take;
        if gain > best.gain && from < take {
            best = Walk { length: done, gain };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, code by code.
    fn slow(a: &[u8], b: &[u8]) -> Walk {
        let (mut best, mut gain) = (Walk::default(), 0);
        for (i, (x, y)) in a.iter().zip(b).enumerate() {
            gain += if x == y && *x < 4 { MATCH } else { -MISMATCH };
            if gain > best.gain {
                best = Walk { length: i + 1, gain };
            }
            if gain < best.gain - DROP {
                break;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn as_code_by_code(
            mut a in proptest::collection::vec(0u8..4, 1..300),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..6), 0..40),
            shift in 0usize..40,
        ) {
            let b = a.clone();
            for (at, code) in changes {
                let at = at.index(a.len());
                a[at] = code;
            }
            let mut query = Query::default();
            let padded: Vec<u8> = (0..shift).map(|i| (i % 4) as u8).chain(a.iter().copied()).collect();
            query.set(&padded);
            let mut bank = Packed::default();
            bank.extend(&b);
            prop_assert_eq!(right(&query, shift, &bank, 0, b.len()), slow(&a, &b));
            a.reverse();
            let reversed: Vec<u8> = b.iter().rev().copied().collect();
            prop_assert_eq!(left(&query, padded.len(), &bank, b.len(), b.len()), slow(&a, &reversed));
        }
    }
}
