//! From a stretch of a contig to blocks: stretches that run along a diagonal of some reference.

use rustc_hash::FxHashMap;

use super::bank::Bank;
use super::block::Block;
use super::chain::{Chainer, SWITCH};
use super::packed::Query;
use super::scan::{Scan, kmers};
use super::seeds::{Place, SEED, SeedIndex};
use super::walk::{left, right};
use crate::alphabet::push_reverse_complement;
use crate::build::kmer::Kmer;
use crate::error::Result;
use crate::stop::go_on;

/// Codes that are searched for seeds at a time, to begin with and while nothing is found.
const STRIDE: usize = 128;
const WIDEST_STRIDE: usize = 2048;

/// Gain that a block needs, in tenths of a bit: less where it goes on in the reference of the block before.
const LEAST_GAIN: i64 = 600;
const LEAST_GAIN_ON: i64 = 300;

/// Codes before a seed that its blocks may reach back into what others cover already.
const BACK: usize = 4096;

/// Widest shift of the diagonal that is tried without seeds, and the codes that must agree behind it.
const MAX_SHIFT: usize = 16;
const SHIFTED: u32 = 24;

/// What is found out about a stretch.
#[derive(Debug, Default)]
pub(in super::super) struct Mapped {
    /// In order and not overlapping.
    pub(in super::super) blocks: Vec<Block>,
    /// Seeds, where they were looked for.
    pub(in super::super) scan: Scan,
}

impl Mapped {
    pub(in super::super) fn clear(&mut self) {
        self.blocks.clear();
        self.scan.clear();
    }

    /// Bytes held.
    pub(in super::super) fn memory(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>() + self.scan.memory()
    }
}

/// Maps stretches of contigs. Holds the scratch that this needs.
#[derive(Debug, Default)]
pub(in super::super) struct Mapper {
    query: Query,
    reverse: Query,
    reverse_set: bool,
    codes: Vec<u8>,
    seeds: Vec<(usize, Kmer)>,
    /// Blocks of the stretch, also those that others are better than so far.
    found: Vec<Block>,
    /// By reference, strand and diagonal: the last of those.
    walked: FxHashMap<(usize, bool, i64), u32>,
    chainer: Chainer,
}

impl Mapper {
    /// Bytes held.
    pub(in super::super) fn memory(&self) -> usize {
        let lists = self.seeds.capacity() * size_of::<(usize, Kmer)>()
            + self.found.capacity() * size_of::<Block>()
            + self.walked.capacity() * size_of::<((usize, bool, i64), u32)>();
        self.query.memory() + self.reverse.memory() + self.codes.capacity() + lists + self.chainer.memory()
    }

    /// Finds blocks of `codes`, with the help of what `mapped` knows of their seeds, which must be all or nothing.
    /// `k` is the overlap of references that were cut from one contig.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants them any more.
    pub(in super::super) fn map(
        &mut self,
        codes: &[u8],
        bank: &Bank,
        index: &SeedIndex,
        k: usize,
        mapped: &mut Mapped,
    ) -> Result<()> {
        go_on()?;
        let Mapped { blocks, scan } = mapped;
        if bank.len() == 0 {
            scan.look(codes, 0..kmers(codes), index);
            return Ok(());
        }
        self.query.set(codes);
        self.reverse_set = false;
        self.found.clear();
        self.walked.clear();
        let mut at = 0;
        let mut last: Option<Block> = None;
        while at < codes.len() {
            go_on()?;
            let on = last.filter(|last| last.end == at).and_then(|last| self.go_on(codes, &last, bank, k));
            if let Some(block) = on {
                self.keep(block);
            }
            last = match on {
                None => self.seek(codes, at, last.as_ref(), bank, index, scan)?,
                on => on,
            };
            let Some(block) = last else { break };
            at = block.end;
        }
        for block in self.chainer.choose(&mut self.found) {
            match blocks.last_mut() {
                Some(last) if block.along(last) && block.diagonal() == last.diagonal() => join(last, block),
                _ => blocks.push(*block),
            }
        }
        Ok(())
    }

    fn keep(&mut self, block: Block) {
        self.walked.insert((block.reference, block.reversed, block.diagonal()), self.found.len() as u32);
        self.found.push(block);
    }

