//! One row of the collection: where a segment of a contig is stored.

/// A segment's place, strand and length, in twelve bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Group number.
    pub group: u32,
    /// Position in the group; 0 is the reference (but not in a raw group).
    pub number: u32,
    length_and_strand: u32,
}

impl Segment {
    /// Longest segment, in codes.
    pub const MAX_LENGTH: u32 = (1 << 31) - 1;

    /// `length` counts codes, the overlap with the segment before included; it must not exceed [`Segment::MAX_LENGTH`].
    pub fn new(group: u32, number: u32, length: u32, reversed: bool) -> Segment {
        debug_assert!(length <= Self::MAX_LENGTH);
        Segment { group, number, length_and_strand: length << 1 | u32::from(reversed) }
    }

    /// Codes of the segment.
    pub fn length(self) -> u32 {
        self.length_and_strand >> 1
    }

    /// Whether it is stored reverse-complemented.
    pub fn reversed(self) -> bool {
        self.length_and_strand & 1 == 1
    }
}
