//! Files that are not what they should be, as their first bytes tell.

/// What an archive can begin with: a number comes first, and its first byte says how many follow.
const MOST: u8 = 8;

/// Bytes at the start of a file that tell all kinds below: what tells a tar archive ends the furthest behind.
pub(crate) const TELLING: usize = 262;

/// What a frame of zstd begins with.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Compressed formats that are not read.
const UNREAD: [(&[u8], &str); 8] = [
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"LZIP", "lzip"),
];

/// Compressed formats that are read.
const READ: [(&[u8], &str); 2] = [(b"\x1f\x8b", "gzip"), (ZSTD, "zstd")];

/// What often stands where FASTA should, by how it begins.
const KINDS: [(&[u8], &str); 16] = [
    (b"@HD\t", "SAM"),
    (b"@SQ\t", "SAM"),
    (b"LOCUS ", "GenBank"),
    (b"ID   ", "EMBL"),
    (b"##gff-version", "GFF"),
    (b"##fileformat=VCF", "VCF"),
    (b"##maf", "MAF"),
    (b"#NEXUS", "NEXUS"),
    (b"CLUSTAL", "CLUSTAL"),
    (b"H\tVN:", "GFA"),
    (b"S\t", "GFA"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"BAM\x01", "BAM"),
    (b"CRAM", "CRAM"),
    (b"\x43\x27\x41\x1a", "2bit"),
];

/// The compression of a file that begins so, if it is one that is not read.
pub(crate) fn unread_compression(start: &[u8]) -> Option<&'static str> {
    UNREAD.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, kind)| *kind)
}

/// What text that begins so is, where there should be FASTA or a list; `start` has [`TELLING`] bytes if there are so many.
pub(crate) fn no_text(start: &[u8]) -> Option<String> {
    if let Some((_, kind)) = READ.iter().chain(&UNREAD).find(|(magic, _)| start.starts_with(magic)) {
        return Some(format!("the file is compressed twice ({kind} inside); decompress it once"));
    }
    if is_tar(start) {
        return Some("this is a tar archive; unpack it and give the files in it".into());
    }
    if is_archive(start) {
        return Some(
            "this is an AGC archive; 'panarc append' adds FASTA to one, 'panarc getset' writes FASTA of one".into(),
        );
    }
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some("the file begins with a UTF-16 byte order mark; save it as plain ASCII or UTF-8 text".into())
        }
        _ => None,
    }
}

/// What is wrong with text that begins so and should be FASTA.
pub(crate) fn no_fasta(start: &[u8]) -> String {
    if let Some(why) = no_text(start) {
        return why;
    }
    if let Some((_, kind)) = KINDS.iter().find(|(begin, _)| start.starts_with(begin)) {
        return format!("text before the first header (this looks like {kind}, not FASTA)");
    }
    match start {
        [b'@', ..] => "text before the first header ('@…': this looks like FASTQ, not FASTA)".into(),
        [b';', ..] => "text before the first header; comment lines (';') are not supported".into(),
        [0..=8, ..] => "binary data where FASTA should begin".into(),
        _ => "text before the first header; FASTA begins with '>'".into(),
    }
}

fn is_tar(start: &[u8]) -> bool {
    start.get(257..TELLING) == Some(b"ustar")
}

/// Whether an archive begins so: with a small number, in front of what is compressed by zstd. Few begin otherwise.
fn is_archive(start: &[u8]) -> bool {
    let Some((&bytes @ 0..=MOST, rest)) = start.split_first() else { return false };
    rest.get(usize::from(bytes)..).is_some_and(|part| part.starts_with(ZSTD))
}

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
    if first <= MOST {
        return None;
    }
    if is_tar(start) {
        return Some("it looks like tar; unpack it".into());
    }
    let kinds = UNREAD.iter().chain(&KINDS);
    Some(match kinds.into_iter().find(|(begin, _)| start.starts_with(begin)) {
        Some((_, kind)) => format!("it looks like {kind}"),
        None if first == b'@' => "it looks like FASTQ".into(),
        None => "it begins as none does".into(),
    })
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
        assert_eq!(no_archive(b"BZh91AY").as_deref(), Some("it looks like bzip2"));
        assert_eq!(no_archive(b"@read").as_deref(), Some("it looks like FASTQ"));
    }

    #[test]
    fn archives_are_known_by_their_start() {
        for archive in
            [&b"\x01\x15\x28\xb5\x2f\xfd\x20"[..], b"\x02\x03\xc6\x28\xb5\x2f\xfd\x60", b"\0\x28\xb5\x2f\xfd"]
        {
            assert!(no_fasta(archive).starts_with("this is an AGC archive"), "{archive:?}");
        }
        for other in [&b"\x01\x15"[..], b"\x01\x28\xb5\x2f\xfd", b"\x08\x28\xb5", b"\x09\x15\x28\xb5\x2f\xfd\x20"] {
            assert!(!no_fasta(other).contains("archive"), "{other:?}");
        }
    }

    #[test]
    fn tar_is_known_by_its_mark() {
        let mut block = [0; 512];
        block[..6].copy_from_slice(b"a/b.fa");
        assert!(!no_fasta(&block).contains("tar"));
        block[257..262].copy_from_slice(b"ustar");
        assert!(no_fasta(&block).starts_with("this is a tar archive"));
        assert!(no_fasta(&block[..TELLING]).starts_with("this is a tar archive"));
        assert_eq!(no_archive(&block).as_deref(), Some("it looks like tar; unpack it"));
    }
}