    /// Goes on behind a block: in the next reference, or on a diagonal nearby.
    fn go_on(&mut self, codes: &[u8], last: &Block, bank: &Bank, k: usize) -> Option<Block> {
        let at = last.end;
        let (start, end) = bank.bounds(last.reference);
        // The place in the bank where the diagonal goes on; on the other strand it is the one before.
        let there = if last.reversed { start + last.position } else { start + last.position + last.length() };
        let boundary = if last.reversed { there == start } else { there == end };
        if boundary {
            let neighbour = if last.reversed { last.reference.checked_sub(1)? } else { last.reference + 1 };
            if neighbour >= bank.len() {
                return None;
            }
            let (start, end) = bank.bounds(neighbour);
            if end - start <= k {
                return None;
            }
            let there = if last.reversed { end - k } else { start + k };
            return self.extend(codes, at, at, there, neighbour, last.reversed, bank).filter(|b| b.gain >= LEAST_GAIN);
        }
        for distance in 1..=MAX_SHIFT {
            for shifted in [there.checked_add(distance), there.checked_sub(distance)].into_iter().flatten() {
                if shifted < start || shifted > end || !self.agrees(codes, at, shifted, last.reversed, bank) {
                    continue;
                }
                let found = self.extend(codes, at, at, shifted, last.reference, last.reversed, bank);
                if let Some(block) = found.filter(|block| block.gain >= LEAST_GAIN_ON) {
                    return Some(block);
                }
            }
        }
        None
    }

    /// Whether the next codes agree exactly.
    fn agrees(&mut self, codes: &[u8], at: usize, there: usize, reversed: bool, bank: &Bank) -> bool {
        if reversed {
            self.set_reverse(codes);
            let end = codes.len() - at;
            end >= SHIFTED as usize
                && self.reverse.differences_before(end, &bank.codes, there).leading_zeros() >= 2 * SHIFTED
        } else {
            codes.len() - at >= SHIFTED as usize
                && self.query.differences(at, &bank.codes, there).trailing_zeros() >= 2 * SHIFTED
        }
    }

    /// The block through `at` (no further left than `from`) and the place `there` of the bank. On the other strand
    /// `there` is behind the code that `at` stands for.
    #[allow(clippy::too_many_arguments, reason = "a place on two sequences and its bounds")]
    fn extend(
        &mut self,
        codes: &[u8],
        from: usize,
        at: usize,
        there: usize,
        reference: usize,
        reversed: bool,
        bank: &Bank,
    ) -> Option<Block> {
        let (start, end) = bank.bounds(reference);
        let n = codes.len();
        if there < start || there > end {
            return None;
        }
        let (before, behind) = if reversed {
            self.set_reverse(codes);
            let place = n - at;
            (
                right(&self.reverse, place, &bank.codes, there, (at - from).min(end - there)),
                left(&self.reverse, place, &bank.codes, there, (n - at).min(there - start)),
            )
        } else {
            (
                left(&self.query, at, &bank.codes, there, (at - from).min(there - start)),
                right(&self.query, at, &bank.codes, there, (n - at).min(end - there)),
            )
        };
        let position = there - start - if reversed { behind.length } else { before.length };
        let (start, end) = (at - before.length, at + behind.length);
        (end > start).then_some(Block { start, end, reference, reversed, position, gain: before.gain + behind.gain })
    }

    fn set_reverse(&mut self, codes: &[u8]) {
        if !self.reverse_set {
            self.codes.clear();
            push_reverse_complement(codes, &mut self.codes);
            self.reverse.set(&self.codes);
            self.reverse_set = true;
        }
    }

    /// The first block from `from` on that a seed leads to.
    fn seek(
        &mut self,
        codes: &[u8],
        from: usize,
        last: Option<&Block>,
        bank: &Bank,
        index: &SeedIndex,
        scan: &mut Scan,
    ) -> Result<Option<Block>> {
        let mut at = from;
        let mut wide = STRIDE;
        while at < kmers(codes) {
            go_on()?;
            let stride = wide.min(kmers(codes) - at);
            let mut seeds = std::mem::take(&mut self.seeds);
            seeds.clear();
            let places = scan.look(codes, at..at + stride, index).iter().map(|&seed| seed as usize);
            seeds.extend(places.map(|place| (place, self.query.kmer(place, SEED))));
            index.sift(&mut seeds);
            let found = seeds.iter().find_map(|&(start, kmer)| self.best(codes, from, start, kmer, last, bank, index));
            self.seeds = seeds;
            if found.is_some() {
                return Ok(found);
            }
            at += stride;
            wide = (wide * 2).min(WIDEST_STRIDE);
        }
        Ok(None)
    }

