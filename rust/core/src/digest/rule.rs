//! Which digests an archive stores, and how much of each: content of the stream's header.

use super::{MD5, WHOLE};
use crate::error::{Error, Result};
use crate::varint::{push_varint, take_varint};

/// Bases from which on a contig's digest is stored whole by default: 24 bytes are much beside a short contig.
const LONG: u64 = 256 << 10;

/// Bytes that are stored of shorter contigs' digests: one change in four billion is not noticed.
const SHORT_WIDTH: u8 = 4;

/// What is stored for each contig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Contigs of so many bases and more have the whole digest.
    threshold: u64,
    /// Bytes that the others have of it, 1 to 24.
    width: u8,
    /// Whether all have an MD5 too.
    md5: bool,
}

impl Rule {
    /// Whole digests of long contigs, and the first bytes of the others.
    pub fn auto(md5: bool) -> Rule {
        Rule { threshold: LONG, width: SHORT_WIDTH, md5 }
    }

    /// Whole digests of all contigs.
    pub fn full(md5: bool) -> Rule {
        Rule { threshold: 0, width: WHOLE as u8, md5 }
    }

    /// The rules that archives have.
    pub fn usual() -> [Rule; 4] {
        [Rule::auto(false), Rule::full(false), Rule::auto(true), Rule::full(true)]
    }

    /// Whether there are MD5s.
    pub fn md5(&self) -> bool {
        self.md5
    }

    /// Whether all contigs have whole digests.
    pub fn is_full(&self) -> bool {
        self.threshold == 0 || usize::from(self.width) == WHOLE
    }

    /// Bytes of the digest of a contig of `length` bases.
    pub fn width(&self, length: u64) -> usize {
        if length >= self.threshold { WHOLE } else { usize::from(self.width) }
    }

    /// Bytes of all that is stored for a contig of `length` bases.
    pub fn entry(&self, length: u64) -> usize {
        self.width(length) + self.md5_bytes()
    }

    /// Bytes of a contig's MD5.
    pub(super) fn md5_bytes(&self) -> usize {
        if self.md5 { MD5 } else { 0 }
    }

    /// Content of the header: the rule, and the first sample whose contigs have digests.
    pub fn encode(&self, first: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for value in [first as u64, self.threshold, u64::from(self.width), u64::from(self.md5)] {
            push_varint(value, &mut out);
        }
        out
    }

    /// Reads the content of a header.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is no rule, or the first sample is beyond `samples`.
    pub fn decode(mut content: &[u8], samples: usize) -> Result<(Rule, usize)> {
        let mut next = || take_varint(&mut content);
        let (first, threshold, width, md5) = (next()?, next()?, next()?, next()?);
        if first > samples as u64 || !(1..=WHOLE as u64).contains(&width) || md5 > 1 || !content.is_empty() {
            return Err(Error::corrupt("the header tells of digests that there cannot be"));
        }
        Ok((Rule { threshold, width: width as u8, md5: md5 == 1 }, first as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(threshold: u64, width in 1u8..=24, md5: bool, first in 0usize..100, beyond in 0usize..3) {
            let rule = Rule { threshold, width, md5 };
            prop_assert_eq!(Rule::decode(&rule.encode(first), first + beyond).unwrap(), (rule, first));
            prop_assert!(first == 0 || Rule::decode(&rule.encode(first), first - 1).is_err());
        }

        #[test]
        fn garbage_never_panics(content: Vec<u8>) {
            let _ = Rule::decode(&content, 7);
        }
    }
}
