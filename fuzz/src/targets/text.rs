//! Text that a user brings: FASTA, and lists of files.

use std::io::Cursor;

use panarc_core::Result;
use panarc_core::fasta::{Parser, Source, Split, first_word, sample_name};

use super::answered;

/// Most text that is taken from compressed input.
const MOST_TEXT: usize = 8 << 20;

/// Text that may be compressed: whatever the pieces, the records are the same.
pub fn fasta(data: &[u8]) {
    let parse = |piece: usize, case: bool| -> Result<(Vec<String>, Vec<u8>)> {
        let source = Source::from_reader("x".into(), Box::new(Cursor::new(data.to_vec())));
        let mut parser = Parser::new(source).keep_case(case);
        let (mut headers, mut codes) = (Vec::new(), Vec::new());
        while let Some(header) = parser.next_record()? {
            headers.push(header);
            while parser.read_codes(&mut codes, piece)? > 0 {
                if codes.len() > MOST_TEXT {
                    return Ok((headers, Vec::new()));
                }
            }
        }
        Ok((headers, codes))
    };
    let whole = answered(parse(1 << 20, false));
    let pieces = answered(parse(7, true));
    assert_eq!(whole.is_some(), pieces.is_some());
    if let (Some((headers, codes)), Some((same, mut folded))) = (whole, pieces) {
        folded.iter_mut().for_each(|code| *code &= !panarc_core::alphabet::LOWER);
        assert_eq!((&headers, &codes), (&same, &folded));
        assert!(codes.iter().all(|&code| code < 16));
        for header in &headers {
            let word = first_word(header.as_bytes());
            for (_, split) in Split::ALL {
                assert!(answered(split.sample(header)).is_none_or(|sample| word.starts_with(sample.as_bytes())));
            }
        }
    }
}

/// A list of files, and a file's name.
pub fn list(data: &[u8]) {
    let source = Source::from_reader("x".into(), Box::new(Cursor::new(data.to_vec())));
    if let Some(files) = answered(panarc_core::fasta::list::read_list_from(source)) {
        assert!(files.iter().all(|file| !file.path.as_os_str().is_empty()));
        assert!(files.iter().all(|file| file.sample.as_ref().is_none_or(|name| !name.is_empty())));
        for file in files {
            sample_name(&file.path);
        }
    }
}
