//! What to tell the user about a byte that does not belong in a sequence.

/// Why `byte`, found at `column` (from 1) of a sequence line, is refused.
pub(super) fn about(byte: u8, column: u64) -> String {
    let what = match byte {
        b'-' => "'-' is an alignment gap, not a nucleotide".into(),
        b'*' => "'*' is a stop codon, not a nucleotide".into(),
        b'.' => "'.' is an alignment gap, not a nucleotide".into(),
        b'>' => "'>' inside a sequence line; a header begins at the start of a line".into(),
        b' ' => "a space inside a sequence line".into(),
        b'\t' => "a tab inside a sequence line".into(),
        b'\r' => "a carriage return inside a line (line ends must be LF or CR LF)".into(),
        b';' if column == 1 => "comment lines (';') are not supported".into(),
        0 => "a NUL byte (0x00)".into(),
        b'X' | b'x' => format!("letter '{}' is not an IUPAC nucleotide code (an unknown base is N)", byte as char),
        b'a'..=b'z' | b'A'..=b'Z' => format!("letter '{}' is not an IUPAC nucleotide code", byte as char),
        b'0'..=b'9' => format!("digit '{}' is not an IUPAC nucleotide code", byte as char),
        b'!'..=b'~' => format!("character '{}' is not an IUPAC nucleotide code", byte as char),
        0x80.. => format!("byte 0x{byte:02X} is not ASCII"),
        _ => format!("control byte 0x{byte:02X}"),
    };
    format!("{what} (column {column})")
}

/// Why text that begins with `start` at the beginning of a file, before any header, is refused.
pub(super) fn about_preamble(start: &[u8], first_line: bool, column: u64) -> String {
    match start {
        [0xef, 0xbb, 0xbf, ..] if first_line && column == 1 => {
            "the file begins with a UTF-8 byte order mark; save it without one".into()
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if first_line && column == 1 => {
            "the file begins with a UTF-16 byte order mark; FASTA is plain ASCII text".into()
        }
        [b'>', ..] => "blanks before '>'; a header begins at the start of a line".into(),
        [b'@', ..] => "text before the first header ('@…': this looks like FASTQ, not FASTA)".into(),
        _ => "text before the first header; FASTA begins with '>'".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_shown_readably() {
        for byte in 0..=255 {
            let text = about(byte, 3);
            assert!(text.ends_with(" (column 3)"));
            assert!(text.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{text}");
        }
        assert_eq!(about(b'E', 9), "letter 'E' is not an IUPAC nucleotide code (column 9)");
        assert_eq!(about(0xc3, 1), "byte 0xC3 is not ASCII (column 1)");
        assert_eq!(about(b';', 1), "comment lines (';') are not supported (column 1)");
    }

    #[test]
    fn preambles() {
        assert!(about_preamble(b"\xef\xbb\xbf>a", true, 1).contains("UTF-8 byte order mark"));
        assert!(about_preamble(b"\xef\xbb\xbf>a", false, 1).contains("text before"));
        assert!(about_preamble(b"\xff\xfe>", true, 1).contains("UTF-16"));
        assert!(about_preamble(b"@r1", true, 1).contains("FASTQ"));
        assert!(about_preamble(b">", true, 2).contains("blanks before"));
    }
}
