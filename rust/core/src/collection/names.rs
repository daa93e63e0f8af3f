//! How contig names are coded against each other (FORMAT 4.4).

use crate::error::{Error, Result};

/// A word equal to the one before it.
const SAME: u8 = 0x81;

/// Longest run that one byte can stand for, as C++ AGC writes it.
const MAX_RUN: usize = 100;

fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    name.split(|&byte| byte == b' ')
}

/// Whether the format can carry `name` directly behind `previous` in one sample: it cannot where a word
/// is coded against another and holds bytes from 0x80 on.
pub fn can_follow(name: &[u8], previous: Option<&[u8]>) -> bool {
    name.is_ascii() || previous.is_none_or(|previous| words(previous).count() != words(name).count())
}

/// Appends `name`, coded against `previous`, and a zero byte.
///
/// # Errors
/// [`Error::Parameter`] for a name that the format cannot carry there.
pub(crate) fn push_name(name: &[u8], previous: Option<&[u8]>, out: &mut Vec<u8>) -> Result<()> {
    if name.contains(&0) || !can_follow(name, previous) {
        let shown = String::from_utf8_lossy(name);
        return Err(Error::Parameter(format!("the archive format cannot carry the contig name '{shown}'")));
    }
    match previous.filter(|previous| words(previous).count() == words(name).count()) {
        Some(previous) => {
            for (i, (word, old)) in words(name).zip(words(previous)).enumerate() {
                if i > 0 {
                    out.push(b' ');
                }
                push_word(word, old, out);
            }
        }
        None => out.extend_from_slice(name),
    }
    out.push(0);
    Ok(())
}

fn push_word(word: &[u8], old: &[u8], out: &mut Vec<u8>) {
    if word == old {
        out.push(SAME);
    } else if word.len() != old.len() {
        out.extend_from_slice(word);
    } else {
        let mut at = 0;
        while at < word.len() {
            let run = word[at..].iter().zip(&old[at..]).take(MAX_RUN).take_while(|(a, b)| a == b).count();
            if run > 0 {
                out.push((256 - run) as u8);
                at += run;
            } else {
                out.push(word[at]);
                at += 1;
            }
        }
    }
}

/// Appends the name that `coded` stands for behind `previous`.
pub(crate) fn push_decoded(coded: &[u8], previous: Option<&[u8]>, out: &mut Vec<u8>) -> Result<()> {
    match previous.filter(|previous| words(previous).count() == words(coded).count()) {
        Some(previous) => {
            for (i, (word, old)) in words(coded).zip(words(previous)).enumerate() {
                if i > 0 {
                    out.push(b' ');
                }
                push_decoded_word(word, old, out)?;
            }
        }
        None => out.extend_from_slice(coded),
    }
    Ok(())
}

fn push_decoded_word(word: &[u8], old: &[u8], out: &mut Vec<u8>) -> Result<()> {
    if word == [SAME] {
        out.extend_from_slice(old);
        return Ok(());
    }
    let start = out.len();
    for &byte in word {
        if byte < 0x80 {
            out.push(byte);
        } else {
            let at = out.len() - start;
            let run = 256 - usize::from(byte);
            let copied = old.get(at..at + run);
            out.extend_from_slice(
                copied.ok_or_else(|| Error::corrupt("a contig name refers beyond the name before it"))?,
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coded(name: &str, previous: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        push_name(name.as_bytes(), previous.map(str::as_bytes), &mut out).unwrap();
        out
    }

    #[test]
    fn words_are_coded_against_the_words_before() {
        assert_eq!(coded("chr1 a", None), b"chr1 a\0");
        assert_eq!(coded("chr2 a", Some("chr1 a")), [0xFD, b'2', b' ', SAME, 0]);
        assert_eq!(coded("chr10 a", Some("chr1 a")), b"chr10 \x81\0");
        assert_eq!(coded("chr10", Some("chr1 a")), b"chr10\0");
        assert_eq!(coded("", Some("")), [SAME, 0]);
    }

    #[test]
    fn names_beyond_ascii_only_where_nothing_is_coded() {
        let carried = |name: &str, previous: Option<&str>| can_follow(name.as_bytes(), previous.map(str::as_bytes));
        assert!(carried("ż", None));
        assert!(carried("ż x", Some("a")));
        assert!(!carried("ż", Some("a")));
        assert!(push_name("ż".as_bytes(), Some(b"a"), &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(names in proptest::collection::vec("[ -~\t]{0,12}|chr[0-9]{1,3} [ab]{100,130} x", 1..12)) {
            let mut previous: Option<Vec<u8>> = None;
            for name in names {
                let mut bytes = Vec::new();
                push_name(name.as_bytes(), previous.as_deref(), &mut bytes).unwrap();
                prop_assert_eq!(bytes.pop(), Some(0));
                let mut back = Vec::new();
                push_decoded(&bytes, previous.as_deref(), &mut back).unwrap();
                prop_assert_eq!(&back, &name.as_bytes());
                previous = Some(back);
            }
        }

        #[test]
        fn garbage_never_panics(coded: Vec<u8>, previous: Vec<u8>) {
            let _ = push_decoded(&coded, Some(&previous), &mut Vec::new());
        }
    }
}
