//! BGZF files that end between two blocks: they may be cut short.

use std::io::Cursor;
use std::sync::Arc;

use super::{bgzf, gzip};
use crate::fasta::{MissingEof, Offer, Source};
use crate::{Error, Result};

/// What is read of a file, alone and with two kinds of help; all must agree.
fn text(file: &[u8], missing_eof: MissingEof) -> Result<Vec<u8>> {
    let offers: [Offer; 2] = [Arc::new(|_| {}), Arc::new(|work| work.run())];
    let read = |offer: Option<Offer>, depth| {
        let source = Source::from_reader("x".into(), Box::new(Cursor::new(file.to_vec()))).missing_eof(missing_eof);
        let mut source = if let Some(offer) = offer { source.helped(offer, depth) } else { source };
        let (mut all, mut part) = (Vec::new(), [0; 7000]);
        loop {
            match source.fill(&mut part)? {
                0 => return Ok(all),
                filled => all.extend_from_slice(&part[..filled]),
            }
        }
    };
    let alone = read(None, 0);
    for offer in offers {
        for depth in [1, 2, 5] {
            let helped = read(Some(Arc::clone(&offer)), depth);
            assert_eq!(helped.map_err(|e: Error| e.to_string()), alone.as_ref().cloned_or_message());
        }
    }
    alone
}

trait ClonedOrMessage {
    fn cloned_or_message(&self) -> std::result::Result<Vec<u8>, String>;
}

impl ClonedOrMessage for std::result::Result<&Vec<u8>, &Error> {
    fn cloned_or_message(&self) -> std::result::Result<Vec<u8>, String> {
        self.map(Clone::clone).map_err(ToString::to_string)
    }
}

/// Blocks of a BGZF file.
fn blocks(file: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let (block, behind) = rest.split_at(usize::from(u16::from_le_bytes([rest[16], rest[17]])) + 1);
        blocks.push(block);
        rest = behind;
    }
    blocks
}

fn letters(length: usize) -> Vec<u8> {
    (0..length as u32).map(|i| b"ACGT"[(i.wrapping_mul(2_654_435_761) >> 30) as usize]).collect()
}

/// A member like those of BGZF with another field before the one of its size.
fn with_more_fields(block: &[u8]) -> Vec<u8> {
    [&block[..10], &[12, 0, b'X', b'Y', 2, 0, 1, 2], &block[12..]].concat()
}

fn refused(file: &[u8]) {
    for missing_eof in [MissingEof::Refuse, MissingEof::RefuseWithHint] {
        let message = text(file, missing_eof).unwrap_err().to_string();
        assert!(message.starts_with("x: the BGZF file ends without its end-of-file block"), "{message}");
        assert_eq!(message.contains("--allow-missing-eof"), missing_eof == MissingEof::RefuseWithHint);
    }
}

#[test]
fn a_cut_between_any_two_blocks_is_refused() {
    let all = letters(400_000);
    let file = bgzf(&all);
    let blocks = blocks(&file);
    assert!(blocks.len() > 6);
    for count in 1..blocks.len() {
        let cut = blocks[..count].concat();
        refused(&cut);
        refused(&[&cut[..], &[0; 600]].concat());
        // All of the text before is there for those who want it.
        let taken = text(&cut, MissingEof::Allow).unwrap();
        assert!(all.starts_with(&taken) && taken.len() == (count * 0xff00).min(all.len()));
    }
    assert!(text(&file, MissingEof::Refuse).unwrap() == all);
}

#[test]
fn only_the_last_member_counts() {
    let (file, long) = (bgzf(b"ACGT"), bgzf(&letters(200_000)));
    let block = blocks(&file)[0];
    let end = blocks(&file)[1];
    let plain = gzip(b"NN");
    // Files behind one another, an end in the middle, plain gzip behind BGZF: nothing is known to be missing.
    for whole in [
        [&file[..], &file].concat(),
        [&long[..], &long, &file].concat(),
        [block, &plain].concat(),
        [&long[..], &plain].concat(),
        [&plain[..], &file].concat(),
        [block, block, end, end].concat(),
        [block, end, &[0; 30]].concat(),
        end.to_vec(),
        [&plain[..], &plain].concat(),
    ] {
        let strict = text(&whole, MissingEof::Refuse).unwrap();
        assert_eq!(strict, text(&whole, MissingEof::Allow).unwrap());
    }
    for cut in [
        [&file[..], block].concat(),
        [&long[..], block, block].concat(),
        [&plain[..], block].concat(),
        [&long[..], &plain, block].concat(),
        [end, block].concat(),
        with_more_fields(block),
        [block, &with_more_fields(block)].concat(),
    ] {
        refused(&cut);
    }
    assert_eq!(text(&[&with_more_fields(block)[..], end].concat(), MissingEof::Refuse).unwrap(), b"ACGT");
}

#[test]
fn a_cut_inside_a_block_is_never_taken() {
    let file = bgzf(&letters(100_000));
    for cut in [1, 5, 27, 29, 40, 1000] {
        let message = text(&file[..file.len() - cut], MissingEof::Allow).unwrap_err().to_string();
        assert!(message.contains("gzip stream is truncated"), "{message}");
    }
}
