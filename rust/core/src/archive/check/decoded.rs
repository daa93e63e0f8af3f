//! Which references were decoded for a contig already: they need not be decoded once more.

use std::sync::atomic::{AtomicU64, Ordering};

/// A bit for each group.
pub(super) struct Decoded {
    words: Vec<AtomicU64>,
}

impl Decoded {
    /// None of so many groups.
    pub(super) fn new(groups: usize) -> Decoded {
        Decoded { words: (0..groups.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Notes that the reference of a group was decoded.
    pub(super) fn note(&self, group: u32) {
        if let Some(word) = self.words.get(group as usize / 64) {
            word.fetch_or(1 << (group % 64), Ordering::Relaxed);
        }
    }

    /// Whether it was.
    pub(super) fn has(&self, group: u32) -> bool {
        let word = self.words.get(group as usize / 64);
        word.is_some_and(|word| word.load(Ordering::Relaxed) >> (group % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_there_and_nothing_else() {
        let decoded = Decoded::new(130);
        for group in [0, 63, 64, 129] {
            assert!(!decoded.has(group));
            decoded.note(group);
            assert!(decoded.has(group));
        }
        assert!(!decoded.has(1) && !decoded.has(128));
        decoded.note(10_000);
        assert!(!decoded.has(10_000));
    }
}
