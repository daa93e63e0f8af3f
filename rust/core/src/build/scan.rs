//! Finding splitters in a chunk: a pure function of the chunk, so chunks can be scanned in any order.

use super::chunk::{Chunk, Mark};
use super::kmer::{Kmer, RollingKmer};
use super::splitters::SplitterSet;

/// A splitter that ends before position `end` of its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) end: usize,
    pub(super) kmer: Kmer,
}

/// Replaces what `hits` holds by all occurrences of splitters, overlapping ones too, in order.
pub(super) fn scan(chunk: &Chunk, splitters: &SplitterSet, hits: &mut Vec<Hit>) {
    hits.clear();
    let mut kmers = RollingKmer::new(splitters.k());
    let mut at = 0;
    let boundaries = chunk.marks.iter().filter(|(_, mark)| matches!(mark, Mark::Contig(_))).map(|(at, _)| *at);
    for boundary in boundaries.chain([chunk.codes.len()]) {
        let found = |end, kmer| hits.push(Hit { end: at + end, kmer });
        kmers.scan(&chunk.codes[at..boundary], |kmer| splitters.contains(kmer), found);
        kmers.reset();
        at = boundary;
    }
}
