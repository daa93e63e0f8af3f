//! Records to FASTA text.

/// Appends the line of a header, given without `>`. False, and nothing appended, if it holds a line end.
#[must_use]
pub fn push_header(header: &[u8], out: &mut Vec<u8>) -> bool {
    if memchr::memchr2(b'\n', b'\r', header).is_some() {
        return false;
    }
    out.reserve(header.len() + 2);
    out.push(b'>');
    out.extend_from_slice(header);
    out.push(b'\n');
    true
}

/// Appends letters as lines of `width`, or to one line if that is 0; the last line is not ended unless it is full.
/// `column` is how many letters the unfinished line has so far; returns how many it has then.
pub fn push_lines(mut letters: &[u8], width: usize, column: usize, out: &mut Vec<u8>) -> usize {
    if width == 0 {
        out.extend_from_slice(letters);
        return column + letters.len();
    }
    out.reserve(letters.len() + letters.len() / width + 1);
    if column > 0 {
        let (line, rest) = letters.split_at(letters.len().min(width - column));
        out.extend_from_slice(line);
        if column + line.len() < width {
            return column + line.len();
        }
        out.push(b'\n');
        letters = rest;
    }
    let lines = letters.chunks_exact(width);
    let rest = lines.remainder();
    for line in lines {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(rest);
    rest.len()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Text of records, each of a header and pieces of sequence.
    pub(crate) fn written(width: usize, records: &[(&[u8], &[&[u8]])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (header, pieces) in records {
            assert!(push_header(header, &mut out));
            if pieces.iter().fold(0, |column, piece| push_lines(piece, width, column, &mut out)) > 0 {
                out.push(b'\n');
            }
        }
        out
    }

    #[test]
    fn lines_go_on_across_calls() {
        let records: [(&[u8], &[&[u8]]); 4] =
            [(b"a b", &[b"ACG", b"", b"TA"]), (b"empty", &[]), (b"four", &[b"ACGT"]), (b"nothing", &[b""])];
        assert_eq!(written(4, &records), b">a b\nACGT\nA\n>empty\n>four\nACGT\n>nothing\n");
        assert_eq!(written(0, &records), b">a b\nACGTA\n>empty\n>four\nACGT\n>nothing\n");
        assert_eq!(written(1, &records[2..3]), b">four\nA\nC\nG\nT\n");
    }

    #[test]
    fn a_header_is_one_line() {
        let mut out = b"x".to_vec();
        assert!(!push_header(b"b\nc", &mut out) && !push_header(b"\r", &mut out));
        assert_eq!(out, b"x");
    }

    proptest! {
        #[test]
        fn cutting_the_letters_changes_nothing(
            length in 0usize..20_000,
            width in prop_oneof![0usize..100, 6_000usize..15_000],
            piece in 1usize..10_000,
        ) {
            let letters: Vec<u8> = (0..length).map(|i| b"ACGT"[i % 4]).collect();
            let mut expected = b">x\n".to_vec();
            for line in letters.chunks(if width == 0 { usize::MAX } else { width }) {
                expected.extend_from_slice(line);
                expected.push(b'\n');
            }
            let pieces: Vec<&[u8]> = letters.chunks(piece).collect();
            prop_assert!(written(width, &[(b"x", &pieces)]) == expected);
        }
    }
}
