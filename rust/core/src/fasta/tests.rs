//! The module as a whole: what is accepted and what is refused.

mod missing_eof;
mod random;

use super::parser::MAX_HEADER;
use super::{BgzfWriter, Parser, Source};
use crate::alphabet::LETTERS;
use crate::{Error, Result};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Cursor, Read, Write};

/// One gzip member.
pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// One zstd frame with a checksum.
pub(super) fn zstd(text: &[u8]) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
    context.compress2(&mut out, text).unwrap();
    out
}

/// A BGZF file.
pub(super) fn bgzf(text: &[u8]) -> Vec<u8> {
    let mut writer = BgzfWriter::new(vec![], 6);
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

type Records = Vec<(String, Vec<u8>)>;

fn parser(file: &[u8]) -> Parser {
    Parser::new(Source::from_reader("x.fa".into(), Box::new(Cursor::new(file.to_vec()))))
}

fn records_of(mut parser: Parser, limit: usize) -> Result<Records> {
    let mut records = vec![];
    while let Some(header) = parser.next_record()? {
        let mut codes = vec![];
        loop {
            let n = parser.read_codes(&mut codes, limit)?;
            if n < limit {
                assert_eq!(parser.read_codes(&mut codes, limit)?, 0);
                break;
            }
        }
        records.push((header, codes));
    }
    assert_eq!(parser.next_record()?, None);
    assert_eq!(parser.records_seen(), records.len() as u64);
    Ok(records)
}

fn letters(file: &[u8]) -> Result<Vec<(String, String)>> {
    let text = |codes: Vec<u8>| codes.into_iter().map(|c| LETTERS[c as usize] as char).collect();
    let all = records_of(parser(file), 3)?;
    assert_eq!(all, records_of(parser(file), usize::MAX)?);
    Ok(all.into_iter().map(|(header, codes)| (header, text(codes))).collect())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|&(a, b)| (a.into(), b.into())).collect()
}

/// The message, which must be the same whether the codes are read or skipped.
fn refused(file: &[u8]) -> String {
    let Err(Error::Input(error)) = letters(file) else { panic!("accepted: {:?}", String::from_utf8_lossy(file)) };
    let mut skipping = parser(file);
    let again = loop {
        match skipping.next_record() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("skipping does not check"),
            Err(e) => break e,
        }
    };
    assert_eq!(again.to_string(), error.to_string());
    assert!(skipping.next_record().is_err() && skipping.read_codes(&mut vec![], 1).is_err());
    error.to_string()
}

