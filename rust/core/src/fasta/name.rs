//! The name in a header: what samtools, pysam, pyfaidx and Biopython call a record.

use std::ops::Range;

/// White space as C's `isspace` has it, which samtools goes by. Rust's own set lacks the vertical tab.
fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// The name in a header: its first word. Blanks before it are skipped, as in `> chr1`; a header of blanks alone has an
/// empty name.
pub fn first_word(header: &[u8]) -> &[u8] {
    &header[first_word_range(header)]
}

/// Where [`first_word`] is in the header.
pub fn first_word_range(header: &[u8]) -> Range<usize> {
    let start = header.iter().position(|byte| !is_space(byte)).unwrap_or(header.len());
    let length = header[start..].iter().position(is_space).unwrap_or(header.len() - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_samtools_finds_them() {
        // What samtools 1.24 puts into the first column of its index; empty for the last three.
        for (header, name) in [
            ("chr1", "chr1"),
            (" chr1 first", "chr1"),
            ("  chr2  x", "chr2"),
            ("\tchr3\ty", "chr3"),
            ("chr4\tz w", "chr4"),
            ("\x0bchr5 q", "chr5"),
            ("\x0cchr6\x0bq", "chr6"),
            ("chr7\x0cq", "chr7"),
            ("chr8\x1cq", "chr8\x1cq"),
            ("chr9\u{a0}q", "chr9\u{a0}q"),
            ("\u{a0}chr10 q", "\u{a0}chr10"),
            ("é b", "é"),
            ("a\r", "a"),
            ("", ""),
            (" ", ""),
            ("\t \x0b", ""),
        ] {
            assert_eq!(first_word(header.as_bytes()), name.as_bytes(), "{header:?}");
            // Text can be cut there, too.
            assert_eq!(&header[first_word_range(header.as_bytes())], name);
        }
    }
}
