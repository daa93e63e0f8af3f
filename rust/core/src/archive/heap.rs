//! Giving freed memory back to the system while an archive is read.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::resident::{resident, return_free_memory};

/// Bytes that are decoded, at least, between two looks: to give memory back takes the allocator some time.
const STEP: u64 = 4 << 20;

/// Looks after the heap: what threads free stays with the allocator, for each of them, and nothing else would bound it.
pub(super) struct Heap {
    limit: u64,
    /// Resident size before anything was read.
    before: u64,
    since: AtomicU64,
}

impl Heap {
    /// For an archive that may take `limit` bytes.
    pub(super) fn new(limit: u64) -> Heap {
        Heap { limit, before: resident().unwrap_or(0) as u64, since: AtomicU64::new(0) }
    }

    /// Notes that so many bytes are being decoded. Now and then it is looked whether memory should be given back.
    pub(super) fn decoded(&self, bytes: u64) {
        let since = self.since.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if since < STEP.max(self.limit / 16) || self.since.swap(0, Ordering::Relaxed) < STEP {
            return;
        }
        if resident().is_some_and(|now| now as u64 > self.before + self.limit / 4 * 3) {
            return_free_memory();
        }
    }
}
