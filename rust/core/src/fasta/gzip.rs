//! gzip with any number of members, hence BGZF too.
//!
//! Members are taken apart here rather than by a ready-made decoder so that the end of the file is accepted at
//! the end of a member only, and so that one inflate state serves all members of a file.
//!
//! A file that is cut between two members is well-formed gzip. BGZF can tell: its last block is an empty one. Where the
//! last member is a block with text, the rest of the file may be missing, and that is an error unless the caller knows
//! better.

use super::raw::Raw;
use crate::{Error, Result};
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// First two bytes of a member.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

const DEFLATE: u8 = 8;
const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

/// What is done where the last block of a BGZF file is not the empty one that marks the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingEof {
    /// It is an error.
    #[default]
    Refuse,
    /// It is an error that names the option with which it is none.
    RefuseWithHint,
    /// The file is taken as it is.
    Allow,
}

impl MissingEof {
    /// What a caller wants who can be told of the option.
    pub fn allowed(allowed: bool) -> MissingEof {
        if allowed { MissingEof::Allow } else { MissingEof::RefuseWithHint }
    }
}

/// Decoder of one file.
pub(super) struct Gzip {
    inflate: Decompress,
    crc: Crc,
    inside: bool,
    members: u64,
    /// Whether the member is a BGZF block.
    block: bool,
    /// Whether the last member that ended is a BGZF block with text.
    unmarked: bool,
    missing_eof: MissingEof,
    /// The extra field of a header.
    extra: Vec<u8>,
}

impl Gzip {
    pub(super) fn new(missing_eof: MissingEof) -> Self {
        Gzip {
            inflate: Decompress::new(false),
            crc: Crc::new(),
            inside: false,
            members: 0,
            block: false,
            unmarked: false,
            missing_eof,
            extra: Vec::new(),
        }
    }

    /// For blocks in the middle of a file: no end is expected there.
    pub(super) fn of_blocks() -> Self {
        Gzip::new(MissingEof::Allow)
    }

    /// For what follows members that others read: nothing, or zeros, or a member.
    pub(super) fn behind_members(missing_eof: MissingEof) -> Self {
        Gzip { members: 1, ..Gzip::new(missing_eof) }
    }

    /// Begins with another file.
    pub(super) fn restart(&mut self) {
        (self.inside, self.members, self.unmarked) = (false, 0, false);
    }

    /// Whether the last member so far is a BGZF block with text, behind which more must come.
    pub(super) fn unmarked(&self) -> bool {
        self.unmarked
    }

    /// Tells what the last of the members was that others read; not to be called behind members of its own.
    pub(super) fn set_unmarked(&mut self, unmarked: bool) {
        self.unmarked = unmarked;
    }

