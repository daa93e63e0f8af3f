//! Keeping the process below its memory limit (docs/memory.md).
//!
//! What the builder needs beside references is small and bounded by construction; how much it really comes to, with the
//! interpreter, the allocator and everything else in the process, is measured, not guessed: before each chunk the
//! resident size of the process is looked at, and references may hold what is left. Only where bytes wait depends on
//! this, never what is written.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::chunk::CHUNK;
use super::machine;
use super::options::{Level, Options};
use super::spill::SpillStore;
use crate::case;
use crate::error::{Error, Result, size};
use crate::fasta::WORK_MEMORY;
use crate::resident::{resident, return_free_memory};

/// References in memory at most, also where there is more: behind that they are rarely missed.
const RESIDENT: usize = 8 << 20;

/// Chunks in flight for each thread, where memory allows, and beside them: those of a batch that is not full.
const CHUNKS_A_THREAD: usize = 6;
const CHUNKS_BESIDE: usize = 18;

/// What a thread's tools take beside what depends on the length of segments.
const TOOLS: usize = 2 << 20;

/// What a thread takes besides to parse packs itself.
const PARSER: usize = 40 << 20;

/// Buffers of a segment's length that a thread's tools hold: codes, reference, delta, index and compressor's tables.
const SEGMENT_BUFFERS: usize = 8;

/// What lower case takes besides: the block that fills, which may have grown to twice its size, the same compressed, and
/// the compressor.
const CASE: usize = 3 * case::FULL + (2 << 20);

/// References, seeds and tables of a small archive, a batch of chunks, and the allocator's loss.
const FLOOR: usize = 19 << 20;

/// The process may grow by this much before the allocator is asked to give freed pages back.
const GROWTH: usize = 2 << 20;

/// What a batch of chunks may become between two looks: its segments.
pub(super) const BURST: usize = 16 * CHUNK;

/// By how much the resident size of two equal processes may differ before they have begun.
const JITTER: u64 = 1 << 20;

/// No limit that is not asked for leaves more beside what is resident.
const MOST_BY_DEFAULT: u64 = 2 << 30;

/// The limit, and what follows from it.
#[derive(Debug)]
pub(super) struct Memory {
    limit: usize,
    /// What the shares of bank and seeds are taken from.
    shared_out: usize,
    margin: usize,
    in_flight: usize,
    threads: usize,
    /// Resident size when freed pages were last given back.
    trimmed: AtomicUsize,
}

impl Memory {
    /// Plans for at most `threads` threads and segments of at most `cap` codes. Where memory is short there will be fewer
    /// threads, and less in flight.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] when the limit cannot hold even one thread and the least in flight.
    pub(super) fn plan(options: &Options, threads: usize, cap: usize) -> Result<Memory> {
        Memory::plan_beside(resident().unwrap_or(0), options, threads, cap)
    }

    /// As [`Memory::plan`], where `before` bytes are resident already.
    fn plan_beside(before: usize, options: &Options, threads: usize, cap: usize) -> Result<Memory> {
        let share = options.memory_limit.unwrap_or_else(default_share);
        // A limit that nobody asked for is not used up by what the program has in memory for other reasons.
        let limit = if options.memory_limit.is_some() { share } else { share + before as u64 };
        let bytes = usize::try_from(limit).unwrap_or(usize::MAX);
        let least_in_flight = cap + 4 * CHUNK;
        let parsing = if options.level == Level::Smallest { PARSER } else { 0 };
        let tools = TOOLS + WORK_MEMORY + parsing + SEGMENT_BUFFERS * cap;
        let case = if options.keep_case { CASE } else { 0 };
        let needed = |threads: usize| before + threads * tools + case + 2 * least_in_flight + FLOOR;
        if needed(1) > bytes {
            return Err(Error::MemoryLimit {
                limit,
                // The next process will not have the same number of pages resident.
                needed: (needed(1) as u64 + JITTER).next_multiple_of(1_000_000),
                reason: format!("{} are in use already; the rest is the least that a build takes", size(before as u64)),
            });
        }
        // Further threads have to leave room for bank and seeds, half of what those may grow to at least.
        let growth = (bytes / 4).saturating_sub(FLOOR);
        let threads = (1..=threads).rev().find(|&threads| needed(threads) + growth <= bytes).unwrap_or(1);
        let wanted = cap + CHUNK * (CHUNKS_A_THREAD * threads + CHUNKS_BESIDE);
        Ok(Memory {
            limit: bytes,
            shared_out: usize::try_from(share).unwrap_or(usize::MAX),
            margin: (bytes / 16).clamp(3 << 20, 64 << 20),
            in_flight: wanted.min((bytes - needed(threads)) / 4 + least_in_flight),
            threads,
            trimmed: AtomicUsize::new(before),
        })
    }

