//! Where along the first sample bytes were spent: a group is at home where that sample uses it first.

use super::sample::Sample;
use crate::collection::Segment;
use crate::error::Result;

/// How finely [`Usage::along`](super::Usage::along) tells things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Cells along the first sample, at most.
    pub cells: u32,
    /// Rows of samples, at most.
    pub rows: u32,
}

/// What was spent along the first sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Along {
    /// Bases of the first sample in each cell, in order. A cell is one segment of it or several, never a part of one.
    pub cells: Vec<u64>,
    /// Samples in a row; in the last one there may be fewer.
    pub samples: u64,
    /// Samples in order, one a row or several.
    pub rows: Vec<AlongRow>,
}

/// What a run of samples spent along the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlongRow {
    /// Bytes for segments of groups that are at home in each cell, as [`SampleUsage`](super::SampleUsage) counts them.
    pub bytes: Vec<u64>,
    /// Segments of these groups.
    pub segments: Vec<u64>,
    /// Bytes for segments of groups that the first sample does not use.
    pub elsewhere_bytes: u64,
    /// Segments of those groups.
    pub elsewhere_segments: u64,
}

/// Where groups are at home, and what was spent so far.
pub(super) struct Strips {
    /// Cell of each group, up to the last one that has any.
    homes: Vec<Option<u32>>,
    along: Along,
}

impl Strips {
    /// Finds the homes of groups. `samples` is the number of all samples, `first` is the first of them.
    pub(super) fn new(first: &Sample, k: u32, samples: usize, detail: Detail) -> Result<Strips> {
        let (cells, rows) = (u64::from(detail.cells.max(1)), u64::from(detail.rows.max(1)));
        let bases = (0..first.len()).map(|contig| first.length(contig)).sum::<Result<u64>>()?;
        let run = (samples as u64).div_ceil(rows).max(1);
        let mut strips = Strips { homes: Vec::new(), along: Along { samples: run, ..Along::default() } };
        let (mut at, mut current) = (0, None);
        for contig in 0..first.len() {
            for (i, &segment) in first.segments(contig).iter().enumerate() {
                let own = u64::from(segment.length()).saturating_sub(if i == 0 { 0 } else { u64::from(k) });
                // The cell by the middle, so that a segment is in the one that holds most of it. At the end there may be
                // segments without codes of their own.
                let middle = u128::from((at + own / 2).min(bases.saturating_sub(1)));
                let cell = middle * u128::from(cells) / u128::from(bases.max(1));
                if current.replace(cell) != Some(cell) {
                    strips.along.cells.push(0);
                }
                strips.settle(segment);
                if let Some(last) = strips.along.cells.last_mut() {
                    *last += own;
                }
                at += own;
            }
        }
        Ok(strips)
    }

    /// Gives the group of a segment its home in the last cell, if it has none.
    fn settle(&mut self, segment: Segment) {
        let group = segment.group as usize;
        if self.homes.len() <= group {
            self.homes.resize(group + 1, None);
        }
        self.homes[group].get_or_insert(self.along.cells.len() as u32 - 1);
    }

    /// Begins the next sample, which is number `place`.
    pub(super) fn begin(&mut self, place: usize) {
        if (place as u64).is_multiple_of(self.along.samples) {
            let none = vec![0; self.along.cells.len()];
            self.along.rows.push(AlongRow { bytes: none.clone(), segments: none, ..AlongRow::default() });
        }
    }

    /// Counts a segment of the sample, and what was spent for it.
    pub(super) fn add(&mut self, segment: Segment, bytes: u64) {
        let home = self.homes.get(segment.group as usize).copied().flatten();
        let Some(row) = self.along.rows.last_mut() else { return };
        let (spent, segments) = match home {
            Some(cell) => (&mut row.bytes[cell as usize], &mut row.segments[cell as usize]),
            None => (&mut row.elsewhere_bytes, &mut row.elsewhere_segments),
        };
        *spent += bytes;
        *segments += 1;
    }

    pub(super) fn finish(self) -> Along {
        self.along
    }
}
