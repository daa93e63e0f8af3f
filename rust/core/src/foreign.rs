//! Files that are no archives, as their first bytes tell.

/// What a file is that begins as no archive can: there a number comes first, whose first byte is at most 8.
pub(crate) fn looks_like(start: [u8; 2]) -> Option<&'static str> {
    match start {
        [b'>', _] => Some("FASTA"),
        [0x1F, 0x8B] => Some("gzip"),
        [0x28, 0xB5] => Some("zstd"),
        _ => None,
    }
}
