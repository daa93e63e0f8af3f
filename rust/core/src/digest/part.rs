//! Digests of a batch of samples: an entry for each contig, in order, whose size follows from the contig's length; and
//! a checksum of them and of the contigs' headers. Nothing is compressed: digests cannot be.

use super::{Digests, MD5, Rule, WHOLE};
use crate::error::{Error, Result};
use crate::layout::crc32;

/// Bytes that a part may have, of those of the archive's other parts.
const MOST: usize = 1 << 30;

/// Bytes of the checksum.
const CHECKSUM: usize = 4;

/// What is stored of a contig's digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    bytes: [u8; WHOLE],
    width: u8,
    /// The MD5, if it is stored.
    pub md5: Option<[u8; MD5]>,
}

impl Entry {
    /// The first bytes of the digest.
    pub fn prefix(&self) -> &[u8] {
        &self.bytes[..usize::from(self.width)]
    }

    /// The digest, if it is stored whole.
    pub fn whole(&self) -> Option<[u8; WHOLE]> {
        (usize::from(self.width) == WHOLE).then_some(self.bytes)
    }

    /// Whether these are the digests of the same sequence, as far as the entry tells.
    pub fn matches(&self, found: &Digests) -> bool {
        let md5 = self.md5.is_none() || found.md5.is_none() || self.md5 == found.md5;
        found.digest.starts_with(self.prefix()) && md5
    }
}

/// A checksum of the headers of a part's contigs, and of which of them are one sample's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headers(u32);

impl Headers {
    /// Adds the next contig.
    pub fn contig(&mut self, header: &[u8]) {
        self.add(header, b"\n");
    }

    /// Ends a sample.
    pub fn end_sample(&mut self) {
        self.add(b"", b"\0");
    }

    fn add(&mut self, header: &[u8], end: &[u8]) {
        self.0 = crc32(&[&self.0.to_le_bytes(), header, end].concat());
    }
}

fn wrong<T>(what: &str) -> Result<T> {
    Err(Error::corrupt(format!("the digests of a batch of samples {what}")))
}

/// The checksum of a part.
fn checksum(content: &[u8], headers: Headers) -> [u8; 4] {
    crc32(&[&crc32(content).to_le_bytes(), &headers.0.to_le_bytes()[..]].concat()).to_le_bytes()
}

/// Whether a payload has the checksum of a part for contigs of these headers.
pub fn is_part(payload: &[u8], headers: Headers) -> bool {
    payload.split_last_chunk::<4>().is_some_and(|(content, &crc)| checksum(content, headers) == crc)
}

/// Fills a part.
#[derive(Debug, Default)]
pub struct PartWriter {
    content: Vec<u8>,
    contigs: u64,
    /// Of the contigs that have begun.
    pub headers: Headers,
}

impl PartWriter {
    /// Adds the next contig.
    ///
    /// # Errors
    /// [`Error::Parameter`] when the part would be too large.
    pub fn push(&mut self, rule: Rule, found: &Digests) -> Result<()> {
        if self.content.len() > MOST - WHOLE - MD5 {
            let message = "the digests of a batch of samples exceed 1 GiB; use a smaller batch size";
            return Err(Error::Parameter(message.into()));
        }
        self.content.extend_from_slice(&found.digest[..rule.width(found.length)]);
        self.content.extend(found.md5.iter().flatten());
        self.contigs += 1;
        Ok(())
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.content.capacity()
    }

    /// Ends the part: its metadata, which is the number of contigs, and its payload.
    pub fn take(&mut self) -> (u64, Vec<u8>) {
        let PartWriter { mut content, contigs, headers } = std::mem::take(self);
        content.extend(checksum(&content, headers));
        (contigs, content)
    }
}

/// A part that was checked.
#[derive(Debug)]
pub struct Part {
    content: Vec<u8>,
    /// Where each entry begins.
    starts: Vec<u32>,
    rule: Rule,
    headers: Headers,
}

impl Part {
    /// Checks a part for contigs of these lengths and headers.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its checksum is another, or its size.
    pub fn decode(contigs: u64, payload: Vec<u8>, rule: Rule, lengths: &[u64], headers: Headers) -> Result<Part> {
        match payload.split_last_chunk::<4>() {
            Some((content, &crc)) if checksum(content, headers) != crc => {
                wrong("have another checksum, or the headers of its contigs are not what they were")
            }
            _ => Ok(Part { headers, ..Part::decode_unchecked(contigs, payload, rule, lengths)? }),
        }
    }

