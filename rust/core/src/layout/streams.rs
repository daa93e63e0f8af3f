//! Stream names (FORMAT 3.1, 3.2, 9).

/// Sample names.
pub const COLLECTION_SAMPLES: &str = "collection-samples";
/// Contig names, one part per batch (format 3).
pub const COLLECTION_CONTIGS: &str = "collection-contigs";
/// Segment rows, one part per batch (formats 2 and 3, different contents).
pub const COLLECTION_DETAILS: &str = "collection-details";
/// The whole collection of format 1.
pub const COLLECTION_DESC: &str = "collection-desc";
/// Samples and contigs of format 2.
pub const COLLECTION_MAIN: &str = "collection-main";
/// k, min_match, pack cardinality, segment size.
pub const PARAMS: &str = "params";
/// Splitter k-mers.
pub const SPLITTERS: &str = "splitters";
/// Keys of groups.
pub const SEGMENT_SPLITTERS: &str = "segment-splitters";
/// Version and producer.
pub const FILE_TYPE_INFO: &str = "file_type_info";

/// Groups below this number are raw: no reference, members stored as plain codes.
pub const RAW_GROUPS: u32 = 16;

const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_#";

/// What a stream of a group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamKind {
    /// The group's reference.
    Reference,
    /// Its packs of deltas (of plain members in a raw group).
    Deltas,
}

/// A stream that belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupStream {
    /// Group number.
    pub group: u32,
    /// Which of its two streams.
    pub kind: StreamKind,
}

impl GroupStream {
    /// Name in format 3: `x`, the number in base 64 (least significant digit first), `r` or `d`.
    pub fn name(self) -> Vec<u8> {
        let mut name = vec![b'x'];
        let mut rest = self.group;
        loop {
            name.push(DIGITS[(rest & 63) as usize]);
            rest >>= 6;
            if rest == 0 {
                break;
            }
        }
        name.push(match self.kind {
            StreamKind::Reference => b'r',
            StreamKind::Deltas => b'd',
        });
        name
    }

    /// Which group's stream a name is, in format 3 or in formats 1 and 2; `None` for all other streams.
    pub fn parse(name: &[u8], format: u32) -> Option<GroupStream> {
        let (digits, kind, base) = if format >= 3 {
            let (&last, rest) = name.split_last()?;
            let kind = match last {
                b'r' => StreamKind::Reference,
                b'd' => StreamKind::Deltas,
                _ => return None,
            };
            (rest.strip_prefix(b"x")?, kind, 64)
        } else {
            let rest = name.strip_prefix(b"seg-")?;
            match rest.strip_suffix(b"-ref") {
                Some(digits) => (digits, StreamKind::Reference, 10),
                None => (rest.strip_suffix(b"-delta")?, StreamKind::Deltas, 10),
            }
        };
        if digits.is_empty() || digits.len() > 10 {
            return None;
        }
        let mut group = 0u64;
        let mut add = |digit: &u8| {
            let value = DIGITS.iter().position(|d| d == digit).filter(|&v| v < base)?;
            group = group * base as u64 + value as u64;
            Some(())
        };
        if base == 64 {
            digits.iter().rev().try_for_each(&mut add)?
        } else {
            digits.iter().try_for_each(&mut add)?
        }
        let group = GroupStream { group: u32::try_from(group).ok()?, kind };
        // Only the canonical spelling names a group: `x00d` is a foreign stream, not group 0.
        (format < 3 || group.name() == name).then_some(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(group: u32) -> String {
        String::from_utf8(GroupStream { group, kind: StreamKind::Deltas }.name()).unwrap()
    }

    #[test]
    fn vectors_of_the_format() {
        let vectors = [
            (0, "0"),
            (9, "9"),
            (10, "A"),
            (15, "F"),
            (16, "G"),
            (35, "Z"),
            (36, "a"),
            (61, "z"),
            (62, "_"),
            (63, "#"),
            (64, "01"),
            (65, "11"),
            (100, "a1"),
            (4095, "##"),
            (4096, "001"),
        ];
        for (group, text) in vectors {
            assert_eq!(name(group), format!("x{text}d"));
        }
    }

    #[test]
    fn old_names_and_foreign_names() {
        let delta = GroupStream { group: 17, kind: StreamKind::Deltas };
        assert_eq!(GroupStream::parse(b"seg-17-delta", 1), Some(delta));
        assert_eq!(GroupStream::parse(b"seg-17-ref", 2).map(|s| s.kind), Some(StreamKind::Reference));
        for foreign in ["xr", "x00d", "x-d", "params", "x0", "seg-1-ref", "x########d", ""] {
            assert_eq!(GroupStream::parse(foreign.as_bytes(), 3), None, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(group: u32, reference: bool) {
            let kind = if reference { StreamKind::Reference } else { StreamKind::Deltas };
            let stream = GroupStream { group, kind };
            prop_assert_eq!(GroupStream::parse(&stream.name(), 3), Some(stream));
        }
    }
}
