//! What a build did.

/// Counts of a finished build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Samples in the archive.
    pub samples: u64,
    /// Contigs in the archive.
    pub contigs: u64,
    /// Bases of all contigs.
    pub bases: u64,
    /// Segments.
    pub segments: u64,
    /// Groups, raw ones left out.
    pub groups: u64,
    /// Size of the archive in bytes.
    pub archive_bytes: u64,
}
