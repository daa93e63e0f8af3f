//! The seed index: where sampled k-mers stand in the bank.
//!
//! A k-mer is a seed if its rank is below a threshold, whatever stands around it. Four bytes an entry, open addressing:
//! the position, and in the bits that it leaves a tag of the k-mer. To grow, or to become sparser, the k-mers are taken
//! from the bank again.

use super::bank::Bank;
use super::scan::Scan;
use crate::build::kmer::{Kmer, rank};

/// Codes in a seed.
pub(in super::super) const SEED: u32 = 22;

/// One k-mer in this many is a seed, to begin with.
const SPACING: u64 = 16;

/// Entries of one k-mer at most.
const OCCURRENCES: usize = 24;

/// Slots at the start.
const FEWEST_SLOTS: usize = 1 << 10;

/// Seeds that are looked up together: the table is much larger than caches, and their misses overlap.
const TOGETHER: usize = 128;

const EMPTY: u32 = u32::MAX;

/// Bases of the bank at most in which seeds stand: positions have 32 bits, and one of them means nothing.
const MOST_BASES: u64 = EMPTY as u64 - 1;

/// Seeds of all references.
#[derive(Debug)]
pub(in super::super) struct SeedIndex {
    slots: Vec<u32>,
    most_slots: usize,
    entries: usize,
    threshold: u64,
    /// Bits of a slot that hold the position; the others hold the tag.
    position_bits: u32,
    /// References that end behind so many bases of the bank have no seeds, and whether there are any.
    most_bases: u64,
    passed_over: bool,
    /// Scratch: seeds on their way into the table.
    news: Vec<u32>,
}

/// A place of a seed: the position of its first code in the bank, and whether it reads there as its canonical form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) position: usize,
    pub(super) forward: bool,
}

impl SeedIndex {
    /// An index whose table takes at most `most_bytes`: when that is full it becomes sparser instead of larger.
    pub(in super::super) fn new(most_bytes: usize) -> Self {
        let most_slots = (most_bytes / 4).max(FEWEST_SLOTS);
        let most_slots = if most_slots.is_power_of_two() { most_slots } else { most_slots.next_power_of_two() / 2 };
        SeedIndex {
            slots: vec![EMPTY; FEWEST_SLOTS],
            most_slots,
            entries: 0,
            threshold: u64::MAX / SPACING,
            position_bits: 24,
            most_bases: MOST_BASES,
            passed_over: false,
            news: Vec::new(),
        }
    }

    /// As if positions had fewer bits.
    #[cfg(test)]
    pub(in super::super) fn with_most_bases(self, most_bases: u64) -> Self {
        SeedIndex { most_bases: most_bases.min(MOST_BASES), ..self }
    }

    /// Bytes held.
    pub(in super::super) fn memory(&self) -> usize {
        self.slots.capacity() * 4 + self.news.capacity() * 4
    }

    /// Whether the table was too small for the density that an index begins with, or positions for all references.
    pub(in super::super) fn is_sparse(&self) -> bool {
        self.passed_over || self.threshold < u64::MAX / SPACING
    }

    /// Whether a k-mer is a seed.
    #[inline(always)]
    pub(super) fn is_seed(&self, kmer: u64) -> bool {
        rank(kmer) <= self.threshold
    }

    /// Adds the seeds of the bank's last reference: its codes, and what is known of them.
    pub(in super::super) fn add(&mut self, bank: &Bank, codes: &[u8], scan: &Scan) {
        if bank.bases() > self.most_bases {
            self.passed_over = true;
            return;
        }
        // All ones stand for an empty slot, so the greatest position must be smaller than its bits allow.
        let mut bits = self.position_bits;
        while bits < 32 && bank.bases() >= (1 << bits) - 1 {
            bits = (bits + 2).min(32);
        }
        if bits != self.position_bits {
            self.rebuild(self.slots.len(), bits, bank);
        }
        let start = bank.bases() as usize - codes.len();
        let mut news = std::mem::take(&mut self.news);
        news.clear();
        scan.each(codes, self, &mut news);
        let mut seeds = Vec::with_capacity(TOGETHER);
        for together in news.chunks(TOGETHER) {
            seeds.clear();
            seeds.extend(together.iter().map(|&seed| (start + seed as usize, bank.kmer(start + seed as usize, SEED))));
            self.touch(&seeds);
            for &(position, kmer) in &seeds {
                if self.is_seed(kmer.value) {
                    self.insert(kmer, position, bank);
                }
            }
        }
        self.news = news;
    }

    /// Brings the slots of these seeds into the cache.
    fn touch(&self, seeds: &[(usize, Kmer)]) {
        std::hint::black_box(seeds.iter().filter(|(_, kmer)| self.slots[self.slot(kmer)] == EMPTY).count());
    }

