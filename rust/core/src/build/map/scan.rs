//! Which k-mers of a stretch are seeds: looked for once, and only where somebody wants to know.

use std::ops::Range;

use super::seeds::{SEED, SeedIndex};
use crate::build::kmer::RollingKmer;

/// The seeds of a stretch, as far as they were looked for. A k-mer is known by the place of its first code.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Scan {
    /// K-mers that were looked at: in order, and with others between them.
    spans: Vec<Range<u32>>,
    /// Those of them that are seeds; in a run of one base, where each place has the same, the first.
    seeds: Vec<u32>,
}

/// K-mers in a stretch.
pub(super) fn kmers(codes: &[u8]) -> usize {
    (codes.len() + 1).saturating_sub(SEED as usize)
}

impl Scan {
    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.spans.capacity() * size_of::<Range<u32>>() + self.seeds.capacity() * 4
    }

    pub(in super::super) fn clear(&mut self) {
        self.spans.clear();
        self.seeds.clear();
    }

    /// Whether all k-mers that begin in `range` of `codes` were looked at.
    pub(in super::super) fn knows(&self, codes: &[u8], range: Range<usize>) -> bool {
        self.covers(range.start..range.end.min(kmers(codes)))
    }

    fn covers(&self, wanted: Range<usize>) -> bool {
        self.spans.iter().any(|span| span.start as usize <= wanted.start && wanted.end <= span.end as usize)
    }

    /// The seeds among the k-mers of `wanted`. Must be asked for from left to right.
    pub(super) fn look(&mut self, codes: &[u8], wanted: Range<usize>, index: &SeedIndex) -> &[u32] {
        if !self.covers(wanted.clone()) {
            let on = self.spans.last_mut().filter(|span| span.end as usize >= wanted.start);
            let from = on.as_ref().map_or(wanted.start, |span| span.end as usize);
            scan(codes, from..wanted.end, index, &mut self.seeds);
            match on {
                Some(span) => span.end = wanted.end as u32,
                None => self.spans.push(from as u32..wanted.end as u32),
            }
        }
        &self.seeds[within(&self.seeds, &wanted)]
    }

    /// Gives `each` all seeds of the stretch, from left to right.
    pub(super) fn each(&self, codes: &[u8], index: &SeedIndex, news: &mut Vec<u32>) {
        let mut at = 0;
        for span in &self.spans {
            let span = span.start as usize..(span.end as usize).min(kmers(codes));
            if span.start < span.end {
                scan(codes, at..span.start, index, news);
                at = span.end;
                news.extend_from_slice(&self.seeds[within(&self.seeds, &span)]);
            }
        }
        scan(codes, at..kmers(codes), index, news);
    }

    /// Appends what `other` knows of its codes `range`, which stand from `at` on here.
    pub(in super::super) fn append(&mut self, other: &Scan, range: Range<usize>, at: usize) {
        for span in &other.spans {
            let span = range.start.max(span.start as usize)..range.end.min(span.end as usize);
            if span.start < span.end {
                let place = |there: usize| (there - range.start + at) as u32;
                self.spans.push(place(span.start)..place(span.end));
                self.seeds.extend(other.seeds[within(&other.seeds, &span)].iter().map(|&seed| place(seed as usize)));
            }
        }
    }

    /// Forgets the first `count` codes.
    pub(in super::super) fn drain(&mut self, count: usize) {
        let gone = self.seeds.partition_point(|&seed| (seed as usize) < count);
        self.seeds.drain(..gone);
        self.spans.retain(|span| span.end as usize > count);
        let place = |there: &mut u32| *there = there.saturating_sub(count as u32);
        self.seeds.iter_mut().for_each(place);
        self.spans.iter_mut().for_each(|span| (place(&mut span.start), place(&mut span.end)).1);
    }
}

/// Which of `seeds` are among the k-mers `wanted`.
fn within(seeds: &[u32], wanted: &Range<usize>) -> Range<usize> {
    let place = |there: usize| seeds.partition_point(|&seed| (seed as usize) < there);
    place(wanted.start)..place(wanted.end)
}

fn scan(codes: &[u8], kmers: Range<usize>, index: &SeedIndex, seeds: &mut Vec<u32>) {
    if kmers.is_empty() {
        return;
    }
    let mut last = None;
    RollingKmer::new(SEED).scan(
        &codes[kmers.start..kmers.end + SEED as usize - 1],
        |kmer| index.is_seed(kmer),
        |end, kmer| {
            if last.replace(kmer.value) != Some(kmer.value) {
                seeds.push((kmers.start + end - SEED as usize) as u32);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(codes: &[u8], index: &SeedIndex) -> Vec<u32> {
        let mut seeds = Vec::new();
        scan(codes, 0..kmers(codes), index, &mut seeds);
        seeds
    }

    proptest! {
        #[test]
        fn it_does_not_matter_what_was_known(
            codes in proptest::collection::vec(prop_oneof![20 => 0u8..4, 1 => Just(4u8)], 0..2000),
            mut cuts in proptest::collection::vec(any::<prop::sample::Index>(), 4),
            at in 0usize..50,
        ) {
            let index = SeedIndex::new(1 << 20);
            let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(kmers(&codes) + 1)).collect();
            cuts.sort_unstable();
            let mut known = Scan::default();
            known.look(&codes, cuts[0]..cuts[1], &index);
            known.look(&codes, cuts[2]..cuts[3], &index);
            prop_assert!(known.covers(cuts[0]..cuts[1]) && known.covers(cuts[2]..cuts[3]));
            let mut seeds = Vec::new();
            known.each(&codes, &index, &mut seeds);
            prop_assert_eq!(&seeds, &all(&codes, &index));
            // The same behind other codes, of which some are forgotten.
            let mut moved = Scan::default();
            moved.append(&known, 0..codes.len(), at);
            moved.drain(at / 2);
            let rest = [&vec![4; at - at / 2], &codes[..]].concat();
            let mut seeds = Vec::new();
            moved.each(&rest, &index, &mut seeds);
            prop_assert_eq!(seeds, all(&rest, &index));
        }
    }
}
