//! Records to FASTA text.

use std::io::{self, Write};

/// AGC's line width.
pub const LINE_WIDTH: usize = 80;

/// Bytes gathered before they go to the output.
const STAGE: usize = 64 << 10;

/// Writes records with wrapped lines. Every call passes all it makes on to the output, so nothing is lost when the
/// writer is dropped; who calls it with few letters at a time gives it a [`std::io::BufWriter`].
pub struct FastaWriter<W: Write> {
    output: W,
    width: usize,
    /// Letters in the unfinished line.
    column: usize,
    stage: Vec<u8>,
}

impl<W: Write> FastaWriter<W> {
    /// A writer of lines of `line_width` letters; 0 puts each contig into one line.
    pub fn new(output: W, line_width: usize) -> Self {
        FastaWriter { output, width: line_width, column: 0, stage: Vec::new() }
    }

    /// Begins a record, after finishing the one before. A header must not contain line ends.
    pub fn header(&mut self, header: &[u8]) -> io::Result<()> {
        if memchr::memchr2(b'\n', b'\r', header).is_some() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a line end inside a FASTA header"));
        }
        self.finish_record()?;
        self.stage.clear();
        self.stage.push(b'>');
        self.stage.extend_from_slice(header);
        self.stage.push(b'\n');
        self.output.write_all(&self.stage)
    }

    /// Continues the sequence of the record.
    pub fn letters(&mut self, mut letters: &[u8]) -> io::Result<()> {
        if self.width == 0 {
            self.column |= usize::from(!letters.is_empty());
            return self.output.write_all(letters);
        }
        self.stage.clear();
        while !letters.is_empty() {
            let (line, rest) = letters.split_at(letters.len().min(self.width - self.column));
            if line.len() > STAGE {
                self.output.write_all(&self.stage)?;
                self.stage.clear();
                self.output.write_all(line)?;
            } else {
                self.stage.extend_from_slice(line);
            }
            self.column += line.len();
            if self.column == self.width {
                self.stage.push(b'\n');
                self.column = 0;
            }
            if self.stage.len() >= STAGE {
                self.output.write_all(&self.stage)?;
                self.stage.clear();
            }
            letters = rest;
        }
        self.output.write_all(&self.stage)
    }

    /// Ends the line that is unfinished, if any. A record without letters is its header line alone.
    pub fn finish_record(&mut self) -> io::Result<()> {
        if self.column > 0 {
            self.column = 0;
            self.output.write_all(b"\n")?;
        }
        Ok(())
    }

    /// The output.
    pub fn get_ref(&self) -> &W {
        &self.output
    }

    /// Finishes the record, flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        self.finish_record()?;
        self.output.flush()?;
        Ok(self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(width: usize, records: &[(&str, &[&[u8]])]) -> String {
        let mut writer = FastaWriter::new(vec![], width);
        for (header, pieces) in records {
            writer.header(header.as_bytes()).unwrap();
            for piece in *pieces {
                writer.letters(piece).unwrap();
            }
            writer.finish_record().unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn lines_go_on_across_calls() {
        let records: [(&str, &[&[u8]]); 4] =
            [("a b", &[b"ACG", b"", b"TA"]), ("empty", &[]), ("four", &[b"ACGT"]), ("nothing", &[b""])];
        assert_eq!(written(4, &records), ">a b\nACGT\nA\n>empty\n>four\nACGT\n>nothing\n");
        assert_eq!(written(0, &records), ">a b\nACGTA\n>empty\n>four\nACGT\n>nothing\n");
        assert_eq!(written(1, &records[2..3]), ">four\nA\nC\nG\nT\n");
    }

    #[test]
    fn a_header_ends_the_record_before() {
        let mut writer = FastaWriter::new(vec![], LINE_WIDTH);
        writer.header(b"a").unwrap();
        writer.letters(b"AC").unwrap();
        assert!(writer.header(b"b\nc").is_err());
        writer.header(b"b").unwrap();
        assert_eq!(writer.get_ref(), b">a\nAC\n>b\n");
    }

    #[test]
    fn errors_of_the_output_are_passed_on() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = FastaWriter::new(Full, 80);
        assert!(writer.header(b"a").is_err());
        assert!(writer.letters(b"ACGT").is_err());
    }

    proptest! {
        #[test]
        fn cutting_the_letters_changes_nothing(
            length in 0usize..200_000,
            width in prop_oneof![0usize..100, 60_000usize..150_000],
            piece in 1usize..100_000,
        ) {
            let letters: Vec<u8> = (0..length).map(|i| b"ACGT"[i % 4]).collect();
            let mut expected = b">x\n".to_vec();
            for line in letters.chunks(if width == 0 { usize::MAX } else { width }) {
                expected.extend_from_slice(line);
                expected.push(b'\n');
            }
            let mut writer = FastaWriter::new(vec![], width);
            writer.header(b"x").unwrap();
            for piece in letters.chunks(piece) {
                writer.letters(piece).unwrap();
            }
            prop_assert!(writer.finish().unwrap() == expected);
        }
    }
}
