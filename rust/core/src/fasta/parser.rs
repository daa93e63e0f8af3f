//! FASTA text to records of codes, in chunks of the caller's choice; a contig is never in memory whole.
//!
//! Accepted: LF and CR LF, blank lines, any line length, a missing last newline, lower case (folded), all IUPAC
//! letters, blanks at the end of a line, contigs without sequence, a UTF-8 byte order mark before it all. Everything else is an error with file, line,
//! record and column: nothing is ever skipped or replaced in silence.

use super::codes::append_codes;
use super::complaint;
use super::name::first_word;
use super::source::Source;
use crate::error::InputError;
use crate::foreign::TELLING;
use crate::{Error, Result};
use memchr::memchr;

/// Memory of a parser without its source and without headers, in bytes.
pub const PARSER_MEMORY: usize = 128 << 10;

/// Longest header, in bytes.
pub const MAX_HEADER: usize = 1 << 20;

/// Codes read at a time when the caller skips the rest of a record.
const SKIPPED: usize = 32 << 10;

/// Records of one [`Source`], front to back.
pub struct Parser {
    source: Source,
    buffer: Box<[u8]>,
    pos: usize,
    end: usize,
    bytes_read: u64,
    state: State,
    /// Line of the next byte, from 1.
    line: u64,
    /// Bytes of that line before the next byte.
    column: u64,
    /// A blank met in a sequence line, and its column: only blanks may follow in that line.
    blank: Option<(u8, u64)>,
    record: String,
    /// Line of its header.
    record_line: u64,
    records: u64,
    keep_case: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first header.
    Start,
    /// The next byte is the `>` of a header.
    Header,
    /// In the sequence of a record.
    Sequence,
    /// Behind the last record.
    End,
    /// An error was returned.
    Failed,
}

impl Parser {
    /// A parser at the start of `source`; nothing is read yet.
    pub fn new(source: Source) -> Parser {
        Parser {
            source,
            buffer: vec![0; PARSER_MEMORY].into_boxed_slice(),
            pos: 0,
            end: 0,
            bytes_read: 0,
            state: State::Start,
            line: 1,
            column: 0,
            blank: None,
            record: String::new(),
            record_line: 0,
            records: 0,
            keep_case: false,
        }
    }

    /// Whether codes come with the bit [`crate::alphabet::LOWER`] of their letters; they do not unless told.
    pub fn keep_case(self, keep_case: bool) -> Parser {
        Parser { keep_case, ..self }
    }

    /// The next record's header, without `>` and line end; `None` at the end of the data. What the caller has not
    /// read of the current record is checked on the way. After an error every further call fails.
    ///
    /// Data without any record give `None` at once; see [`Parser::records_seen`].
    pub fn next_record(&mut self) -> Result<Option<String>> {
        let result = self.try_next_record();
        self.note_failure(result)
    }

