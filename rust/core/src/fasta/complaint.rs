//! What to tell the user about a byte that does not belong in a sequence.

use crate::foreign::no_fasta;

/// Why `byte`, found at `column` (from 1) of a sequence line, is refused.
pub(super) fn about(byte: u8, column: u64) -> String {
    let what = match byte {
        b'-' => "'-' is an alignment gap, not a nucleotide".into(),
        b'*' => "'*' is a stop codon, not a nucleotide; is this protein FASTA?".into(),
        b'.' => "'.' is an alignment gap, not a nucleotide".into(),
        b'>' => "'>' inside a sequence line; a header begins at the start of a line".into(),
        b' ' => "a space inside a sequence line".into(),
        b'\t' => "a tab inside a sequence line".into(),
        b'\r' => "a carriage return inside a line (line ends must be LF or CR LF)".into(),
        b';' if column == 1 => "comment lines (';') are not supported".into(),
        0 => "a NUL byte (0x00)".into(),
        b'X' | b'x' => format!("letter '{}' is not an IUPAC nucleotide code (an unknown base is N)", byte as char),
        // Letters of amino acids that are none of nucleotides.
        b'E' | b'F' | b'I' | b'L' | b'P' | b'Q' | b'e' | b'f' | b'i' | b'l' | b'p' | b'q' => {
            format!(
                "letter '{}' is not an IUPAC nucleotide code, but an amino acid; is this protein FASTA?",
                byte as char
            )
        }
        b'a'..=b'z' | b'A'..=b'Z' => format!("letter '{}' is not an IUPAC nucleotide code", byte as char),
        b'0'..=b'9' => format!("digit '{}' is not an IUPAC nucleotide code", byte as char),
        b'!'..=b'~' => format!("character '{}' is not an IUPAC nucleotide code", byte as char),
        0x80.. => format!("byte 0x{byte:02X} is not ASCII"),
        _ => format!("control byte 0x{byte:02X}"),
    };
    format!("{what} (column {column})")
}

/// Why text that begins with `start` before any header is refused; whether it is the beginning of the file.
pub(super) fn about_preamble(start: &[u8], begins_file: bool) -> String {
    match start {
        _ if begins_file => no_fasta(start),
        [b'>', ..] => "blanks before '>'; a header begins at the start of a line".into(),
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
        assert_eq!(about(b'O', 9), "letter 'O' is not an IUPAC nucleotide code (column 9)");
        assert!(about(b'E', 9).ends_with("is this protein FASTA? (column 9)"));
        assert_eq!(about(0xc3, 1), "byte 0xC3 is not ASCII (column 1)");
        assert_eq!(about(b';', 1), "comment lines (';') are not supported (column 1)");
    }

    #[test]
    fn preambles() {
        assert!(about_preamble(b"\xff\xfe>", true).contains("UTF-16"));
        assert!(about_preamble(b"\xff\xfe>", false).contains("text before"));
        assert!(about_preamble(b"@r1", true).contains("FASTQ"));
        assert!(about_preamble(b">", false).contains("blanks before"));
    }
}
