//! Encoding, judged by decoding.

use super::{Block, Dialect, Encoder, Slice, decode, decoded_length, script_of, spell, spell_tokens, spelled_length};
use crate::alphabet::{N, to_letters};
use proptest::prelude::*;

fn encoded(segment: &[u8], reference: &[u8]) -> Vec<u8> {
    let (mut script, mut out) = (Vec::new(), Vec::new());
    Encoder::default().encode(segment, reference, &[], 20, &mut script).unwrap();
    spell(&script, 20, &mut out);
    out
}

fn random(n: usize, mut state: u32) -> Vec<u8> {
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 30) as u8
    })
    .take(n)
    .collect()
}

fn bangs(n: usize) -> Vec<u8> {
    vec![b'!'; n]
}

#[test]
fn what_a_change_is_spelt_as_in_tokens() {
    let reference = random(1000, 1);
    let tokens = |segment: &[u8]| {
        let (mut script, mut out) = (Vec::new(), Vec::new());
        Encoder::default().encode(segment, &reference, &[], 20, &mut script).unwrap();
        spell_tokens(&script, 20, &mut out);
        out
    };
    let mut snps = reference.clone();
    [500, 510].into_iter().for_each(|at| snps[at] ^= 1);
    let letter = |at: usize| vec![b'A' + snps[at]];
    assert_eq!(tokens(&snps), [b"0,480.".to_vec(), letter(500), bangs(9), letter(510), b"0,469.".to_vec()].concat());
    let mut deletion = reference.clone();
    deletion.drain(300..305);
    assert_eq!(tokens(&deletion), b"0,280.5,675.");
    let runs = [&reference[..300], &[N; 500], &reference[800..]].concat();
    assert_eq!(tokens(&runs), b"0,280.\x1E496\x04500,180.");
}

#[test]
fn what_a_change_is_spelt_as() {
    let reference = random(1000, 1);
    let mut snp = reference.clone();
    snp[500] ^= 1;
    assert_eq!(encoded(&snp, &reference), [bangs(500), vec![b'A' + snp[500]], bangs(499)].concat());
    let mut deletion = reference.clone();
    deletion.drain(300..305);
    assert_eq!(encoded(&deletion, &reference), [bangs(300), b"5,0.".to_vec(), bangs(675)].concat());
    let insertion = [&reference[..300], &random(200, 7), &reference[300..]].concat();
    let delta = encoded(&insertion, &reference);
    assert_eq!(delta.iter().filter(|&&byte| byte == b'.').count(), 1);
    assert!(delta.len() < 1200);
    let runs = [&reference[..300], &[N; 500], &reference[800..]].concat();
    assert_eq!(encoded(&runs, &reference), [bangs(300), vec![b'E'; 500], bangs(200)].concat());
    let moved = [&reference[600..], &reference[..600]].concat();
    assert_eq!(encoded(&moved, &reference), [b"600,0.", &bangs(380)[..], b"-1000,0.", &bangs(580)].concat());
}

/// Segments that consist of parts of a reference, changed here and there, and of other codes.
fn edits() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let piece = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), proptest::collection::vec(0u8..16, 0..30));
    let change = (any::<prop::sample::Index>(), 0u8..6, 1usize..40);
    let unit = prop_oneof![Just(usize::MAX), 1usize..40];
    (1usize..600, any::<u32>(), unit, proptest::collection::vec(piece, 1..8), proptest::collection::vec(change, 0..20))
        .prop_map(|(length, seed, unit, pieces, changes)| {
            let reference: Vec<u8> = random(length.min(unit), seed).into_iter().cycle().take(length).collect();
            let mut segment = Vec::new();
            for (from, to, insert) in pieces {
                let (a, b) = (from.index(length), to.index(length));
                segment.extend_from_slice(&reference[a.min(b)..=a.max(b)]);
                segment.extend_from_slice(&insert);
            }
            for (at, code, length) in changes {
                let at = at.index(segment.len());
                let length = if code == N { length.min(segment.len() - at) } else { 1 };
                segment[at..at + length].fill(code);
            }
            (segment, reference)
        })
}