    #[cfg(test)]
    pub(super) fn with_in_flight(self, in_flight: Option<usize>) -> Memory {
        Memory { in_flight: in_flight.unwrap_or(self.in_flight), ..self }
    }

    /// Bytes for references as the mapper sees them, and for seeds: a third and a sixth of the limit. It is the one thing
    /// that the limit decides: a collection with more distinct sequence than the first holds at two bits a base is
    /// compared with part of it only, and where the second is full fewer k-mers are seeds.
    pub(super) fn atlas(&self) -> (usize, usize) {
        (self.shared_out / 3, self.shared_out / 6)
    }

    /// Threads that there is memory for.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The limit in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of codes that may be on their way from the parser to the end of encoding.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Looks at the process and sets what the store may keep in memory; how near to its limit the process is then.
    /// `shrink` makes the store keep to it.
    ///
    /// # Errors
    /// What `shrink` returns.
    pub(super) fn govern(&self, store: &SpillStore, shrink: impl FnOnce() -> Result<()>) -> Result<Pressure> {
        let Some(now) = resident() else {
            store.set_limit(RESIDENT.min(self.limit / 4));
            return Ok(Pressure::None);
        };
        // Freed pages are asked for only when the process has grown: asking costs a walk over the allocator's lists.
        let now = if now > self.trimmed.load(Ordering::Relaxed) + GROWTH { self.trim() } else { now };
        let others = now.saturating_sub(store.resident());
        store.set_limit(RESIDENT.min(self.limit.saturating_sub(others + self.margin + BURST)));
        if store.is_over() {
            shrink()?;
            self.trim();
        }
        Ok(match self.limit.saturating_sub(resident().unwrap_or(now)) {
            left if left < self.margin / 4 => Pressure::Over,
            left if left < self.margin + BURST => Pressure::Tight,
            _ => Pressure::None,
        })
    }

    /// Gives freed pages back; the resident size behind that.
    pub(super) fn trim(&self) -> usize {
        return_free_memory();
        let now = resident().unwrap_or(0);
        self.trimmed.store(now, Ordering::Relaxed);
        now
    }

    /// Why the build cannot go on, when all that was in flight is done and the process still is at its limit.
    pub(super) fn exceeded(&self) -> Error {
        let now = resident().unwrap_or(0);
        Error::MemoryLimit {
            limit: self.limit as u64,
            needed: (now + self.margin) as u64,
            reason: format!("the process holds {}, all of it needed to go on", size(now as u64)),
        }
    }
}

/// How near to its limit the process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressure {
    None,
    /// What comes between two looks might be too much while as much is in flight as was planned.
    Tight,
    /// At the limit.
    Over,
}

/// Makes the allocator give large buffers back as soon as they are freed, where it can be told to. It otherwise learns
/// to keep them, and the process holds up to twice what it uses.
pub fn keep_memory_low() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt only sets parameters of the allocator, under the allocator's own lock.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10);
        libc::mallopt(libc::M_ARENA_MAX, 4);
    }
}

/// The limit where none is given: what the process has resident already, and half of what the machine, control groups
/// and the limits of the process leave free; at most 2 GiB.
pub fn default_limit() -> u64 {
    default_share() + resident().unwrap_or(0) as u64
}

