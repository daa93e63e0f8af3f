//! File names for samples, which may be called anything.

use std::ffi::OsString;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result, escape};

/// Bytes that a file's name may have on the file systems in use.
const LONGEST: usize = 255;

/// What stands between the beginning of a long name and its digest. No other name has it: a percent sign is always
/// followed by two hexadecimal digits in them.
const MARK: &[u8] = b"%-";

/// Bytes of a long name's SHA-256 that its file name has.
const DIGEST: usize = 8;

/// A name that stays within its folder, and belongs to one sample alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The name, without a suffix.
    pub stem: OsString,
    /// Whether it has a digest in place of the end of the sample's name, which is too long for a file.
    pub shortened: bool,
}

/// Returns a file name for each sample. Separators of paths, control characters and the like become `%` and two hexadecimal
/// digits, as does `%` itself. `..` needs no care: with a suffix it is an ordinary name. Of a name that is too long the
/// beginning is kept, followed by `%-` and the first 16 hexadecimal digits of the name's SHA-256.
///
/// # Errors
/// [`Error::Duplicate`] when two samples would have the same.
pub fn file_names<'a>(samples: impl IntoIterator<Item = &'a [u8]>, longest_suffix: usize) -> Result<Vec<FileName>> {
    let mut seen: FxHashMap<Vec<u8>, &[u8]> = FxHashMap::default();
    let mut names = Vec::new();
    for sample in samples {
        let (stem, shortened) = stem(sample, LONGEST.saturating_sub(longest_suffix));
        if let Some(other) = seen.insert(stem.clone(), sample) {
            let [other, sample] = [other, sample].map(|name| escape(&String::from_utf8_lossy(name)));
            return Err(Error::Duplicate(format!("samples '{other}' and '{sample}' would have the same file name")));
        }
        names.push(FileName { stem: os_string(stem), shortened });
    }
    Ok(names)
}

fn stem(sample: &[u8], room: usize) -> (Vec<u8>, bool) {
    let mut name = Vec::with_capacity(sample.len());
    for &byte in sample {
        match byte {
            0..b' ' | b'/' | b'\\' | 0x7F | b'%' | b':' | b'*' | b'?' | b'"' | b'<' | b'>' | b'|' => {
                name.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
            _ => name.push(byte),
        }
    }
    if name.len() <= room {
        return (name, false);
    }
    name.truncate(start(&name, room.saturating_sub(MARK.len() + 2 * DIGEST)));
    name.extend_from_slice(MARK);
    for byte in &Sha256::digest(sample)[..DIGEST] {
        name.extend_from_slice(format!("{byte:02x}").as_bytes());
    }
    (name, true)
}

/// Where a name can be cut, at most behind so many bytes: not inside a character, nor one that is written as digits.
fn start(name: &[u8], most: usize) -> usize {
    let mut end = most.min(name.len());
    while end > 0 && name.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    (end.saturating_sub(2)..end).find(|&at| name[at] == b'%').unwrap_or(end)
}

#[cfg(unix)]
fn os_string(name: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(name)
}

#[cfg(not(unix))]
fn os_string(name: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&name).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sample: &str, suffix: usize) -> (String, bool) {
        let name = file_names([sample.as_bytes()], suffix).unwrap().remove(0);
        (name.stem.into_string().unwrap(), name.shortened)
    }

    #[test]
    fn names_stay_within_their_folder() {
        assert_eq!(one("HG002#1", 3), ("HG002#1".into(), false));
        assert_eq!(one("a/b%\n", 3), ("a%2Fb%25%0A".into(), false));
        assert_eq!(one("..", 3), ("..".into(), false));
    }

    #[test]
    fn long_names_are_cut_and_told_apart() {
        let long = "x".repeat(252);
        assert_eq!(one(&long, 3), (long.clone(), false));
        // printf %s "$NAME" | sha256sum | cut -c 1-16
        let (name, shortened) = one(&"a".repeat(300), 3);
        assert_eq!(name, format!("{}%-9835fa6bf4e20a9b", "a".repeat(255 - 3 - 18)));
        assert!(shortened);
        let others: Vec<String> = (0..100).map(|number| format!("{}{number}", "é/".repeat(200))).collect();
        let names = file_names(others.iter().map(|name| name.as_bytes()), 10).unwrap();
        for name in names {
            let stem = name.stem.into_string().unwrap();
            let (start, digest) = stem.rsplit_once("%-").unwrap();
            assert!(stem.len() <= 245 && stem.len() > 240 && digest.len() == 16);
            assert!(start.ends_with('é') || start.ends_with("%2F"), "{start}");
        }
    }

    #[test]
    fn two_samples_of_one_name_are_refused() {
        assert!(file_names([&b"a"[..], b"a"], 3).is_err());
        // What looks like a shortened name is another one.
        let long = "a".repeat(300);
        let short = one(&long, 3).0;
        assert_eq!(file_names([long.as_bytes(), short.as_bytes()], 3).unwrap().len(), 2);
    }
}
