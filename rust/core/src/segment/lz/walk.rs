//! Walking along a diagonal: over single differences, until they come too close together.

use super::compare::common_prefix;
use super::cost::{LITERAL, SNP};

/// What a difference adds to the unrest; every equal code takes one off.
const SHOCK: usize = 32;

/// The unrest that ends a walk: the fourth difference in a row, or of a stretch that is one tenth different.
const UNREST: usize = 3 * SHOCK;

/// How far a walk went, and what it saves over literals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) length: usize,
    pub(super) gain: i64,
}

/// Walks from the beginning of both, and goes back to where the gain was greatest.
#[inline]
pub(super) fn walk(segment: &[u8], reference: &[u8]) -> Walk {
    let whole = segment.len().min(reference.len());
    let (segment, reference) = (&segment[..whole], &reference[..whole]);
    let (mut at, mut gain, mut unrest) = (0, 0, 0usize);
    let mut best = Walk::default();
    loop {
        let run = common_prefix(&segment[at..], &reference[at..]);
        at += run;
        gain += run as i64 * LITERAL;
        if gain > best.gain {
            best = Walk { length: at, gain };
        }
        unrest = unrest.saturating_sub(run) + SHOCK;
        if at == whole || unrest > UNREST {
            return best;
        }
        at += 1;
        gain -= SNP - LITERAL;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_differences_are_walked_over() {
        let reference = [0u8; 400];
        let mut segment = reference;
        assert_eq!(walk(&segment, &reference), Walk { length: 400, gain: 400 * LITERAL });
        for at in [40, 41, 100, 200] {
            segment[at] = 1;
        }
        assert_eq!(walk(&segment, &reference), Walk { length: 400, gain: 400 * LITERAL - 4 * SNP });
        segment[300..304].fill(2);
        assert_eq!(walk(&segment, &reference).length, 300);
        segment[0] = 1;
        assert_eq!(walk(&segment, &reference[..3]), Walk::default());
        assert_eq!(walk(&[], &reference), Walk::default());
    }
}