proptest! {
    #[test]
    fn round_trip(
        (segment, reference) in edits(),
        hints in proptest::collection::vec((0usize..700, 0usize..300, 0usize..700), 0..4),
        min_match in 15u32..33,
        window in (0u64..700, 0u64..700),
    ) {
        prop_assume!(segment != reference);
        let hints: Vec<Block> =
            hints.into_iter().map(|(start, length, position)| Block { start, end: start + length, position }).collect();
        let mut encoder = Encoder::default();
        let mut script = b"before".to_vec();
        let tries = [&[], &hints[..], &[]].into_iter().flat_map(|hints| [(hints, true), (hints, false)]);
        for (hints, spelt) in tries {
            encoder.encode(&segment, &reference, hints, min_match, &mut script).unwrap();
            let mut delta = Vec::new();
            if spelt {
                spell(&script, min_match, &mut delta);
                prop_assert_eq!(delta.len(), spelled_length(&script, min_match));
            } else {
                spell_tokens(&script, min_match, &mut delta);
            }
            prop_assert!(!delta.is_empty());
            let length = decoded_length(&delta, reference.len() as u64, min_match, Dialect::V2).unwrap();
            prop_assert_eq!(length, segment.len() as u64);
            let (reference, segment) = (letters(&reference), letters(&segment));
            let mut back = Vec::new();
            decode(&delta, &reference, min_match, Dialect::V2, Slice::new(0..u64::MAX, &mut back)).unwrap();
            prop_assert_eq!(&back, &segment);
            // Not always the same script: two blocks side by side may be written as one.
            let (mut again, mut spelt_again) = (Vec::new(), Vec::new());
            script_of(&delta, reference.len() as u64, min_match, &mut again).unwrap();
            spell_tokens(&again, min_match, &mut spelt_again);
            back.clear();
            decode(&spelt_again, &reference, min_match, Dialect::V2, Slice::new(0..u64::MAX, &mut back)).unwrap();
            prop_assert_eq!(&back, &segment);
            back.clear();
            decode(&delta, &reference, min_match, Dialect::V2, Slice::new(window.0..window.1, &mut back)).unwrap();
            let end = window.1.min(length);
            prop_assert_eq!(&back, &segment[window.0.min(end) as usize..end as usize]);
        }
    }

    #[test]
    fn what_is_not_in_the_reference((_, segment) in edits(), (_, reference) in edits()) {
        prop_assume!(segment != reference);
        let mut back = Vec::new();
        let delta = encoded(&segment, &reference);
        decode(&delta, &letters(&reference), 20, Dialect::V2, Slice::new(0..u64::MAX, &mut back)).unwrap();
        prop_assert_eq!(back, letters(&segment));
    }
}

fn letters(codes: &[u8]) -> Vec<u8> {
    let mut letters = codes.to_vec();
    to_letters(&mut letters);
    letters
}

#[test]
fn a_script_that_nobody_wants_is_given_up() {
    let reference: Vec<u8> = (0..40_000u32).map(|i| (i.wrapping_mul(0x9E37_79B1) >> 30) as u8).collect();
    let segment: Vec<u8> = reference.chunks(300).rev().flatten().copied().collect();
    let (mut encoder, mut script) = (Encoder::default(), Vec::new());
    for enough in [0, 3] {
        let count = std::cell::Cell::new(0);
        let asking = crate::stop::give_up_if(move || count.replace(count.get() + 1) == enough);
        let given_up = encoder.encode(&segment, &reference, &[], 15, &mut script);
        drop(asking);
        assert!(matches!(given_up, Err(crate::error::Error::Interrupted)), "{enough}");
    }
    encoder.encode(&segment, &reference, &[], 15, &mut script).unwrap();
}