    /// The best block from `from` on through a seed at `at`. All that are worth it are kept.
    #[allow(clippy::too_many_arguments, reason = "a seed, its bounds, and what it is looked up in")]
    fn best(
        &mut self,
        codes: &[u8],
        from: usize,
        at: usize,
        kmer: Kmer,
        last: Option<&Block>,
        bank: &Bank,
        index: &SeedIndex,
    ) -> Option<Block> {
        let mut best: Option<(i64, Block)> = None;
        for Place { position, forward } in index.places(kmer.value, bank) {
            let reversed = forward != kmer.forward;
            let there = if reversed { position + SEED as usize } else { position };
            let Some(mut block) = self.through(codes, from, at, there, bank.find(position), reversed, bank) else {
                continue;
            };
            let on = last.is_some_and(|last| block.along(last));
            let least = if on { LEAST_GAIN_ON } else { LEAST_GAIN };
            if block.start < from {
                block.shorten_start(from - block.start);
            }
            if block.gain < least {
                continue;
            }
            let worth = block.gain + if on { SWITCH } else { 0 };
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, block));
            }
        }
        best.map(|(_, block)| block)
    }

    /// The block through a place, which is walked unless a block that was found before goes there.
    #[allow(clippy::too_many_arguments, reason = "as `extend`")]
    fn through(
        &mut self,
        codes: &[u8],
        from: usize,
        at: usize,
        there: usize,
        reference: usize,
        reversed: bool,
        bank: &Bank,
    ) -> Option<Block> {
        let place = (there - bank.bounds(reference).0) as i64;
        let diagonal = if reversed { place + at as i64 } else { place - at as i64 };
        let walked = self.walked.get(&(reference, reversed, diagonal)).map(|&block| self.found[block as usize]);
        if let Some(block) = walked.filter(|block| block.start <= at && at < block.end) {
            return Some(block);
        }
        let block = self.extend(codes, from.saturating_sub(BACK), at, there, reference, reversed, bank)?;
        if block.gain >= LEAST_GAIN_ON {
            self.keep(block);
        }
        Some(block)
    }
}

/// Makes one block of two on a diagonal.
fn join(last: &mut Block, next: &Block) {
    last.position = last.position.min(next.position);
    last.end = next.end;
    last.gain += next.gain;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::reverse_complement;

    fn random(n: usize, mut state: u64) -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 62) as u8
        })
        .take(n)
        .collect()
    }

    fn bank(references: &[&[u8]]) -> (Bank, SeedIndex) {
        let (mut bank, mut index) = (Bank::default(), SeedIndex::new(1 << 24));
        for reference in references {
            bank.push(reference);
            index.add(&bank, reference, &Scan::default());
        }
        (bank, index)
    }

    fn mapped(codes: &[u8], (bank, index): &(Bank, SeedIndex)) -> Vec<Block> {
        let mut mapped = Mapped::default();
        Mapper::default().map(codes, bank, index, 31, &mut mapped).unwrap();
        mapped.blocks
    }

    #[test]
    fn both_strands_through_differences_and_into_the_next_reference() {
        let contig = random(20_000, 1);
        let bank = bank(&[&random(5000, 2), &contig[..10_000], &contig[10_000 - 31..]]);
        let mut changed = contig.clone();
        for i in (100..20_000).step_by(370) {
            changed[i] ^= 1;
        }
        let blocks = mapped(&changed, &bank);
        let places: Vec<_> = blocks.iter().map(|b| (b.start, b.end, b.reference, b.reversed, b.position)).collect();
        assert_eq!(places, [(0, 10_000, 1, false, 0), (10_000, 20_000, 2, false, 31)]);
        reverse_complement(&mut changed);
        let blocks = mapped(&changed, &bank);
        let places: Vec<_> = blocks.iter().map(|b| (b.start, b.end, b.reference, b.reversed, b.position)).collect();
        assert_eq!(places, [(0, 10_031, 2, true, 0), (10_031, 20_000, 1, true, 0)]);
    }

    #[test]
    fn indels_inversions_and_novel_sequence() {
        let contig = random(30_000, 3);
        let bank = bank(&[&contig]);
        let mut inverted = contig[12_000..15_000].to_vec();
        reverse_complement(&mut inverted);
        let novel = random(2000, 9);
        let parts: [&[u8]; 6] =
            [&contig[..5000], &contig[5007..12_000], &inverted, &contig[15_000..20_000], &novel, &contig[20_000..]];
        let blocks = mapped(&parts.concat(), &bank);
        let strands: Vec<_> = blocks.iter().map(|b| (b.reversed, b.length() / 100)).collect();
        assert_eq!(strands, [(false, 50), (false, 69), (true, 30), (false, 49), (false, 100)], "{blocks:?}");
        let covered: usize = blocks.iter().map(Block::length).sum();
        assert!(covered.abs_diff(29_993) < 60, "{covered}");
    }

    #[test]
    fn repeats_do_not_stop_the_clock() {
        let unit = random(171, 4);
        let satellite = unit.repeat(600);
        let bank = bank(&[&satellite, &[0; 50_000]]);
        for query in [unit.repeat(1200), vec![0; 200_000], [0, 1].repeat(100_000)] {
            mapped(&query, &bank);
        }
        assert!(mapped(&[4; 100_000], &bank).is_empty());
    }

    #[test]
    fn what_nobody_wants_is_not_mapped() {
        let contig = random(200_000, 5);
        let (bank, index) = bank(&[&contig]);
        // Pieces in disorder: many blocks.
        let changed: Vec<u8> = contig.chunks(1000).rev().flatten().copied().collect();
        for enough in [0, 1, 5] {
            let count = std::cell::Cell::new(0);
            let asking = crate::stop::give_up_if(move || count.replace(count.get() + 1) == enough);
            let found = Mapper::default().map(&changed, &bank, &index, 31, &mut Mapped::default());
            drop(asking);
            assert!(found.is_err(), "{enough}");
        }
    }
}
