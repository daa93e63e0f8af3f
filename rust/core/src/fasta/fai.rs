//! The index of a FASTA file, `.fai`: a line for each record, as `samtools faidx` writes it.

use std::io::Write;

use rustc_hash::FxHashSet;

use super::first_word;

/// Makes the index of text with lines of one width, as [`writer`](super::writer) makes it.
///
/// A record without bases is not in the index: samtools leaves it out.
pub struct Fai {
    width: u64,
    /// Bytes of text so far.
    offset: u64,
    names: FxHashSet<Box<[u8]>>,
    lines: Vec<u8>,
}

impl Fai {
    /// The index of a file with lines of `line_width` letters; 0 for one line a record.
    pub fn new(line_width: usize) -> Fai {
        Fai { width: line_width as u64, offset: 0, names: FxHashSet::default(), lines: Vec::new() }
    }

    /// Counts a record; false if there is already one of this name, which the index cannot tell from it.
    pub fn record(&mut self, header: &[u8], bases: u64) -> bool {
        let first = self.offset + header.len() as u64 + 2;
        self.offset = first;
        if bases == 0 {
            return true;
        }
        let line = if self.width == 0 { bases } else { self.width };
        self.offset += bases + bases.div_ceil(line);
        let name = first_word(header);
        let line = line.min(bases);
        self.lines.extend_from_slice(name);
        // Writing to a vector cannot fail.
        let _ = writeln!(self.lines, "\t{bases}\t{first}\t{line}\t{}", line + 1);
        self.names.insert(name.into())
    }

    /// The text of the index.
    pub fn finish(self) -> Vec<u8> {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::writer::tests::written;
    use super::*;

    #[test]
    fn as_samtools_writes_it() {
        // What samtools 1.24 made of this text.
        let records = [("a b", "ACGTAC"), ("empty", ""), ("  lead x", "ACGT"), ("four", "ACGT"), ("v\x0bt", "A")];
        let mut fai = Fai::new(4);
        let mut text = Vec::new();
        for (header, letters) in records {
            assert!(fai.record(header.as_bytes(), letters.len() as u64));
            text.extend(written(4, &[(header.as_bytes(), &[letters.as_bytes()])]));
        }
        assert_eq!(fai.offset, text.len() as u64);
        assert_eq!(
            String::from_utf8(fai.finish()).unwrap(),
            "a\t6\t5\t4\t5\nlead\t4\t30\t4\t5\nfour\t4\t41\t4\t5\nv\t1\t51\t1\t2\n"
        );
    }

    #[test]
    fn one_line_a_record() {
        let mut fai = Fai::new(0);
        assert!(fai.record(b"a", 1000));
        assert!(!fai.record(b"a c", 7));
        assert_eq!(fai.finish(), b"a\t1000\t3\t1000\t1001\na\t7\t1009\t7\t8\n");
    }
}