/// What a build may take beside what the process has resident already.
fn default_share() -> u64 {
    machine::free().map_or(MOST_BY_DEFAULT, |free| (free / 2).min(MOST_BY_DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: usize = 120_000;
    const MIB: usize = 1 << 20;

    fn plan(before: usize, limit: Option<u64>, threads: usize, options: &Options) -> Result<Memory> {
        Memory::plan_beside(before, &Options { memory_limit: limit, ..options.clone() }, threads, CAP)
    }

    #[test]
    fn a_limit_that_cannot_do_names_the_least_that_can_whatever_the_number_of_threads() {
        for (level, keep_case) in [(Level::Balanced, false), (Level::Balanced, true), (Level::Smallest, true)] {
            let options = Options { level, keep_case, ..Options::default() };
            for threads in [1, 2, 32, 1024] {
                let refused = plan(15 * MIB, Some(1 << 20), threads, &options);
                let Err(Error::MemoryLimit { needed, .. }) = refused else { panic!("1 MiB was accepted") };
                assert!(needed.is_multiple_of(1_000_000));
                assert!(plan(15 * MIB, Some(needed - 1_000_000 - JITTER), threads, &options).is_err());
                assert_eq!(plan(15 * MIB, Some(needed - JITTER), threads, &options).unwrap().threads(), 1);
            }
        }
    }

    #[test]
    fn fewer_threads_and_less_in_flight_come_before_failure() {
        let options = Options::default();
        let planned = |limit, threads| plan(15 * MIB, Some(limit), threads, &options).unwrap();
        let mut last = (0, 0);
        for limit in (44..400).step_by(4).map(|mb| mb * 1_000_000) {
            let plan = planned(limit, 64);
            assert!(plan.threads() >= last.0, "{limit}");
            if plan.threads() == last.0 {
                assert!(plan.in_flight() >= last.1, "{limit}");
            }
            last = (plan.threads(), plan.in_flight());
        }
        assert_eq!(planned(400_000_000, 64).threads(), 64);
        assert_eq!(planned(256_000_000, 8).threads(), 8);
        assert_eq!(planned(42_000_000, 2).threads(), 1);
        // Where there is room, a batch and some chunks for each thread.
        assert_eq!(planned(2 << 30, 8).in_flight(), CAP + CHUNK * (6 * 8 + 18));
    }

    #[test]
    fn what_is_resident_already_does_not_use_up_a_limit_that_nobody_asked_for() {
        let share = usize::try_from(default_share()).unwrap();
        let options = Options::default();
        for before in [0, 15 * MIB, 5 << 30] {
            let plan = plan(before, None, 4, &options).unwrap();
            // What the machine has free goes up and down meanwhile.
            assert!(plan.limit().abs_diff(before + share) < share / 2);
            assert_eq!(plan.limit() - before, plan.shared_out);
            assert_eq!(plan.atlas(), (plan.shared_out / 3, plan.shared_out / 6));
        }
        assert!(plan(5 << 30, Some(2 << 30), 4, &options).is_err(), "one that was asked for is for all");
        assert!(default_limit() as usize >= share / 2 + resident().unwrap_or(0) / 2);
    }

    #[test]
    fn under_pressure_the_store_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let store = SpillStore::new(folder.path(), RESIDENT);
        let mut blob = store.put(&vec![7; 1 << 20]).unwrap();
        let now = resident().unwrap_or(0);
        let limit = now + (1 << 20);
        let trimmed = AtomicUsize::new(now);
        let tight = Memory { limit, shared_out: limit, margin: 2 << 20, in_flight: 0, threads: 1, trimmed };
        let mut shrunk = false;
        let _ = tight.govern(&store, || {
            shrunk = true;
            store.demote(&mut blob).map(|_| ())
        });
        assert!(shrunk || resident().is_none());
        assert!(store.resident() == 0 || resident().is_none());
    }
}