#[test]
fn ordinary_files() {
    let expected = pairs(&[("a b\tc", "ACGTN"), ("d", "RYSWKMBDHVU")]);
    for text in [
        ">a b\tc\nACGTN\n>d\nRYSWKMBDHVU\n",
        ">a b\tc\r\nACGTN\r\n>d\r\nRYSWKMBDHVU\r\n",
        "\n \r\n\t\n>a b\tc\n\nAC\n\n\nGTN\n\n>d\n\r\nRYSWKMBDHVU\n\n\n",
        ">a b\tc\nac \ngt\t \r\nn\n>d\nryswkmbdhvu",
        ">a b\tc\r\r\nA\nC\nG\nT\nN\n>d\nRYSWKMBDHVU\r",
        ">a b\tc\nACGTN   \n   \n>d\nRYSWKMBDHVU \t",
    ] {
        assert_eq!(letters(text.as_bytes()).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn files_without_records() {
    for text in [&b""[..], b"\n", b" \r\n\t\n \n", &gzip(b""), &zstd(b"\n")] {
        let mut parser = parser(text);
        assert_eq!(parser.next_record().unwrap(), None);
        assert_eq!(parser.records_seen(), 0);
        assert_eq!(parser.read_codes(&mut vec![], 9).unwrap(), 0);
    }
}

#[test]
fn counters() {
    let text = b">a\nAC\nGT\n>b\nA\n";
    let mut parser = parser(&gzip(text));
    let mut codes = vec![];
    assert_eq!((parser.line(), parser.name()), (1, "x.fa"));
    parser.next_record().unwrap();
    assert_eq!(parser.line(), 2);
    assert_eq!(parser.read_codes(&mut codes, 3).unwrap(), 3);
    assert_eq!(parser.line(), 3);
    assert_eq!(parser.read_codes(&mut codes, 0).unwrap(), 0);
    assert_eq!(parser.next_record().unwrap().as_deref(), Some("b"));
    assert_eq!(parser.line(), 5);
    assert_eq!(parser.bytes_read(), text.len() as u64);
    assert_eq!(codes, [0, 1, 2]);
}

#[test]
fn quirk_1_3_letters_outside_iupac_are_refused() {
    for letter in "EFIJLOPQXZefijlopqxz".chars() {
        let text = refused(format!(">a\nACGT\n>b c\nAC\nACG{letter}A\n").as_bytes());
        let start = format!("x.fa, line 5, record 'b c': letter '{letter}' is not an IUPAC nucleotide code");
        assert!(text.starts_with(&start) && text.ends_with("(column 4)"), "{text}");
    }
}

#[test]
fn quirk_1_4_bytes_beyond_ascii_are_refused() {
    let text = refused(b">a\nACGT\xc3\x84ACGT\n");
    assert_eq!(text, "x.fa, line 2, record 'a': byte 0xC3 is not ASCII (column 5)");
}

#[test]
fn quirk_1_5_nothing_is_dropped() {
    for (inside, message) in [
        ("*", "'*' is a stop codon"),
        ("-", "'-' is an alignment gap"),
        (".", "'.' is an alignment gap"),
        ("7", "digit '7'"),
        (" ", "a space inside"),
        ("\t \r", "a tab inside"),
        ("\r", "a carriage return inside"),
        ("\0", "a NUL byte"),
        ("\x1b", "control byte 0x1B"),
        ("@", "character '@'"),
    ] {
        let text = refused(format!(">a\nACG{inside}T\n").as_bytes());
        assert!(text.starts_with(&format!("x.fa, line 2, record 'a': {message}")), "{text}");
        assert!(text.ends_with("(column 4)"), "{text}");
    }
    assert!(refused(b">a\n ACGT\n").contains("a space inside a sequence line (column 1)"));
    assert!(refused(b">a\n;x\n").contains("comment lines"));
}

#[test]
fn quirk_1_6_empty_contigs_do_not_end_the_file() {
    let expected = pairs(&[("a", ""), ("b", "AC"), ("c", ""), ("d", "")]);
    assert_eq!(letters(b">a\n>b\nAC\n>c\n>d").unwrap(), expected);
    assert_eq!(letters(b"\n\n>a\n\n>b\nAC\n>c\n\r\n>d\n\n").unwrap(), expected);
    for text in [">a\nAC\n>\nAC\n", ">a\nAC\n>\x0b \x0c\nAC\n", ">a\nAC\n> \t\r\nAC\n", ">a\nAC\n>"] {
        assert_eq!(refused(text.as_bytes()), "x.fa, line 3: empty header");
    }
}

#[test]
fn quirk_1_7_a_header_begins_a_line() {
    let text = refused(b">a\nAC\nACG>b\nACGT\n");
    assert!(text.starts_with("x.fa, line 3, record 'a': '>' inside a sequence line"), "{text}");
    assert!(refused(b">a\n >b\n").contains("a space inside"));
    assert!(refused(b" >a\nAC\n").contains("blanks before '>'"));
}

#[test]
fn quirk_1_8_a_cut_file_is_refused() {
    let members = [gzip(b">a\nAC\n"), gzip(b"GT\n>b\n"), gzip(b"NNN\n")];
    let frames = [zstd(b">a\nAC\n"), zstd(b"GT\n>b\n"), zstd(b"NNN\n")];
    for parts in [members, frames] {
        let ends: Vec<usize> = (0..=3).map(|n| parts[..n].concat().len()).collect();
        let whole = parts.concat();
        for cut in 0..=whole.len() {
            let result = records_of(parser(&whole[..cut]), 5);
            assert_eq!(result.is_ok(), ends.contains(&cut), "cut at {cut} of {ends:?}");
        }
    }
    let large = bgzf(&[b">a\n", &[b'A'; 300_000][..]].concat());
    for cut in [28, 29] {
        assert!(records_of(parser(&large[..large.len() - cut]), 1000).is_err());
    }
}

#[test]
fn quirk_1_9_content_counts_and_not_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let text = b">a\nACGT\n";
    for (name, content) in
        [("a.txt", gzip(text)), ("a.fa.gz", text.to_vec()), ("a.gz", zstd(text)), ("a.zst", bgzf(text))]
    {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        let records = records_of(Parser::new(Source::open(&path).unwrap()), 99).unwrap();
        assert_eq!(records, [("a".to_string(), vec![0, 1, 2, 3])]);
    }
}

#[test]
fn text_before_the_first_header_is_refused() {
    for (file, message) in [
        (&b"\n\nACGT\n>a\n"[..], "x.fa, line 3: text before the first header"),
        (b"@r1\nACGT\n+\nIIII\n", "x.fa, line 1: text before the first header ('@"),
        (b"\n@r1\nACGT\n", "x.fa, line 2: text before the first header; FASTA"),
        (b"\xff\xfe>\0a\0", "x.fa, line 1: the file begins with a UTF-16 byte order mark"),
        (b"\xef\xbb>a\n", "x.fa, line 1: text before the first header"),
        (b"\xef", "x.fa, line 1: text before the first header"),
        (b"\xef\xbb\xbf\xef\xbb\xbf>a\n", "x.fa, line 1: text before the first header"),
        (b"\n\xef\xbb\xbf>a\n", "x.fa, line 2: text before the first header"),
        (b"\xef\xbb\xbf >a\n", "x.fa, line 1: blanks before '>'"),
        (b"LOCUS       AB1 12 bp\n", "x.fa, line 1: text before the first header (this looks like GenBank"),
        (b"S\t1\tACGT\n", "x.fa, line 1: text before the first header (this looks like GFA"),
        (b"<!DOCTYPE html>\n", "x.fa, line 1: text before the first header (this looks like an HTML page"),
        (b"\x01\x28\x28\xb5\x2f\xfd\x20", "x.fa, line 1: this is an AGC archive"),
        (b"\x03\x01\x02", "x.fa, line 1: binary data"),
        (&gzip(&gzip(b">a\nA\n")), "x.fa, line 1: the file is compressed twice (gzip inside)"),
        (&bgzf(&zstd(b">a\nA\n")), "x.fa, line 1: the file is compressed twice (zstd inside)"),
        (&zstd(b"BZh91AY&SY"), "x.fa, line 1: the file is compressed twice (bzip2 inside)"),
        (&gzip(&tar()), "x.fa, line 1: this is a tar archive"),
        (&tar(), "x.fa, line 1: this is a tar archive"),
        (b"x", "x.fa, line 1: text before the first header"),
    ] {
        let text = refused(file);
        assert!(text.starts_with(message), "{text}");
    }
}

/// The first block of a tar archive.
fn tar() -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..6].copy_from_slice(b"a/b.fa");
    block[257..265].copy_from_slice(b"ustar  \0");
    block
}

