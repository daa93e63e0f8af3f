//! What a build did, and what it took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Counts, times and peaks of a finished build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Samples that were added.
    pub samples: u64,
    /// Contigs that were added.
    pub contigs: u64,
    /// Bases of all contigs.
    pub bases: u64,
    /// Segments that those were cut into.
    pub segments: u64,
    /// Groups in the archive, raw ones left out.
    pub groups: u64,
    /// Size of the archive in bytes.
    pub archive_bytes: u64,
    /// Bytes of input text, decompressed; only of files.
    pub input_bytes: u64,
    /// Seconds of work by stage, summed over threads.
    pub seconds: Vec<(&'static str, f64)>,
    /// Seconds of waiting by stage, summed over threads: the parser for room and for the end, mapping and settling for
    /// each other, encoding for tasks, writing for the one writer.
    pub waited: Vec<(&'static str, f64)>,
    /// Seconds from the start to the end.
    pub elapsed: f64,
    /// Peak bytes by consumer of memory.
    pub peaks: Vec<(&'static str, u64)>,
    /// Bytes that went to the temporary file.
    pub spilled: u64,
    /// The limit that held.
    pub memory_limit: u64,
    /// Whether not all of the collection's distinct sequence was mapped to at full density: the limit was too small, or
    /// there is more of it than seeds have positions for, 2^32 bases.
    pub mapped_sparsely: bool,
    /// Samples, the first one left out, that share nearly nothing with those before them, in this archive.
    pub unrelated_samples: u64,
    /// Names of the first of them.
    pub unrelated: Vec<Box<[u8]>>,
}

/// A sum of times.
#[derive(Debug, Default)]
pub(super) struct Clock(AtomicU64);

impl Clock {
    /// Runs `work` and adds the time it took.
    pub(super) fn time<R>(&self, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        self.0.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        result
    }

    pub(super) fn seconds(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1e9
    }
}

/// The greatest of the values seen.
#[derive(Debug, Default)]
pub(super) struct Peak(AtomicU64);

impl Peak {
    pub(super) fn see(&self, value: usize) {
        self.0.fetch_max(value as u64, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