    /// Decompresses some bytes; 0 means the end of the last member and of the file.
    pub(super) fn fill(&mut self, raw: &mut Raw, out: &mut [u8]) -> Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.inside && !self.next_member(raw)? {
                return Ok(0);
            }
            let input = raw.available()?;
            let ended = input.is_empty();
            let (taken, made) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, out, FlushDecompress::None);
            let taken = (self.inflate.total_in() - taken) as usize;
            let made = ((self.inflate.total_out() - made) as usize).min(out.len());
            raw.consume(taken);
            match status {
                Err(e) => return Err(self.corrupt(raw, e.message().unwrap_or("invalid compressed data"))),
                Ok(Status::StreamEnd) => {
                    self.crc.update(&out[..made]);
                    self.trailer(raw)?;
                    self.inside = false;
                }
                Ok(_) if taken == 0 && made == 0 => {
                    let reason = if ended { "the data end too early" } else { "decompression does not advance" };
                    return Err(self.corrupt(raw, reason));
                }
                Ok(_) => self.crc.update(&out[..made]),
            }
            if made > 0 {
                return Ok(made);
            }
        }
    }

    /// Reads the header of the next member; false at the end of the file (zero padding allowed).
    fn next_member(&mut self, raw: &mut Raw) -> Result<bool> {
        let first = match raw.byte()? {
            None if self.members > 0 => return self.check_end(raw),
            Some(0) if self.members > 0 => {
                while let Some(byte) = raw.byte()? {
                    if byte != 0 {
                        return Err(self.corrupt(raw, "bytes after the last member are neither zero nor a member"));
                    }
                }
                return self.check_end(raw);
            }
            first => first,
        };
        self.crc.reset();
        let mut fixed = [0; 10];
        for (i, slot) in fixed.iter_mut().enumerate() {
            let byte = if i == 0 { first } else { raw.byte()? };
            let byte = byte.ok_or_else(|| self.corrupt(raw, "the data end inside a member's header"))?;
            if MAGIC.get(i).is_some_and(|&wanted| wanted != byte) {
                return Err(self.corrupt(raw, "what follows a member is not a member"));
            }
            *slot = byte;
        }
        self.crc.update(&fixed);
        let flags = fixed[3];
        if fixed[2] != DEFLATE {
            return Err(self.corrupt(raw, "unknown compression method"));
        }
        if flags & RESERVED != 0 {
            return Err(self.corrupt(raw, "reserved flags are set"));
        }
        self.extra.clear();
        if flags & EXTRA != 0 {
            let length = [self.header_byte(raw)?, self.header_byte(raw)?];
            for _ in 0..u16::from_le_bytes(length) {
                let byte = self.header_byte(raw)?;
                self.extra.push(byte);
            }
        }
        self.block = has_block_size(&self.extra);
        for flag in [NAME, COMMENT] {
            if flags & flag != 0 {
                while self.header_byte(raw)? != 0 {}
            }
        }
        if flags & HEADER_CRC != 0 {
            let expected = self.crc.sum() as u16;
            let stored = [self.header_byte(raw)?, self.header_byte(raw)?];
            if u16::from_le_bytes(stored) != expected {
                return Err(self.corrupt(raw, "the checksum of a header does not match"));
            }
        }
        self.crc.reset();
        self.inflate.reset(false);
        self.inside = true;
        self.members += 1;
        Ok(true)
    }

    fn header_byte(&mut self, raw: &mut Raw) -> Result<u8> {
        let byte = raw.byte()?.ok_or_else(|| self.corrupt(raw, "the data end inside a member's header"))?;
        self.crc.update(&[byte]);
        Ok(byte)
    }

    /// Compares checksum and length.
    fn trailer(&mut self, raw: &mut Raw) -> Result<()> {
        let mut trailer = [0; 8];
        for slot in &mut trailer {
            *slot = raw.byte()?.ok_or_else(|| self.corrupt(raw, "the data end inside a member's trailer"))?;
        }
        let [a, b, c, d, e, f, g, h] = trailer;
        if u32::from_le_bytes([a, b, c, d]) != self.crc.sum() {
            return Err(self.corrupt(raw, "the checksum does not match"));
        }
        if u32::from_le_bytes([e, f, g, h]) != self.crc.amount() {
            return Err(self.corrupt(raw, "the length does not match"));
        }
        self.unmarked = self.block && self.crc.amount() > 0;
        Ok(())
    }

    /// At the end of the file: false, as there is no member any more.
    fn check_end(&self, raw: &Raw) -> Result<bool> {
        let hint = match self.missing_eof {
            _ if !self.unmarked => return Ok(false),
            MissingEof::Allow => return Ok(false),
            MissingEof::Refuse => "decompress it if it is complete",
            MissingEof::RefuseWithHint => {
                "if it is complete, --allow-missing-eof (in Python, allow_missing_eof=True) takes it"
            }
        };
        let message = format!("the BGZF file ends without its end-of-file block, so it may be cut short; {hint}");
        Err(Error::input(raw.name(), message))
    }

    fn corrupt(&self, raw: &Raw, reason: &str) -> Error {
        let at = raw.taken();
        Error::input(raw.name(), format!("gzip stream is truncated or corrupt: {reason} (compressed byte {at})"))
    }
}

/// Whether an extra field has the subfield that tells the size of a BGZF block.
fn has_block_size(mut extra: &[u8]) -> bool {
    while let [a, b, low, high, rest @ ..] = extra {
        let length = u16::from_le_bytes([*low, *high]);
        if (*a, *b, length) == (b'B', b'C', 2) && rest.len() >= 2 {
            return true;
        }
        extra = rest.get(usize::from(length)..).unwrap_or_default();
    }
    false
}
