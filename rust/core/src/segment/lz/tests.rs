//! Encoding, judged by decoding.

use super::{Block, Dialect, Encoder, Slice, Spelling, decode, decoded_length};
use crate::alphabet::N;
use proptest::prelude::*;

const PLAIN: Spelling = Spelling { min_match: 20, stride: None, longest: None, jump: 20 };

fn encoded(segment: &[u8], reference: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::default().encode(segment, reference, &[], PLAIN, &mut out);
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
