//! Files that are no archives, as their first bytes tell.

/// What an archive can begin with: a number comes first, and its first byte says how many follow.
const MOST: u8 = 8;

/// What a file is that begins so, if it is something that often stands where an archive should.
pub(crate) fn looks_like(start: [u8; 2]) -> Option<&'static str> {
    match start {
        [b'>', _] => Some("FASTA"),
        [0x1F, 0x8B] => Some("gzip"),
        [0x28, 0xB5] => Some("zstd"),
        _ => None,
    }
}

/// Why a file that begins so is no archive; nothing if it may be one. Of an empty file there is no start.
pub(crate) fn no_archive(start: &[u8]) -> Option<String> {
    let Some(&first) = start.first() else {
        return Some("it is empty".into());
    };
    if let Some(kind) = start.first_chunk().copied().and_then(looks_like) {
        return Some(format!("it looks like {kind} ('panarc create' makes archives of FASTA)"));
    }
    (first > MOST).then(|| "it begins as none does".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_an_archive_is_not_refused() {
        for first in 0..=u8::MAX {
            assert_eq!(no_archive(&[first]).is_some(), first > 8);
            assert_eq!(no_archive(&[first, 0]).is_some(), first > 8);
        }
        assert_eq!(no_archive(&[]).as_deref(), Some("it is empty"));
    }
}
