//! Blocks: stretches that run along a diagonal of a reference.

/// A stretch that runs along a diagonal of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Block {
    /// First code in the stretch that was mapped, and the one behind the last.
    pub(in super::super) start: usize,
    pub(in super::super) end: usize,
    /// Number of the reference in the bank.
    pub(in super::super) reference: usize,
    /// Whether it runs along the other strand.
    pub(in super::super) reversed: bool,
    /// Lowest code of the reference that it runs along.
    pub(in super::super) position: usize,
    /// Tenths of a bit that it saves.
    pub(in super::super) gain: i64,
}

impl Block {
    pub(super) fn length(&self) -> usize {
        self.end - self.start
    }

    /// Whether both run along the same strand of the same reference.
    pub(super) fn along(&self, other: &Block) -> bool {
        self.reference == other.reference && self.reversed == other.reversed
    }

    /// What stays the same all along it; to be compared on one strand of one reference.
    pub(super) fn diagonal(&self) -> i64 {
        if self.reversed { (self.position + self.end) as i64 } else { self.position as i64 - self.start as i64 }
    }

    /// Takes codes off its end; their share of the gain goes with them.
    pub(super) fn shorten_end(&mut self, by: usize) {
        self.gain -= self.gain * by as i64 / self.length() as i64;
        self.end -= by;
        if self.reversed {
            self.position += by;
        }
    }

    /// Takes codes off its start.
    pub(super) fn shorten_start(&mut self, by: usize) {
        self.gain -= self.gain * by as i64 / self.length() as i64;
        self.start += by;
        if !self.reversed {
            self.position += by;
        }
    }
}