    /// The slot where a search for a k-mer begins.
    #[inline(always)]
    fn slot(&self, kmer: &Kmer) -> usize {
        rank(kmer.value) as usize & (self.slots.len() - 1)
    }

    /// Leaves out of `seeds` those that stand nowhere, as far as a look at one slot each tells.
    pub(super) fn sift(&self, seeds: &mut Vec<(usize, Kmer)>) {
        let mut kept = 0;
        for i in 0..seeds.len() {
            let seed = seeds[i];
            seeds[kept] = seed;
            kept += usize::from(self.slots[self.slot(&seed.1)] != EMPTY);
        }
        seeds.truncate(kept);
    }

    fn insert(&mut self, kmer: Kmer, position: usize, bank: &Bank) {
        while (self.entries + 1) * 5 > self.slots.len() * 3 {
            if self.slots.len() * 2 <= self.most_slots {
                self.rebuild(self.slots.len() * 2, self.position_bits, bank);
            } else {
                self.threshold /= 2;
                self.rebuild(self.slots.len(), self.position_bits, bank);
            }
        }
        if self.is_seed(kmer.value) {
            self.put(kmer, position, bank);
        }
    }

    fn put(&mut self, kmer: Kmer, position: usize, bank: &Bank) {
        let rank = rank(kmer.value);
        let tag = self.tag(rank);
        let mask = self.slots.len() - 1;
        let mut slot = rank as usize & mask;
        let mut same = 0;
        while self.slots[slot] != EMPTY {
            if self.tag_of(slot) == tag && bank.kmer(self.position_of(slot), SEED).value == kmer.value {
                same += 1;
                if same == OCCURRENCES {
                    return;
                }
            }
            slot = (slot + 1) & mask;
        }
        self.fill(slot, rank, position);
    }

    fn rebuild(&mut self, size: usize, position_bits: u32, bank: &Bank) {
        // From behind an empty slot on, equal seeds stand in the order of their insertion, and must so in the new table.
        let slots = self.slots.len();
        let first = self.slots.iter().position(|&slot| slot == EMPTY).unwrap_or(0);
        let held = (first..first + slots).map(|i| i & (slots - 1)).filter(|&slot| self.slots[slot] != EMPTY);
        let positions: Vec<u32> = held.map(|slot| self.position_of(slot) as u32).collect();
        // The old table goes before the new one comes.
        self.slots = Vec::new();
        self.slots.resize(size, EMPTY);
        self.position_bits = position_bits;
        self.entries = 0;
        let mut kmers = Vec::with_capacity(TOGETHER);
        for together in positions.chunks(TOGETHER) {
            kmers.clear();
            kmers.extend(together.iter().map(|&position| bank.kmer(position as usize, SEED)));
            for (&position, &kmer) in together.iter().zip(&kmers) {
                if self.is_seed(kmer.value) {
                    let rank = rank(kmer.value);
                    self.fill(self.free(rank), rank, position as usize);
                }
            }
        }
    }

    /// The first empty slot for a rank.
    fn free(&self, rank: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = rank as usize & mask;
        while self.slots[slot] != EMPTY {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn fill(&mut self, slot: usize, rank: u64, position: usize) {
        self.slots[slot] = (u64::from(self.tag(rank)) << self.position_bits) as u32 | position as u32;
        self.entries += 1;
    }

    /// Where a seed stands, in the order of its insertion.
    #[inline]
    pub(super) fn places(&self, kmer: u64, bank: &Bank) -> impl Iterator<Item = Place> {
        let rank = rank(kmer);
        let tag = self.tag(rank);
        let mask = self.slots.len() - 1;
        (0..self.slots.len())
            .map(move |i| (rank as usize + i) & mask)
            .take_while(|&slot| self.slots[slot] != EMPTY)
            .filter(move |&slot| self.tag_of(slot) == tag)
            .filter_map(move |slot| {
                let position = self.position_of(slot);
                let found = bank.kmer(position, SEED);
                (found.value == kmer).then_some(Place { position, forward: found.forward })
            })
    }

    /// The bits of a rank that stand beside the position. Ranks of seeds have zeros at the top and choose the slot with
    /// their lowest bits.
    #[inline(always)]
    fn tag(&self, rank: u64) -> u32 {
        let bits = 32 - self.position_bits;
        (rank >> 32) as u32 & ((1u64 << bits) - 1) as u32
    }

    #[inline(always)]
    fn tag_of(&self, slot: usize) -> u32 {
        (u64::from(self.slots[slot]) >> self.position_bits) as u32
    }

    #[inline(always)]
    fn position_of(&self, slot: usize) -> usize {
        (u64::from(self.slots[slot]) & ((1 << self.position_bits) - 1)) as usize
    }
}
