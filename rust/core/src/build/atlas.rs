//! What is known of all groups: their references as the mapper sees them, and the k-mers at their ends.

use rustc_hash::{FxHashMap, FxHashSet};

use super::kmer::{Kmer, RollingKmer, rank};
use super::map::{Bank, Scan, SeedIndex};
use crate::error::Result;
use crate::layout::{NONE, RAW_GROUPS, SegmentKey};

/// References, seeds and keys. A reference stands here as it was cut from its contig; in its group it may be stored
/// on the other strand.
#[derive(Debug)]
pub(super) struct Atlas {
    pub(super) bank: Bank,
    pub(super) index: SeedIndex,
    groups: Vec<Known>,
    /// Bases that the bank may hold.
    most_bases: u64,
    k: u32,
}

/// Shortest reference that gets a key: C++ AGC could find the group of a shorter piece, but not save much by it.
const KEYED: usize = 1000;

/// What `append` of C++ AGC finds groups by.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) splitters: Vec<u64>,
    pub(super) keys: Vec<(SegmentKey, u32)>,
}

/// What later stages ask of a group.
#[derive(Debug, Clone, Copy)]
struct Known {
    key: SegmentKey,
    flipped: bool,
    /// Whether it is large enough to be worth a key.
    keyed: bool,
}

impl Atlas {
    /// An atlas for references of at most `bank_bytes` bytes at two bits a base, and seeds of at most `seed_bytes`.
    pub(super) fn new(k: u32, bank_bytes: usize, seed_bytes: usize) -> Self {
        let (bank, index) = (Bank::default(), SeedIndex::new(seed_bytes));
        Atlas { bank, index, groups: Vec::new(), most_bases: bank_bytes as u64 * 4, k }
    }

    /// Number of groups, and the number that the next one gets less [`RAW_GROUPS`].
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> (usize, usize, usize) {
        (self.bank.memory(), self.index.memory(), self.groups.capacity() * size_of::<Known>())
    }

    /// Whether memory was too small for the density of seeds that an archive begins with, or for all references.
    pub(super) fn is_sparse(&self) -> bool {
        self.index.is_sparse() || self.bank.len() < self.groups.len()
    }

    /// Adds a group with this reference, of whose seeds `scan` knows; its number, and whether it is stored on the other strand.
    pub(super) fn add(&mut self, codes: &[u8], scan: &Scan) -> (u32, bool) {
        let (first, last) = (self.kmer_at(codes, 0), self.kmer_at(codes, codes.len().saturating_sub(self.k as usize)));
        // Keys of the format have the smaller k-mer in front, so that C++ AGC finds the strand that is stored.
        let flipped = matches!((first, last), (Some(first), Some(last)) if first.value > last.value);
        let value = |kmer: Option<Kmer>| kmer.map_or(NONE, |kmer| kmer.value);
        let key = if flipped {
            SegmentKey { first: value(last), second: value(first) }
        } else {
            SegmentKey { first: value(first), second: value(last) }
        };
        self.push(codes, scan, Known { key, flipped, keyed: codes.len() >= KEYED })
    }

    /// Adds a group that is stored already, with its reference as it is stored. It gets no new key.
    pub(super) fn add_stored(&mut self, codes: &[u8]) {
        self.push(codes, &Scan::default(), Known { key: SegmentKey::UNKEYED, flipped: false, keyed: false });
    }

    fn push(&mut self, codes: &[u8], scan: &Scan, known: Known) -> (u32, bool) {
        let number = self.groups.len() as u32 + RAW_GROUPS;
        // Beyond its bound the bank takes no more: references are numbered as groups are, so it ends there.
        if self.bank.len() == self.groups.len() && self.bank.bases() + codes.len() as u64 <= self.most_bases {
            self.bank.push(codes);
            self.index.add(&self.bank, codes, scan);
        }
        self.groups.push(known);
        (number, known.flipped)
    }

    /// Group of a reference of the bank, and whether it is stored on the other strand.
    pub(super) fn group(&self, reference: usize) -> (u32, bool) {
        (reference as u32 + RAW_GROUPS, self.groups[reference].flipped)
    }

    fn kmer_at(&self, codes: &[u8], at: usize) -> Option<Kmer> {
        let mut found = None;
        let window = codes.get(at..at + self.k as usize)?;
        RollingKmer::new(self.k).scan(window, |_| true, |_, kmer| found = Some(kmer));
        found
    }

    /// Splitters and keys that C++ AGC can append by: those that there are already, and k-mers that stand at the ends of
    /// references and nowhere else in them. Both sorted.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants them any more.
    pub(super) fn keys(&self, old: Keys) -> Result<Keys> {
        let real = |known: &Known| {
            let key = known.key;
            // A k-mer of A alone has the value 0, which C++ AGC takes for none when it looks for where to cut.
            let usable = |kmer| kmer != NONE && kmer != 0;
            known.keyed && usable(key.first) && usable(key.second) && key.first != key.second
        };
        let mut ends: FxHashMap<u64, u32> = FxHashMap::default();
        for known in self.groups.iter().filter(|known| real(known)) {
            for end in [known.key.first, known.key.second] {
                ends.entry(end).or_insert(0);
            }
        }
        // A bit for each of a hundred times as many values as there are ends spares nearly all look-ups.
        let bits = (ends.len() * 128).next_power_of_two().max(64);
        let mut filter = vec![0u64; bits / 64];
        let bit = |kmer: u64| rank(kmer) as usize & (bits - 1);
        for &end in ends.keys() {
            filter[bit(end) / 64] |= 1 << (bit(end) % 64);
        }
        let wanted = |kmer| filter[bit(kmer) / 64] >> (bit(kmer) % 64) & 1 == 1;
        self.bank.each_inner_kmer(self.k, wanted, |kmer| {
            if let Some(count) = ends.get_mut(&kmer) {
                *count += 1;
            }
        })?;
        let Keys { mut splitters, mut keys } = old;
        let mut seen: FxHashSet<SegmentKey> = keys.iter().map(|(key, _)| *key).collect();
        let news = keys.len();
        for (group, known) in (RAW_GROUPS..).zip(&self.groups).filter(|(_, known)| real(known)) {
            let clean = [known.key.first, known.key.second].iter().all(|end| ends.get(end) == Some(&0));
            if clean && seen.insert(known.key) {
                keys.push((known.key, group));
            }
        }
        splitters.extend(keys[news..].iter().flat_map(|(key, _)| [key.first, key.second]));
        keys.sort_unstable();
        keys.dedup_by_key(|(key, _)| *key);
        splitters.sort_unstable();
        splitters.dedup();
        Ok(Keys { splitters, keys })
    }
}
