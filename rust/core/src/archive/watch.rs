//! Checked reading: no bases of a contig are given unless all of it agrees with its stored digest.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::digest::{Expected, differs};
use super::open::Archive;
use super::sample::Sample;
use crate::digest::Hasher;
use crate::error::Result;

/// Locks for contigs that are being checked: threads that want parts of one contig wait for the first of them to check
/// it, and hardly ever for another's contig.
const LOCKS: usize = 64;

/// Which contigs were checked and are right.
pub(super) struct Verified {
    /// A bit for each contig: by sample, and 64 of its contigs.
    words: Mutex<FxHashMap<(u32, u32), u64>>,
    checking: [Mutex<()>; LOCKS],
}

impl Default for Verified {
    fn default() -> Self {
        Verified { words: Mutex::default(), checking: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Verified {
    fn holds(&self, sample: &Sample, contig: usize) -> bool {
        let words = lock(&self.words);
        words.get(&(sample.place(), (contig / 64) as u32)).is_some_and(|word| word >> (contig % 64) & 1 == 1)
    }

    fn insert(&self, sample: &Sample, contig: usize) {
        *lock(&self.words).entry((sample.place(), (contig / 64) as u32)).or_default() |= 1 << (contig % 64);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A contig that is read whole: what is read can be checked itself.
pub(super) struct Watch<'a> {
    verified: &'a Verified,
    sample: &'a Sample,
    contig: usize,
    expected: Expected,
    hasher: Hasher,
}

impl Archive {
    /// Checks a contig of which a part is wanted. If all of it is wanted, and it was not checked yet, what is read has
    /// to go through the watch that is returned, in order. Contigs without a stored digest pass.
    pub(super) fn watch<'a>(
        &'a self,
        sample: &'a Sample,
        contig: usize,
        range: &Range<u64>,
    ) -> Result<Option<Watch<'a>>> {
        let Some(verified) = self.verified() else { return Ok(None) };
        if verified.holds(sample, contig) {
            return Ok(None);
        }
        let Some(expected) = self.expected(sample, contig)? else { return Ok(None) };
        let mut watch = Watch { verified, sample, contig, expected, hasher: expected.hasher() };
        let all = 0..sample.length(contig)?;
        if *range == all {
            return Ok(Some(watch));
        }
        let _checking = lock(&verified.checking[(sample.place() as usize + contig) % LOCKS]);
        if !verified.holds(sample, contig) {
            self.decode(sample, contig, all, |letters| {
                watch.see(letters);
                Ok(())
            })?;
            watch.finish()?;
        }
        Ok(None)
    }
}

impl Watch<'_> {
    /// Takes the next letters.
    pub(super) fn see(&mut self, letters: &[u8]) {
        self.hasher.update(letters);
    }

    /// Tells whether those were all of the contig, and right.
    pub(super) fn finish(self) -> Result<()> {
        let Watch { verified, sample, contig, expected, hasher } = self;
        if !expected.matches(hasher) {
            return Err(differs(sample, contig));
        }
        verified.insert(sample, contig);
        Ok(())
    }
}
