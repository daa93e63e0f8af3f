//! From scanned chunks to segments, in input order: the restart rule, overlaps, and the cap.

use super::key::least;
use super::kmer::Kmer;
use super::scan::Hit;

/// A segment is at most this many times the segment size long.
const CAP: usize = 4;

/// A segment as it was cut, on the strand of its contig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) codes: Vec<u8>,
    pub(super) front: Option<Kmer>,
    pub(super) back: Option<Kmer>,
    /// Whether the contig begins with it; all others repeat the last k codes of the segment before.
    pub(super) first: bool,
}

/// Cuts the contig that is streaming by.
#[derive(Debug)]
pub(super) struct Stitcher {
    k: usize,
    cap: usize,
    front: Option<Kmer>,
    pending: Vec<u8>,
    /// Codes at the start of `pending` that belong to the k-mer it began with: no splitter may begin among them.
    taken: usize,
    first: bool,
}

impl Stitcher {
    pub(super) fn new(k: u32, segment_size: u32) -> Self {
        let cap = CAP * segment_size as usize;
        Stitcher {
            k: k as usize,
            cap: cap.max(CAP * k as usize),
            front: None,
            pending: Vec::new(),
            taken: 0,
            first: true,
        }
    }

    /// Longest segment.
    pub(super) fn cap(&self) -> usize {
        self.cap
    }

    /// Takes the next codes of the contig, in which `hits` end (their `end` counted from the first of these codes),
    /// and gives finished segments to `emit`, which returns an empty buffer for the next.
    pub(super) fn push(&mut self, codes: &[u8], hits: &[Hit], mut emit: impl FnMut(Cut) -> Vec<u8>) {
        let mut at = 0;
        for hit in hits.iter().map(Some).chain([None]) {
            let end = hit.map_or(codes.len(), |hit| hit.end);
            while self.pending.len() + (end - at) > self.cap {
                let room = self.cap - self.pending.len();
                self.pending.extend_from_slice(&codes[at..at + room]);
                at += room;
                self.cut_at_cap(&mut emit);
            }
            self.pending.extend_from_slice(&codes[at..end]);
            at = end;
            // Splitters never overlap: the one that comes first wins.
            if let Some(hit) = hit
                && self.pending.len() >= self.taken + self.k
            {
                self.emit(self.pending.len(), Some(hit.kmer), &mut emit);
            }
        }
    }

    /// Ends the contig. An empty contig has no segment.
    pub(super) fn finish(&mut self, mut emit: impl FnMut(Cut) -> Vec<u8>) {
        if !self.pending.is_empty() {
            let codes = std::mem::take(&mut self.pending);
            self.pending = emit(Cut { codes, front: self.front, back: None, first: self.first });
            self.pending.clear();
        }
        self.front = None;
        self.taken = 0;
        self.first = true;
    }

    /// A stretch without splitters is cut where its later half has its least k-mer: related stretches are cut alike.
    fn cut_at_cap(&mut self, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let half = self.cap / 2;
        match least(&self.pending[half..], self.k as u32) {
            Some((kmer, end)) => self.emit(half + end, Some(kmer), emit),
            None => self.emit(self.cap, None, emit),
        }
    }

    fn emit(&mut self, end: usize, back: Option<Kmer>, emit: &mut impl FnMut(Cut) -> Vec<u8>) {
        let overlap = self.pending[end - self.k..].to_vec();
        self.pending.truncate(end);
        let codes = std::mem::take(&mut self.pending);
        self.pending = emit(Cut { codes, front: self.front, back, first: self.first });
        self.pending.clear();
        self.pending.extend_from_slice(&overlap);
        self.front = back;
        self.taken = if back.is_some() { self.k } else { 0 };
        self.first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::{Chunk, Mark};
    use super::super::scan::scan;
    use super::super::splitters::SplitterChooser;
    use super::*;
    use proptest::prelude::*;

    /// Cuts contigs as the engine does: chunk by chunk, with context.
    fn cuts(contigs: &[Vec<u8>], sizes: &[usize]) -> Vec<Vec<Cut>> {
        let k = 17;
        let mut chooser = SplitterChooser::new(k);
        for contig in contigs {
            chooser.begin_contig();
            chooser.push(contig);
        }
        let splitters = chooser.choose(100);
        let mut stitcher = Stitcher::new(k, 100);
        let mut sizes = sizes.iter().cycle();
        contigs
            .iter()
            .map(|contig| {
                let mut out = Vec::new();
                let mut chunk = Chunk::default();
                chunk.push_mark(Mark::Contig(Box::default()));
                let mut rest = &contig[..];
                while !rest.is_empty() {
                    let n = rest.len().min(*sizes.next().unwrap());
                    chunk.push_codes(&rest[..n]);
                    rest = &rest[n..];
                    let mut hits = Vec::new();
                    scan(&chunk, &splitters, &mut hits);
                    let hits: Vec<_> = hits.iter().map(|h| Hit { end: h.end - chunk.context, ..*h }).collect();
                    stitcher.push(&chunk.codes[chunk.context..], &hits, |cut| {
                        out.push(cut);
                        Vec::new()
                    });
                    let mut next = Chunk::default();
                    chunk.carry_into(&mut next, k as usize);
                    chunk = next;
                }
                stitcher.finish(|cut| {
                    out.push(cut);
                    Vec::new()
                });
                out
            })
            .collect()
    }

    fn contigs() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let piece = prop_oneof![
            4 => proptest::collection::vec(0u8..4, 1..600),
            1 => (0u8..16, 1usize..900).prop_map(|(code, n)| vec![code; n]),
        ];
        proptest::collection::vec(proptest::collection::vec(piece, 0..5).prop_map(|p| p.concat()), 1..4)
    }

    proptest! {
        #[test]
        fn segments_overlap_by_k_and_give_the_contig_back(contigs in contigs(), sizes in proptest::collection::vec(1usize..700, 1..5)) {
            for (contig, cuts) in contigs.iter().zip(cuts(&contigs, &sizes)) {
                let mut back: Vec<u8> = Vec::new();
                for (i, cut) in cuts.iter().enumerate() {
                    prop_assert!(cut.codes.len() <= 400);
                    prop_assert_eq!(cut.first, i == 0);
                    if i > 0 {
                        prop_assert!(cut.codes.len() >= 17);
                        prop_assert_eq!(&back[back.len() - 17..], &cut.codes[..17]);
                        prop_assert_eq!(cut.front, cuts[i - 1].back);
                    }
                    back.extend_from_slice(&cut.codes[if i == 0 { 0 } else { 17 }..]);
                }
                prop_assert_eq!(&back, contig);
            }
        }

        #[test]
        fn chunking_does_not_matter(contigs in contigs(), sizes in proptest::collection::vec(1usize..700, 1..5)) {
            prop_assert_eq!(cuts(&contigs, &sizes), cuts(&contigs, &[1_000_000]));
        }
    }
}
