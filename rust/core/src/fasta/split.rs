//! Which sample a record belongs to, where one file holds many.

use super::first_word_range;
use crate::error::{Error, Result};

/// What of a record's name is the name of its sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// All of its first word, as `-c` of C++ AGC has it.
    Record,
    /// `sample#haplotype` of a PanSN name `sample#haplotype#contig`: an assembly.
    Haplotype,
    /// `sample` of a PanSN name: an individual with all its haplotypes.
    Individual,
}

impl Split {
    /// All ways, by the names that users know them by.
    pub const ALL: [(&str, Split); 3] =
        [("record", Split::Record), ("pansn", Split::Haplotype), ("pansn:sample", Split::Individual)];

    /// The sample that a record with this header belongs to.
    ///
    /// # Errors
    /// [`Error::Parameter`] when the name should be a PanSN name and is not.
    pub fn sample(self, header: &str) -> Result<&str> {
        let name = &header[first_word_range(header.as_bytes())];
        if self == Split::Record {
            return Ok(name);
        }
        let mut parts = name.splitn(3, '#');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(sample), Some(haplotype), Some(contig))
                if !sample.is_empty() && !haplotype.is_empty() && !contig.is_empty() =>
            {
                let length = if self == Split::Individual { sample.len() } else { sample.len() + 1 + haplotype.len() };
                Ok(&name[..length])
            }
            _ => Err(Error::Parameter("the name is not of the form sample#haplotype#contig (PanSN)".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples() {
        for (header, record, haplotype, individual) in [
            ("HG002#1#chr1 x y", "HG002#1#chr1", Some("HG002#1"), "HG002"),
            ("HG002#1#chr1#0\tx", "HG002#1#chr1#0", Some("HG002#1"), "HG002"),
            ("a#b#c", "a#b#c", Some("a#b"), "a"),
            ("GRCh38#chr1", "GRCh38#chr1", None, ""),
            ("chr1 a#b#c", "chr1", None, ""),
            (" \tHG002#1#chr1 x", "HG002#1#chr1", Some("HG002#1"), "HG002"),
            ("#1#c", "#1#c", None, ""),
            ("a##c", "a##c", None, ""),
            ("a#1#", "a#1#", None, ""),
        ] {
            assert_eq!(Split::Record.sample(header).unwrap(), record);
            assert_eq!(Split::Haplotype.sample(header).ok(), haplotype, "{header}");
            assert_eq!(Split::Individual.sample(header).ok(), haplotype.map(|_| individual), "{header}");
        }
    }
}