    /// As [`Part::decode`], whatever the checksum is: an entry that agrees with a contig's sequence proves it all the same.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when its size is another.
    pub fn decode_unchecked(contigs: u64, mut payload: Vec<u8>, rule: Rule, lengths: &[u64]) -> Result<Part> {
        let Some(size) = payload.len().checked_sub(CHECKSUM) else {
            return wrong("are cut short");
        };
        payload.truncate(size);
        let mut starts = Vec::with_capacity(lengths.len());
        let mut at = 0u64;
        for &length in lengths {
            // What does not fit is not looked up.
            starts.push(at as u32);
            at += rule.entry(length) as u64;
        }
        if contigs != lengths.len() as u64 || at != payload.len() as u64 || u32::try_from(at).is_err() {
            return wrong("are not those of its contigs");
        }
        Ok(Part { content: payload, starts, rule, headers: Headers::default() })
    }

    /// Goes on from the part.
    pub fn resume(&self) -> PartWriter {
        PartWriter { content: self.content.clone(), contigs: self.starts.len() as u64, headers: self.headers }
    }

    /// The entry of a contig by its number among those of the part; none if there is no such contig.
    pub fn entry(&self, contig: usize) -> Option<Entry> {
        let start = *self.starts.get(contig)? as usize;
        let end = self.starts.get(contig + 1).map_or(self.content.len(), |&end| end as usize);
        let (prefix, md5) = self.content.get(start..end)?.split_at_checked(end - start - self.rule.md5_bytes())?;
        let mut bytes = [0; WHOLE];
        bytes.get_mut(..prefix.len())?.copy_from_slice(prefix);
        Some(Entry { bytes, width: prefix.len() as u8, md5: md5.try_into().ok() })
    }

    /// The entries of some contigs alone, by their numbers among those of the part.
    ///
    /// # Panics
    /// If there are no such contigs.
    pub fn only(&self, contigs: std::ops::Range<usize>) -> Part {
        let start = |contig: usize| self.starts.get(contig).map_or(self.content.len(), |&start| start as usize);
        let (first, end) = (start(contigs.start), start(contigs.end));
        Part {
            content: self.content[first..end].to_vec(),
            starts: self.starts[contigs].iter().map(|&start| start - first as u32).collect(),
            rule: self.rule,
            headers: Headers::default(),
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.content.capacity() + size_of_val(&self.starts[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digests(seed: u8, length: u64, md5: bool) -> Digests {
        let bytes = std::array::from_fn(|i| seed.wrapping_mul(i as u8 + 3));
        Digests { digest: bytes, md5: md5.then_some([seed; MD5]), length }
    }

    proptest! {
        #[test]
        fn round_trip(
            contigs in proptest::collection::vec((any::<u8>(), prop_oneof![0u64..1000, 262_000u64..263_000]), 0..20),
            md5: bool,
            full: bool,
            cut: prop::sample::Index,
            damage: (prop::sample::Index, u8),
        ) {
            let rule = if full { Rule::full(md5) } else { Rule::auto(md5) };
            let lengths: Vec<u64> = contigs.iter().map(|&(_, length)| length).collect();
            let cut = cut.index(contigs.len() + 1);
            let headers = |count: usize| {
                let mut headers = Headers::default();
                contigs[..count].iter().for_each(|&(seed, _)| headers.contig(&[seed]));
                headers
            };
            let mut writer = PartWriter::default();
            for (i, &(seed, length)) in contigs.iter().enumerate() {
                if i == cut {
                    let (count, payload) = writer.take();
                    writer = Part::decode(count, payload, rule, &lengths[..cut], headers(cut)).unwrap().resume();
                }
                writer.headers.contig(&[seed]);
                writer.push(rule, &digests(seed, length, md5)).unwrap();
            }
            let (count, payload) = writer.take();
            let all = headers(contigs.len());
            let part = Part::decode(count, payload.clone(), rule, &lengths, all).unwrap();
            for (i, &(seed, length)) in contigs.iter().enumerate() {
                let entry = part.entry(i).unwrap();
                prop_assert_eq!(entry.prefix().len(), if full || length >= 262_144 { 24 } else { 4 });
                prop_assert!(entry.matches(&digests(seed, length, md5)));
                prop_assert!(entry.matches(&digests(seed, length, false)));
                prop_assert!(!entry.matches(&digests(seed.wrapping_add(1), length, md5)));
                prop_assert_eq!(entry.md5.is_some(), md5);
            }
            prop_assert!(part.entry(contigs.len()).is_none());
            let some = part.only(cut..contigs.len());
            for i in 0..=contigs.len() - cut {
                prop_assert_eq!(some.entry(i), part.entry(cut + i));
            }
            prop_assert!(Part::decode(count + 1, payload.clone(), rule, &lengths, all).is_err());
            let mut others = all;
            others.end_sample();
            prop_assert!(Part::decode(count, payload.clone(), rule, &lengths, others).is_err());
            let mut damaged = payload.clone();
            damaged[damage.0.index(payload.len())] ^= damage.1.max(1);
            prop_assert!(Part::decode(count, damaged, rule, &lengths, all).is_err());
        }
    }
}
