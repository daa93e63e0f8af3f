//! Deltas as they wait: a run of bases equal to the reference takes a byte or two instead of one a base.

use super::token::SAME;

/// Set in each byte of a count, seven bits of it a byte, the lowest first. No byte of a delta has it.
const COUNT: u8 = 0x80;

/// Replaces what `out` holds by `delta` with its runs counted.
pub fn squeeze_runs(delta: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = delta;
    while let Some(&first) = rest.first() {
        if first != SAME {
            out.push(first);
            rest = &rest[1..];
            continue;
        }
        let run = rest.iter().position(|&byte| byte != SAME).unwrap_or(rest.len());
        rest = &rest[run..];
        let mut count = run;
        while count > 0 {
            out.push(COUNT | (count & 0x7F) as u8);
            count >>= 7;
        }
    }
}

/// Replaces what `out` holds by the delta that [`squeeze_runs`] was given.
pub fn spread_runs(squeezed: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = squeezed;
    while let Some(&first) = rest.first() {
        if first & COUNT == 0 {
            out.push(first);
            rest = &rest[1..];
            continue;
        }
        let digits = rest.iter().position(|&byte| byte & COUNT == 0).unwrap_or(rest.len());
        let count = rest[..digits].iter().rev().fold(0, |count, &byte| count << 7 | usize::from(byte & 0x7F));
        out.resize(out.len() + count, SAME);
        rest = &rest[digits..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(runs in proptest::collection::vec((0usize..300, "[A-P0-9,.-]{0,3}"), 0..30)) {
            let delta: Vec<u8> = runs.iter().flat_map(|(n, text)| [vec![SAME; *n], text.clone().into_bytes()].concat()).collect();
            let (mut squeezed, mut back) = (vec![1], vec![2]);
            squeeze_runs(&delta, &mut squeezed);
            prop_assert!(squeezed.len() <= delta.len());
            spread_runs(&squeezed, &mut back);
            prop_assert_eq!(back, delta);
        }
    }
}