    /// Appends up to `limit` codes (0 to 15, case folded unless it is kept) of the current record to `out` and returns how many.
    /// That is exactly `limit` unless the record ends before; 0 (for a `limit` above 0) means that it has ended.
    /// After an error, `out` may hold some of the codes before it, and every further call fails.
    pub fn read_codes(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<usize> {
        let result = match self.state {
            State::Sequence => self.try_read_codes(out, limit),
            State::Failed => Err(self.failed_before()),
            State::Start | State::Header | State::End => Ok(0),
        };
        self.note_failure(result)
    }

    /// Line that is read next, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Line of the last header returned, from 1.
    pub fn record_line(&self) -> u64 {
        self.record_line
    }

    /// Name of the source.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Bytes of (decompressed) text read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Bytes of the file taken so far, as they are stored.
    pub fn bytes_taken(&self) -> u64 {
        self.source.taken()
    }

    /// Headers returned so far.
    pub fn records_seen(&self) -> u64 {
        self.records
    }

    /// The source, e.g. for [`Source::memory`].
    pub fn source(&self) -> &Source {
        &self.source
    }

    fn try_next_record(&mut self) -> Result<Option<String>> {
        match self.state {
            State::Start => self.find_first_header()?,
            State::Sequence => {
                let mut skipped = Vec::with_capacity(SKIPPED);
                while self.try_read_codes(&mut skipped, SKIPPED)? > 0 {
                    skipped.clear();
                }
            }
            State::Failed => return Err(self.failed_before()),
            State::Header | State::End => {}
        }
        if self.state == State::End {
            return Ok(None);
        }
        self.record_line = self.line;
        let header = self.read_header()?;
        self.record.clone_from(&header);
        self.records += 1;
        self.state = State::Sequence;
        Ok(Some(header))
    }

    /// Steps over blank lines.
    fn find_first_header(&mut self) -> Result<()> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'\n' => self.next_line(1),
                b' ' | b'\t' | b'\r' => self.advance(1),
                b'>' if self.column == 0 => {
                    self.state = State::Header;
                    return Ok(());
                }
                0xef if self.at_start() => self.skip_byte_order_mark()?,
                _ => return Err(self.refuse_preamble()?),
            }
        }
        self.state = State::End;
        Ok(())
    }

    /// Whether nothing of the file was stepped over.
    fn at_start(&self) -> bool {
        self.pos == 0 && self.bytes_read == self.end as u64
    }

    /// Steps over a UTF-8 byte order mark: what comes next begins the first line.
    fn skip_byte_order_mark(&mut self) -> Result<()> {
        for expected in [0xef, 0xbb, 0xbf] {
            if self.peek()? != Some(expected) {
                return Err(self.error(1, None, complaint::about_preamble(&[expected], false)));
            }
            self.pos += 1;
        }
        Ok(())
    }

    /// Reads from `>` to the end of the line.
    fn read_header(&mut self) -> Result<String> {
        let line = self.line;
        self.advance(1);
        let mut header = Vec::new();
        while self.peek()?.is_some() {
            let text = &self.buffer[self.pos..self.end];
            let newline = memchr(b'\n', text);
            let part = &text[..newline.unwrap_or(text.len())];
            header.extend_from_slice(part);
            let length = part.len();
            if header.len() > MAX_HEADER + 1 {
                break;
            }
            match newline {
                None => self.advance(length),
                Some(_) => {
                    self.next_line(length + 1);
                    break;
                }
            }
        }
        while header.last() == Some(&b'\r') {
            header.pop();
        }
        let refuse = |message: &str| Err(self.error(line, None, message.into()));
        if header.len() > MAX_HEADER {
            return refuse("the header is longer than 1 MiB");
        }
        if header.contains(&0) {
            return refuse("a NUL byte in the header");
        }
        if header.contains(&b'\r') {
            return refuse("a carriage return inside the header (line ends must be LF or CR LF)");
        }
        match String::from_utf8(header) {
            Err(_) => refuse("the header is not valid UTF-8"),
            Ok(header) if first_word(header.as_bytes()).is_empty() => refuse("empty header"),
            Ok(header) => Ok(header),
        }
    }

    fn try_read_codes(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<usize> {
        let mut left = limit;
        while left > 0 {
            let Some(first) = self.peek()? else {
                self.blank = None;
                self.state = State::End;
                break;
            };
            if self.blank.is_some() {
                self.skip_blanks()?;
                continue;
            }
            if first == b'>' && self.column == 0 {
                self.state = State::Header;
                break;
            }
            // No further than needed to see that the line ends, CR LF included, after `left` letters.
            let text = &self.buffer[self.pos..self.end];
            let text = &text[..text.len().min(left.saturating_add(2))];
            let newline = memchr(b'\n', text);
            let mut letters = &text[..newline.unwrap_or(text.len())];
            if let (Some(_), [before @ .., b'\r']) = (newline, letters) {
                letters = before;
            }
            let taken = letters.len().min(left);
            let ends = newline.filter(|_| taken == letters.len());
            let letters_taken = &letters[..taken];
            let appended = match self.keep_case {
                true => append_codes::<true>(letters_taken, out),
                false => append_codes::<false>(letters_taken, out),
            };
            match appended {
                Ok(()) => {
                    left -= taken;
                    match ends {
                        Some(newline) => self.next_line(newline + 1),
                        None => self.advance(taken),
                    }
                }
                Err(at) => {
                    let byte = letters[at];
                    left -= at;
                    self.advance(at);
                    let column = self.column + 1;
                    if !matches!(byte, b' ' | b'\t' | b'\r') {
                        return Err(self.refuse(byte, column));
                    }
                    self.blank = Some((byte, column));
                }
            }
        }
        Ok(limit - left)
    }

    /// Steps over the blanks at the end of a sequence line and over its newline.
    fn skip_blanks(&mut self) -> Result<()> {
        while let Some(byte) = self.peek()? {
            match byte {
                b' ' | b'\t' | b'\r' => self.advance(1),
                b'\n' => {
                    self.next_line(1);
                    self.blank = None;
                    break;
                }
                _ => {
                    let (blank, column) = self.blank.unwrap_or((byte, self.column + 1));
                    return Err(self.refuse(blank, column));
                }
            }
        }
        Ok(())
    }

    /// The next byte, after filling the buffer if it is empty.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>> {
        if self.pos == self.end {
            self.pos = 0;
            self.end = 0;
            self.end = self.source.fill(&mut self.buffer)?;
            self.bytes_read += self.end as u64;
        }
        Ok(self.buffer[..self.end].get(self.pos).copied())
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        self.pos += count;
        self.column += count as u64;
    }

    #[inline]
    fn next_line(&mut self, count: usize) {
        self.pos += count;
        self.line += 1;
        self.column = 0;
    }

    fn note_failure<T>(&mut self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.state = State::Failed;
        }
        result
    }

    fn failed_before(&self) -> Error {
        Error::input(self.name(), "reading stopped at an earlier error")
    }

    #[cold]
    fn refuse(&self, byte: u8, column: u64) -> Error {
        self.error(self.line, Some(self.record.clone()), complaint::about(byte, column))
    }

    #[cold]
    fn refuse_preamble(&mut self) -> Result<Error> {
        let (line, begins_file) = (self.line, self.at_start());
        let mut start = Vec::new();
        while start.len() < TELLING {
            let Some(byte) = self.peek()? else { break };
            start.push(byte);
            self.advance(1);
        }
        Ok(self.error(line, None, complaint::about_preamble(&start, begins_file)))
    }

    fn error(&self, line: u64, record: Option<String>, message: String) -> Error {
        Error::Input(Box::new(InputError { file: self.name().into(), line: Some(line), record, message }))
    }
}
