//! Contigs of a sample by name: hashes that are looked through by halving, eight bytes a name.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::fasta::first_word;

/// Marks an entry for the first word of a header that has more words.
const WORD: u32 = 1 << 31;

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Find {
    /// Place of the contig in its sample.
    One(usize),
    /// No contig has this header or first word.
    None,
    /// Several contigs have this first word, and none the whole header.
    Several,
}

/// Hashes of headers and of first words, with the contigs that they belong to, sorted.
#[derive(Debug)]
pub(super) struct Names {
    entries: Box<[(u32, u32)]>,
}

impl Names {
    /// Of `contigs` contigs whose headers are given by place.
    pub(super) fn new<'a>(contigs: usize, header: impl Fn(usize) -> &'a [u8]) -> Names {
        let mut entries = Vec::with_capacity(contigs);
        for place in 0..contigs {
            let header = header(place);
            entries.push((hash(header), place as u32));
            let word = first_word(header);
            if word.len() < header.len() {
                entries.push((hash(word), place as u32 | WORD));
            }
        }
        // Of equal hashes, headers come before first words, and contigs in their order.
        entries.sort_unstable();
        Names { entries: entries.into() }
    }

    /// The contig with this header, the first of several; or the only one that begins with this word.
    pub(super) fn find<'a>(&self, name: &[u8], header: impl Fn(usize) -> &'a [u8]) -> Find {
        let wanted = hash(name);
        let first = self.entries.partition_point(|&(hash, _)| hash < wanted);
        let mut found = Find::None;
        for &(_, entry) in self.entries[first..].iter().take_while(|&&(hash, _)| hash == wanted) {
            let place = (entry & !WORD) as usize;
            if entry & WORD == 0 {
                if header(place) == name {
                    return Find::One(place);
                }
            } else if first_word(header(place)) == name {
                if found != Find::None {
                    return Find::Several;
                }
                found = Find::One(place);
            }
        }
        found
    }

    /// Bytes for so many contigs, at most.
    pub(super) fn memory(contigs: usize) -> usize {
        contigs * 2 * size_of::<(u32, u32)>()
    }
}

/// By which names are looked up.
pub(super) fn hash(name: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(name);
    (hasher.finish() >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(headers: &[&str], name: &str) -> Find {
        let header = |place: usize| headers[place].as_bytes();
        Names::new(headers.len(), header).find(name.as_bytes(), header)
    }

    #[test]
    fn whole_headers_go_before_first_words() {
        assert_eq!(find(&["a x", "a", "b y", "b z", "c c"], "a"), Find::One(1));
        assert_eq!(find(&["a x", "a", "b y", "b z"], "b"), Find::Several);
        assert_eq!(find(&["a x", "a", "b y", "b z"], "b z"), Find::One(3));
        assert_eq!(find(&["a x", "c q"], "c"), Find::One(1));
        assert_eq!(find(&["a x", "a x"], "a x"), Find::One(0));
        assert_eq!(find(&["a x"], "x"), Find::None);
        assert_eq!(find(&[" a x", "\tb"], "a"), Find::One(0));
        assert_eq!(find(&[" a x", "\tb"], "b"), Find::One(1));
        assert_eq!(find(&[" a x", "\tb"], " a x"), Find::One(0));
        assert_eq!(find(&[" a x", "\tb"], ""), Find::None);
        assert_eq!(find(&[" a", "a"], "a"), Find::One(1));
        assert_eq!(find(&[" a", "a b"], "a"), Find::Several);
        assert_eq!(find(&[], ""), Find::None);
    }

    proptest! {
        #[test]
        fn as_looking_at_all_of_them(
            headers in proptest::collection::vec(" ?[ab]{0,2}( [ab]{0,2})?", 0..12),
            name in "[ab]{0,2}( [ab]{0,2})?",
        ) {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let words: Vec<_> = (0..headers.len())
                .filter(|&i| headers[i].contains(' ') && first_word(headers[i].as_bytes()) == name.as_bytes())
                .collect();
            let expected = match (headers.iter().position(|&header| header == name), &words[..]) {
                (Some(place), _) => Find::One(place),
                (None, []) => Find::None,
                (None, [place]) => Find::One(*place),
                (None, _) => Find::Several,
            };
            prop_assert_eq!(find(&headers, &name), expected);
        }
    }
}
