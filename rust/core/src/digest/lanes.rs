//! Several contigs side by side, in turns: as many as the kernel has lanes, those with most codes left.

use std::cmp::Reverse;

use super::Hasher;
use super::hasher::spelt;
use super::kernel::{NARROW, WIDE, compress_wide, has_wide};
use super::sha512::{BLOCK, Sha512};
use crate::alphabet::to_letters;

/// Codes of a turn, where others wait for theirs.
const TURN: usize = 512 * BLOCK;

/// So many times the codes of the longest lane make the wider kernel worth while.
const WIDE_GAINS: usize = 7;

/// A contig and the codes that come next of it.
#[derive(Debug, Default)]
pub struct Job<'a> {
    /// What follows the contig.
    pub hasher: Hasher,
    /// Codes, below 16.
    pub codes: Vec<&'a [u8]>,
}

/// Adds the codes of all jobs to their contigs.
pub fn advance(jobs: &mut [Job<'_>]) {
    let mut lanes = Vec::with_capacity(jobs.len());
    for Job { hasher, codes } in jobs {
        codes.iter().for_each(|codes| hasher.beside(codes));
        lanes.push(Lane::new(&mut hasher.sha, codes));
    }
    lanes.retain_mut(Lane::advance);
    while !lanes.is_empty() {
        // Those that have most left, so that none is left alone at the end if it can be helped.
        lanes.sort_by_key(|lane| Reverse(lane.left));
        let now = together(&lanes);
        let most = if now < lanes.len() { TURN } else { usize::MAX };
        let bytes = lanes[..now].iter().map(|lane| lane.blocks.len()).min().unwrap_or(0);
        compress(&mut lanes[..now], bytes.min(most));
        lanes.retain_mut(Lane::advance);
    }
}

/// How many of these lanes, the longest first, are best compressed together.
fn together(lanes: &[Lane<'_>]) -> usize {
    let all = lanes.iter().map(|lane| lane.left).sum::<usize>();
    let most = match has_wide() {
        // All lanes of the wider kernel together are faster, but each of them is slower.
        true if all / WIDE_GAINS >= lanes[0].left => WIDE,
        true => NARROW,
        false => 1,
    };
    lanes.len().min(most)
}

/// Compresses so many bytes of each lane, whole blocks.
fn compress(lanes: &mut [Lane<'_>], bytes: usize) {
    if let [lane] = lanes {
        spelt(lane.take(bytes), to_letters, |letters| lane.sha.update(letters));
        return;
    }
    let (mut states, mut codes) = ([[0; 8]; WIDE], [&[][..]; WIDE]);
    for (lane, (state, codes)) in lanes.iter_mut().zip(states.iter_mut().zip(&mut codes)) {
        *state = *lane.sha.words();
        *codes = lane.take(bytes);
    }
    compress_wide(&mut states[..lanes.len()], &codes[..lanes.len()]);
    for (lane, state) in lanes.iter_mut().zip(states) {
        *lane.sha.words() = state;
        lane.sha.told(bytes);
    }
}

struct Lane<'a> {
    sha: &'a mut Sha512,
    codes: std::slice::Iter<'a, &'a [u8]>,
    /// Codes that are not compressed yet.
    left: usize,
    /// Whole blocks that come next, and what is behind them.
    blocks: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Lane<'a> {
    fn new(sha: &'a mut Sha512, codes: &'a [&'a [u8]]) -> Lane<'a> {
        let left = codes.iter().map(|codes| codes.len()).sum();
        Lane { sha, codes: codes.iter(), left, blocks: &[], tail: &[] }
    }

    /// Goes on to the next whole blocks; whether there are any.
    fn advance(&mut self) -> bool {
        while self.blocks.is_empty() {
            self.sha.fill_codes(std::mem::take(&mut self.tail));
            let Some(codes) = self.codes.next() else { return false };
            let (head, blocks, tail) = self.sha.parts(codes);
            self.left -= head.len() + tail.len();
            self.sha.fill_codes(head);
            (self.blocks, self.tail) = (blocks, tail);
        }
        true
    }

    fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (now, later) = self.blocks.split_at(bytes);
        self.blocks = later;
        self.left -= bytes;
        now
    }
}

impl Sha512 {
    /// Adds codes that reach to the end of a block at most.
    fn fill_codes(&mut self, codes: &[u8]) {
        let mut letters = [0; BLOCK];
        let letters = &mut letters[..codes.len()];
        letters.copy_from_slice(codes);
        to_letters(letters);
        self.fill(letters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::LETTERS;
    use crate::digest::Digests;
    use proptest::prelude::*;
    use sha2::Digest;

    fn expected(codes: &[u8]) -> Digests {
        let letters: Vec<u8> = codes.iter().map(|&code| LETTERS[usize::from(code)]).collect();
        let sha: [u8; 64] = sha2::Sha512::digest(&letters).into();
        let md5 = md5::Md5::digest(&letters).into();
        Digests { digest: *sha.first_chunk().unwrap(), md5: Some(md5), length: codes.len() as u64 }
    }

    /// Codes of a contig, and the lengths of the pieces that it comes in.
    fn contig() -> impl Strategy<Value = (Vec<u8>, Vec<usize>)> {
        let plain = proptest::collection::vec(0u8..4, 0..2500);
        let any = proptest::collection::vec(0u8..16, 0..600);
        (prop_oneof![3 => plain, 1 => any], proptest::collection::vec(0usize..900, 0..4))
    }

    proptest! {
        #[test]
        fn contigs_side_by_side_are_as_one_by_one(
            contigs in proptest::collection::vec(contig(), 0..20),
            halves: bool,
        ) {
            let mut jobs: Vec<Job> = Vec::new();
            for (codes, cuts) in &contigs {
                let mut rest = &codes[..];
                let mut pieces = Vec::new();
                for &cut in cuts {
                    let (now, later) = rest.split_at(cut.min(rest.len()));
                    pieces.push(now);
                    rest = later;
                }
                pieces.push(rest);
                jobs.push(Job { hasher: Hasher::new(true), codes: pieces });
            }
            if halves {
                // What comes later of each contig comes with another call.
                let later: Vec<_> = jobs.iter_mut().map(|job| job.codes.pop().unwrap_or_default()).collect();
                advance(&mut jobs);
                jobs.iter_mut().zip(later).for_each(|(job, later)| job.codes = vec![later]);
            }
            advance(&mut jobs);
            for (job, (codes, _)) in jobs.into_iter().zip(&contigs) {
                prop_assert_eq!(job.hasher.finish(), expected(codes));
            }
        }
    }
}
