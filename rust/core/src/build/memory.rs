//! Keeping the process below its memory limit (docs/memory.md).
//!
//! What the builder needs beside references is small and bounded by construction; how much it really comes to, with the
//! interpreter, the allocator and everything else in the process, is measured, not guessed: before each chunk the
//! resident size of the process is looked at, and references may hold what is left. Only where bytes wait depends on
//! this, never what is written.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::chunk::CHUNK;
use super::options::{Level, Options};
use super::spill::SpillStore;
use crate::case;
use crate::error::{Error, Result, size};
use crate::fasta::WORK_MEMORY;

/// References in memory at most, also where there is more: behind that they are rarely missed.
const RESIDENT: usize = 8 << 20;

/// Chunks in flight for each thread, where memory allows.
const CHUNKS_A_THREAD: usize = 6;

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
const FLOOR: usize = 18 << 20;

/// The process may grow by this much before the allocator is asked to give freed pages back.
const GROWTH: usize = 2 << 20;

/// No limit that is not asked for is greater.
const MOST_BY_DEFAULT: u64 = 2 << 30;

/// The limit, and what follows from it.
#[derive(Debug)]
pub(super) struct Memory {
    limit: usize,
    margin: usize,
    in_flight: usize,
    /// Resident size when freed pages were last given back.
    trimmed: AtomicUsize,
}

impl Memory {
    /// Plans for `threads` threads and segments of at most `cap` codes.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] when the limit cannot hold even the least.
    pub(super) fn plan(options: &Options, threads: usize, cap: usize) -> Result<Memory> {
        let limit = options.memory_limit.unwrap_or_else(default_limit);
        let bytes = usize::try_from(limit).unwrap_or(usize::MAX);
        let least_in_flight = cap + 4 * CHUNK;
        let parsing = if options.level == Level::Smallest { PARSER } else { 0 };
        let tools = threads * (TOOLS + WORK_MEMORY + parsing + SEGMENT_BUFFERS * cap);
        let before = resident().unwrap_or(0);
        let case = if options.keep_case { CASE } else { 0 };
        let needed = before + tools + case + 2 * least_in_flight + FLOOR;
        if needed > bytes {
            return Err(Error::MemoryLimit {
                limit,
                needed: needed as u64,
                reason: format!("{} are in use already; the rest is for threads ({threads})", size(before as u64)),
            });
        }
        let wanted = cap + CHUNK * (CHUNKS_A_THREAD * threads + 2);
        Ok(Memory {
            limit: bytes,
            margin: (bytes / 16).clamp(2 << 20, 64 << 20),
            in_flight: wanted.min((bytes - needed) / 4 + least_in_flight),
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
        (self.limit / 3, self.limit / 6)
    }

    /// The limit in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of codes that may be on their way from the parser to the end of encoding.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Looks at the process and sets what the store may keep in memory. `shrink` makes the store keep to it.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] when the process is at its limit although the store holds nothing; what `shrink` returns.
    pub(super) fn govern(&self, store: &SpillStore, shrink: impl FnOnce() -> Result<()>) -> Result<()> {
        let Some(now) = resident() else {
            store.set_limit(RESIDENT.min(self.limit / 4));
            return Ok(());
        };
        // Freed pages are asked for only when the process has grown: asking costs a walk over the allocator's lists.
        let now = if now > self.trimmed.load(Ordering::Relaxed) + GROWTH {
            return_free_memory();
            let now = resident().unwrap_or(now);
            self.trimmed.store(now, Ordering::Relaxed);
            now
        } else {
            now
        };
        let others = now.saturating_sub(store.resident());
        store.set_limit(RESIDENT.min(self.limit.saturating_sub(others + self.margin)));
        if store.is_over() {
            shrink()?;
            return_free_memory();
        }
        let now = resident().unwrap_or(now);
        if now + self.margin / 4 > self.limit {
            return Err(Error::MemoryLimit {
                limit: self.limit as u64,
                needed: (now + self.margin) as u64,
                reason: format!("the process holds {}, all of it needed to go on", size(now as u64)),
            });
        }
        Ok(())
    }
}

/// Resident size of this process in bytes, where the system tells.
pub(super) fn resident() -> Option<usize> {
    #[cfg(target_os = "linux")]
    {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: usize = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(pages * page_size())
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}

#[cfg(target_os = "linux")]
fn page_size() -> usize {
    // SAFETY: sysconf reads a constant of the system and has no other effect.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// Asks the allocator to give freed pages back.
fn return_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim may be called at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
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

/// Half of what the machine, or the process's control group, has free; at most 2 GiB.
pub fn default_limit() -> u64 {
    let free = [machine_free(), group_free()].into_iter().flatten().min();
    free.map_or(MOST_BY_DEFAULT, |free| (free / 2).min(MOST_BY_DEFAULT))
}

fn machine_free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// What the control group (version 2) of this process may still take.
fn group_free() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let number = |file: &str| {
        let folder = std::path::Path::new("/sys/fs/cgroup").join(path);
        std::fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok()
    };
    // What the group holds of files is given back when memory is short.
    let folder = std::path::Path::new("/sys/fs/cgroup").join(path);
    let stat = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let files = stat.lines().find_map(|line| line.strip_prefix("file ")?.trim().parse::<u64>().ok()).unwrap_or(0);
    Some(number("memory.max")?.saturating_sub(number("memory.current")?.saturating_sub(files)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_cannot_do_names_one_that_can() {
        let plan = |memory_limit, keep_case| {
            Memory::plan(&Options { memory_limit, keep_case, ..Options::default() }, 2, 40_000)
        };
        let Err(Error::MemoryLimit { needed, .. }) = plan(Some(1 << 20), true) else { panic!("1 MiB was accepted") };
        assert!(plan(Some(needed + (8 << 20)), true).is_ok());
        assert!(plan(None, false).unwrap().in_flight() > 2 << 20);
    }

    #[test]
    fn under_pressure_the_store_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let store = SpillStore::new(folder.path(), RESIDENT);
        let mut blob = store.put(&vec![7; 1 << 20]).unwrap();
        let now = resident().unwrap_or(0);
        let tight = Memory { limit: now + (1 << 20), margin: 2 << 20, in_flight: 0, trimmed: AtomicUsize::new(now) };
        let mut shrunk = false;
        let _ = tight.govern(&store, || {
            shrunk = true;
            store.demote(&mut blob).map(|_| ())
        });
        assert!(shrunk || resident().is_none());
        assert!(store.resident() == 0 || resident().is_none());
    }
}
