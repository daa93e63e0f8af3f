//! Random files: nothing depends on how the bytes arrive, and nothing wrong passes.

use super::{Records, bgzf, gzip, letters, parser, records_of, zstd};
use crate::alphabet::CODES;
use crate::fasta::writer::tests::written;
use crate::fasta::{Parser, Source};
use proptest::prelude::*;
use std::io::{self, Cursor, Read};

/// A reader that hands out its bytes in pieces of the given sizes, again and again.
struct Pieces {
    bytes: Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let size = size.min(out.len());
        self.bytes.read(&mut out[..size])
    }
}

/// How a test file is compressed.
#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Member,
    Members(usize),
    Bgzf,
    Zstd,
    Frames(usize),
}

impl Packing {
    fn pack(self, text: &[u8]) -> Vec<u8> {
        match self {
            Packing::Plain => text.to_vec(),
            Packing::Member => gzip(text),
            Packing::Members(size) => text.chunks(size).flat_map(gzip).collect(),
            Packing::Bgzf => bgzf(text),
            Packing::Zstd => zstd(text),
            Packing::Frames(size) => text.chunks(size).flat_map(zstd).collect(),
        }
    }
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![
        Just(Packing::Plain),
        Just(Packing::Member),
        (1usize..2000).prop_map(Packing::Members),
        Just(Packing::Bgzf),
        Just(Packing::Zstd),
        (1usize..2000).prop_map(Packing::Frames),
    ]
}

/// How garbage may begin.
const STARTS: [&[u8]; 6] = [b"", b">", b">a\n", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"];

fn record() -> impl Strategy<Value = (String, Vec<u8>)> {
    let letter = prop_oneof![
        30 => prop::sample::select(&b"ACGTacgtN"[..]),
        1 => prop::sample::select(&b"RYSWKMBDHVUryswkmbdhvu"[..]),
    ];
    let length = prop_oneof![Just(0usize..1), Just(0usize..200), Just(200usize..3000)];
    ("[!-~é][ -~\té]{0,30}", length.prop_flat_map(move |length| prop::collection::vec(letter.clone(), length)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn records_do_not_depend_on_lines_packing_or_pieces(
        records in prop::collection::vec(record(), 0..8),
        widths in prop::collection::vec(prop_oneof![3 => 1usize..100, 1 => Just(usize::MAX)], 1..4),
        ends in prop::collection::vec(prop::sample::select(&["\n", "\r\n", "\n\n", " \t\r\n"][..]), 1..5),
        last_end in any::<bool>(),
        packing in packing(),
        sizes in prop::collection::vec(prop_oneof![1usize..5, 1usize..100_000], 1..4),
        limit in prop_oneof![1usize..5, 1usize..5000, Just(usize::MAX)],
    ) {
        let mut text = Vec::new();
        let mut turn = 0;
        for (header, sequence) in &records {
            text.extend_from_slice(b">");
            text.extend_from_slice(header.as_bytes());
            text.extend_from_slice(if turn % 3 == 1 { b"\r\n" } else { b"\n" });
            for line in sequence.chunks(widths[turn % widths.len()]) {
                text.extend_from_slice(line);
                text.extend_from_slice(ends[turn % ends.len()].as_bytes());
                turn += 1;
            }
        }
        if last_end && text.ends_with(b"\n") {
            text.pop();
        }
        let bytes = Cursor::new(packing.pack(&text));
        let parser = Parser::new(Source::from_reader("x".into(), Box::new(Pieces { bytes, sizes, turn: 0 })));
        let codes = |s: &[u8]| s.iter().map(|&b| CODES[b as usize]).collect::<Vec<u8>>();
        let expected: Records = records.iter().map(|(header, s)| (header.clone(), codes(s))).collect();
        prop_assert_eq!(records_of(parser, limit).unwrap(), expected);
    }

    #[test]
    fn what_the_writer_writes_is_read_back(
        records in prop::collection::vec(record(), 0..6), width in 0usize..120, piece in 1usize..4000,
    ) {
        let text: Vec<u8> = records
            .iter()
            .flat_map(|(header, sequence)| {
                let pieces: Vec<&[u8]> = sequence.chunks(piece).collect();
                written(width, &[(header.as_bytes(), &pieces)])
            })
            .collect();
        let expected: Vec<_> =
            records.into_iter().map(|(h, s)| (h, String::from_utf8(s).unwrap().to_uppercase())).collect();
        prop_assert_eq!(letters(&text).unwrap(), expected);
    }

    #[test]
    fn garbage_never_panics(
        magic in prop::sample::select(&STARTS[..]),
        tail in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            prop::collection::vec(prop::sample::select(&b">ACGT \r\n\tN"[..]), 0..400),
        ],
        sizes in prop::collection::vec(1usize..50, 1..3),
        limit in 1usize..50,
    ) {
        let file = [magic, &tail].concat();
        let whole = records_of(parser(&file), usize::MAX).map_err(|e| e.to_string());
        let bytes = Cursor::new(file);
        let pieces = Source::from_reader("x.fa".into(), Box::new(Pieces { bytes, sizes, turn: 0 }));
        let pieces = records_of(Parser::new(pieces), limit).map_err(|e| e.to_string());
        // Of two faults, the decoder's and the parser's, either may come first.
        if whole.is_ok() || magic.len() < 4 {
            prop_assert_eq!(pieces, whole);
        } else {
            prop_assert!(pieces.is_err());
        }
    }

    #[test]
    fn damaged_compressed_files_never_give_other_records(
        records in prop::collection::vec(record(), 1..4),
        packing in packing(),
        place in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let text = letters_of(&records);
        let mut file = packing.pack(&text);
        let at = place.index(file.len());
        file[at] ^= 1 << bit;
        let good = records_of(parser(&text), usize::MAX).unwrap();
        if let (Ok(read), false) = (records_of(parser(&file), usize::MAX), matches!(packing, Packing::Plain)) {
            prop_assert_eq!(read, good);
        }
    }
}

fn letters_of(records: &[(String, Vec<u8>)]) -> Vec<u8> {
    records.iter().flat_map(|(header, sequence)| written(60, &[(header.as_bytes(), &[sequence])])).collect()
}
