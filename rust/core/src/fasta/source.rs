//! Where text comes from: a file, standard input or any reader; plain, gzip (BGZF) or zstd, told apart by content.

use super::ahead::{self, Ahead, Offer};
use super::gzip::{Gzip, MissingEof};
use super::raw::Raw;
use super::wait::{Interrupt, Wait};
use super::zstd::Zstd;
use crate::foreign::unread_compression;
use crate::{Error, Result};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

/// How standard input is called in messages.
const STDIN: &str = "<standard input>";

/// Longest signature of a compressed format.
const SIGNATURE: usize = 6;

/// Decompressed bytes with a name. Nothing is read before the first [`Source::fill`].
pub struct Source {
    raw: Raw,
    codec: Codec,
    /// Another handle on a pipe or terminal.
    awaited: Option<File>,
    /// Who helps with blocks, and how many pieces of work that is at a time.
    helpers: Option<(Offer, usize)>,
    missing_eof: MissingEof,
}

enum Codec {
    Unknown,
    Plain,
    Gzip(Box<Gzip>),
    Bgzf(Box<Ahead>),
    Zstd(Zstd),
    Failed,
}

impl Source {
    /// Opens a file. Its name does not matter, its content does.
    pub fn open(path: &Path) -> Result<Source> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| Error::io(&name, "open", e))?;
        if file.metadata().map_err(|e| Error::io(&name, "open", e))?.is_dir() {
            return Err(Error::input(name, "is a directory, not a file"));
        }
        Ok(Source::from_file(name, file))
    }

    /// Standard input.
    pub fn stdin() -> Source {
        match io::stdin().as_fd().try_clone_to_owned() {
            Ok(file) => Source::from_file(STDIN.into(), file.into()),
            Err(_) => Source::from_reader(STDIN.into(), Box::new(io::stdin())),
        }
    }

    fn from_file(name: String, file: File) -> Source {
        let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let awaited = if regular { None } else { file.try_clone().ok() };
        Source { awaited, ..Source::from_reader(name, Box::new(file)) }
    }

    /// The same source; where it keeps one waiting for data, `interrupt` is asked whether to give up.
    #[must_use]
    pub fn interruptible(mut self, interrupt: Interrupt) -> Source {
        if let Some(file) = self.awaited.take() {
            self.raw.set_wait(Wait::new(file, interrupt));
        }
        self
    }

    /// The same source; of BGZF, `depth` pieces of work at a time are offered to others.
    #[must_use]
    pub fn helped(self, offer: Offer, depth: usize) -> Source {
        Source { helpers: Some((offer, depth)), ..self }
    }

    /// The same source; what is done where BGZF ends without its end-of-file block.
    #[must_use]
    pub fn missing_eof(self, missing_eof: MissingEof) -> Source {
        Source { missing_eof, ..self }
    }

    /// What a command-line argument names: `-` is standard input, all else a file.
    pub fn from_arg(path: &Path) -> Result<Source> {
        if path.as_os_str() == "-" { Ok(Source::stdin()) } else { Source::open(path) }
    }

    /// Any reader, under the name that messages shall use.
    pub fn from_reader(name: String, reader: Box<dyn Read + Send>) -> Source {
        Source {
            raw: Raw::new(name, reader),
            codec: Codec::Unknown,
            awaited: None,
            helpers: None,
            missing_eof: MissingEof::default(),
        }
    }

    /// The file's path as given, or the name of the reader.
    pub fn name(&self) -> &str {
        self.raw.name()
    }

    /// Bytes of the file taken so far, as they are stored.
    pub fn taken(&self) -> u64 {
        self.raw.taken()
    }

    /// Puts some bytes into `out` and returns how many: any number from 1 on, 0 only at the end of the data
    /// (or for an empty `out`). After an error every further call fails.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize> {
        let result = self.try_fill(out);
        if result.is_err() {
            self.codec = Codec::Failed;
        }
        result
    }

    fn try_fill(&mut self, out: &mut [u8]) -> Result<usize> {
        if matches!(self.codec, Codec::Unknown) {
            self.codec = recognise(&mut self.raw, self.helpers.take(), self.missing_eof)?;
        }
        match &mut self.codec {
            Codec::Plain => self.raw.copy(out),
            Codec::Gzip(gzip) => gzip.fill(&mut self.raw, out),
            Codec::Bgzf(ahead) => ahead.fill(&mut self.raw, out),
            Codec::Zstd(zstd) => zstd.fill(&mut self.raw, out),
            Codec::Unknown | Codec::Failed => Err(Error::input(self.raw.name(), "reading stopped at an earlier error")),
        }
    }
}

