//! All references, one behind another, at two bits a code: what the mapper compares with.

use super::packed::Packed;
use crate::build::kmer::{Kmer, RollingKmer};
use crate::error::Result;
use crate::stop::go_on;

/// References between two looks whether work is still wanted.
const LISTENED: usize = 64;

/// References by position: each begins where the one before ends.
#[derive(Debug, Default)]
pub(in super::super) struct Bank {
    pub(super) codes: Packed,
    /// Behind the last code of each.
    ends: Vec<u64>,
}

impl Bank {
    /// Number of references.
    pub(in super::super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Codes of all references.
    pub(in super::super) fn bases(&self) -> u64 {
        self.codes.len() as u64
    }

    /// Codes of a reference.
    pub(in super::super) fn length(&self, reference: usize) -> usize {
        let (start, end) = self.bounds(reference);
        end - start
    }

    /// Gives `each` the canonical k-mers of all references but their first and last ones, if they pass `wanted`.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) when they are not wanted any more.
    pub(in super::super) fn each_inner_kmer(
        &self,
        k: u32,
        wanted: impl Fn(u64) -> bool,
        mut each: impl FnMut(u64),
    ) -> Result<()> {
        let mut codes = Vec::new();
        for reference in 0..self.len() {
            go_on()?;
            let (start, end) = self.bounds(reference);
            self.codes.unpack(start + 1..end.max(start + 2) - 1, &mut codes);
            RollingKmer::new(k).scan(&codes, &wanted, |_, kmer| each(kmer.value));
            if reference.is_multiple_of(LISTENED) {
                go_on()?;
            }
        }
        Ok(())
    }

    /// Bytes held.
    pub(in super::super) fn memory(&self) -> usize {
        self.codes.memory() + self.ends.capacity() * 8
    }

    /// Adds a reference. Codes from 4 on are not kept as such: mapping is coarse, encoding looks at the codes themselves.
    pub(in super::super) fn push(&mut self, codes: &[u8]) {
        self.codes.extend(codes);
        self.ends.push(self.codes.len() as u64);
    }

    /// The canonical k-mer at a position, left-aligned as in the format.
    #[inline]
    pub(super) fn kmer(&self, position: usize, k: u32) -> Kmer {
        self.codes.kmer(position, k)
    }

    /// First position of a reference, and the one behind its last.
    #[inline]
    pub(super) fn bounds(&self, reference: usize) -> (usize, usize) {
        let start = if reference == 0 { 0 } else { self.ends[reference - 1] };
        (start as usize, self.ends[reference] as usize)
    }

    /// The reference that holds a position.
    #[inline]
    pub(super) fn find(&self, position: usize) -> usize {
        self.ends.partition_point(|&end| end <= position as u64)
    }
}