#[test]
fn a_byte_order_mark_is_no_text() {
    for text in [&b"\xef\xbb\xbf>a b\nAC\n"[..], b"\xef\xbb\xbf\n>a b\r\nAC", b"\xef\xbb\xbf\r\n\n>a b\nAC"] {
        for file in [text.to_vec(), gzip(text), bgzf(text), zstd(text)] {
            assert_eq!(letters(&file).unwrap(), pairs(&[("a b", "AC")]));
        }
    }
    assert_eq!(records_of(parser(b"\xef\xbb\xbf"), 9).unwrap(), []);
    // What is refused has its place as if there were none.
    assert!(refused(b"\xef\xbb\xbf>a\nACJ\n").starts_with("x.fa, line 2, record 'a': letter 'J'"));
}

#[test]
fn headers() {
    assert_eq!(letters(b"> a b\nA\n>\tc\nC\n").unwrap(), pairs(&[(" a b", "A"), ("\tc", "C")]));
    assert_eq!(letters(">ż ó\t\nA".as_bytes()).unwrap(), pairs(&[("ż ó\t", "A")]));
    assert_eq!(letters(b">>a>b \nA").unwrap(), pairs(&[(">a>b ", "A")]));
    assert_eq!(refused(b">a\nAC\n>b\xff\n"), "x.fa, line 3: the header is not valid UTF-8");
    assert_eq!(refused(b">a\0\n"), "x.fa, line 1: a NUL byte in the header");
    assert!(refused(b">a\rACGT\r>b\rACGT\r").contains("a carriage return inside the header"));
    let longest = "h".repeat(MAX_HEADER);
    for end in ["", "\n", "\r\n"] {
        assert_eq!(letters(format!(">{longest}{end}").as_bytes()).unwrap(), pairs(&[(&longest, "")]));
        assert!(refused(format!(">{longest}h{end}").as_bytes()).contains("longer than 1 MiB"));
    }
}

#[test]
fn a_parser_can_move_to_another_thread() {
    fn movable<T: Send>(_: &T) {}
    movable(&parser(b""));
}

#[test]
fn a_failing_reader_is_a_system_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let mut parser = Parser::new(Source::from_reader("x.fa".into(), Box::new(Broken)));
    assert!(matches!(parser.next_record(), Err(Error::Io { .. })));
    assert!(parser.next_record().is_err());
}