/// Chooses the codec by the first bytes.
fn recognise(raw: &mut Raw, helpers: Option<(Offer, usize)>, missing_eof: MissingEof) -> Result<Codec> {
    let mut start = [0; SIGNATURE];
    let available = raw.peek(SIGNATURE)?;
    let length = available.len().min(SIGNATURE);
    start[..length].copy_from_slice(&available[..length]);
    let start = &start[..length];
    if let Some(kind) = unread_compression(start) {
        let message = format!("{kind}-compressed input is not supported (plain text, gzip and zstd are)");
        return Err(Error::input(raw.name(), message));
    }
    Ok(match start {
        // A lone first byte is a gzip file cut short: the decoder says so.
        [0x1f] | [0x1f, 0x8b, ..] => match helpers {
            Some((offer, depth)) if ahead::is_block(raw)? => {
                Codec::Bgzf(Box::new(Ahead::new(offer, depth, missing_eof)))
            }
            _ => Codec::Gzip(Box::new(Gzip::new(missing_eof))),
        },
        // So are two or three bytes of a zstd frame.
        [0x28, 0xb5] | [0x28, 0xb5, 0x2f] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Codec::Zstd(Zstd::new(raw)?),
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Codec::Zstd(Zstd::new(raw)?),
        _ => Codec::Plain,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{bgzf, gzip, zstd};
    use super::*;
    use flate2::{Compression, GzBuilder};
    use std::io::{Cursor, Write};

    fn source(bytes: &[u8]) -> Source {
        Source::from_reader("x".into(), Box::new(Cursor::new(bytes.to_vec())))
    }

    fn text(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut source = source(bytes);
        let (mut all, mut part) = (Vec::new(), [0; 1000]);
        loop {
            match source.fill(&mut part)? {
                0 => return Ok(all),
                n => all.extend_from_slice(&part[..n]),
            }
        }
    }

    fn message(bytes: &[u8]) -> String {
        match text(bytes) {
            Err(Error::Input(e)) => e.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn empty_data_is_no_error() {
        assert_eq!(text(b"").unwrap(), b"");
        assert_eq!(text(&gzip(b"")).unwrap(), b"");
        assert_eq!(text(&zstd(b"")).unwrap(), b"");
        assert_eq!(text(&bgzf(b"")).unwrap(), b"");
    }

    #[test]
    fn members_and_frames_are_joined() {
        assert_eq!(text(&[gzip(b"ab"), gzip(b""), gzip(b"cd")].concat()).unwrap(), b"abcd");
        let skipped = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00xyz".to_vec();
        let frames = [skipped.clone(), zstd(b"ab"), skipped.clone(), zstd(b""), zstd(b"cd"), skipped.clone()];
        assert_eq!(text(&frames.concat()).unwrap(), b"abcd");
        assert_eq!(text(&skipped).unwrap(), b"");
    }

    #[test]
    fn any_room_will_do() {
        let expected: Vec<u8> =
            (0..300_000u32).map(|i| b"ACGT"[(i.wrapping_mul(2_654_435_761) >> 30) as usize]).collect();
        for file in [expected.clone(), gzip(&expected), bgzf(&expected), zstd(&expected)] {
            for room in [1, 7, 1000, 1 << 17, 1 << 20] {
                let mut source = source(&file);
                let (mut all, mut part) = (Vec::new(), vec![0; room]);
                assert_eq!(source.fill(&mut []).unwrap(), 0);
                loop {
                    match source.fill(&mut part).unwrap() {
                        0 => break,
                        n => all.extend_from_slice(&part[..n]),
                    }
                }
                assert!(all == expected, "room {room}");
                assert_eq!(source.fill(&mut part).unwrap(), 0);
            }
        }
    }

    #[test]
    fn only_zeros_may_follow_the_last_member() {
        let member = gzip(b"ACGT");
        assert_eq!(text(&[&member[..], &[0; 70_000]].concat()).unwrap(), b"ACGT");
        for garbage in [&b"x"[..], b"\x1f", b"\x1f\x8c", b"\0\0x", b"\0\x1f\x8b"] {
            let text = message(&[&member[..], garbage].concat());
            assert!(text.starts_with("x: gzip stream is truncated or corrupt: "), "{text}");
        }
        assert!(message(&[&zstd(b"ACGT")[..], b"\0"].concat()).contains("zstd stream is truncated or corrupt"));
    }

    #[test]
    fn optional_fields_of_a_gzip_header_are_read() {
        let mut encoder =
            GzBuilder::new().filename("a.fa").comment("hello").extra("xyz").write(vec![], Compression::fast());
        encoder.write_all(b"ACGT").unwrap();
        let mut member = encoder.finish().unwrap();
        assert_eq!(text(&member).unwrap(), b"ACGT");
        let header = 10 + 2 + 3 + 5 + 6;
        let mut crc = flate2::Crc::new();
        member[3] |= 2;
        crc.update(&member[..header]);
        let sum = (crc.sum() as u16).to_le_bytes();
        let checked = [&member[..header], &sum, &member[header..]].concat();
        assert_eq!(text(&checked).unwrap(), b"ACGT");
        let wrong = [&member[..header], &[sum[0], sum[1] ^ 1], &member[header..]].concat();
        assert!(message(&wrong).contains("checksum of a header"));
    }

    #[test]
    fn a_cut_is_noticed_everywhere() {
        let members = [gzip(b">a\nACGT\n"), gzip(b"ACGTNN\n"), gzip(b"")];
        let frames = [zstd(b">a\nACGT\n"), zstd(&[b'A'; 700]), zstd(b"")];
        for parts in [members, frames] {
            let ends: Vec<usize> = (0..=3).map(|n| parts[..n].concat().len()).collect();
            let whole = parts.concat();
            for cut in 0..whole.len() {
                // One byte of zstd is an opening parenthesis: left to the parser.
                let plain = cut == 1 && whole[0] == b'(';
                assert_eq!(text(&whole[..cut]).is_ok(), ends.contains(&cut) || plain, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_flipped_bit_never_changes_the_text() {
        let expected: Vec<u8> = (0..3000u32).map(|i| b"ACGT\n"[(i * i / 7 % 5) as usize]).collect();
        let member = gzip(&expected);
        let mut unnoticed = 0;
        for bit in 0..member.len() * 8 {
            let mut flipped = member.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(text) = text(&flipped) {
                // Without its magic number it is text like any other.
                assert!(text == if bit < 16 { flipped } else { expected.clone() }, "bit {bit}");
                unnoticed += usize::from(bit >= 80);
            }
        }
        // Flags, date, level hint and system (bytes 3 to 9) are not protected; of the rest, only a match moved to
        // equal letters may pass.
        assert!(unnoticed < member.len() / 10, "{unnoticed} of {}", member.len() * 8);
    }

    #[test]
    fn other_compressors_are_named() {
        assert_eq!(
            message(b"BZh91AY&SY"),
            "x: bzip2-compressed input is not supported (plain text, gzip and zstd are)"
        );
        assert!(message(b"\xfd7zXZ\0\0").contains("xz-compressed"));
        assert!(message(b"PK\x03\x04..").contains("zip-compressed"));
    }

    #[test]
    fn large_zstd_windows_are_refused() {
        let mut frame = zstd(b"");
        // Frame header: no single segment, window of 2^28.
        frame.splice(4.., [0x00, (28 - 10) << 3, 0x01, 0x00, 0x00]);
        assert!(message(&frame).contains("window of more than 128 MiB"));
    }

    #[test]
    fn errors_last() {
        let member = gzip(b"ACGT");
        let mut source = source(&member[..member.len() - 1]);
        let mut out = [0; 64];
        while source.fill(&mut out).is_ok() {}
        assert!(source.fill(&mut out).is_err());
    }

    #[test]
    fn files_and_directories() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b.txt");
        std::fs::write(&path, gzip(b">a\n")).unwrap();
        let mut source = Source::from_arg(&path).unwrap();
        assert_eq!(source.name(), path.display().to_string());
        let mut out = [0; 64];
        assert_eq!(source.fill(&mut out).unwrap(), 3);
        assert!(matches!(Source::open(dir.path()), Err(Error::Input(e)) if e.message.contains("directory")));
        assert!(matches!(Source::open(&dir.path().join("none")), Err(Error::Io { action: "open", .. })));
        assert_eq!(Source::from_arg(Path::new("-")).unwrap().name(), STDIN);
    }
}
