//! gzip with any number of members, hence BGZF too.
//!
//! Members are taken apart here rather than by a ready-made decoder so that the end of the file is accepted at
//! the end of a member only, and so that one inflate state serves all members of a file.

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

/// Decoder of one file.
pub(super) struct Gzip {
    inflate: Decompress,
    crc: Crc,
    inside: bool,
    members: u64,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Gzip { inflate: Decompress::new(false), crc: Crc::new(), inside: false, members: 0 }
    }

    /// For what follows members that others read: nothing, or zeros, or a member.
    pub(super) fn behind_members() -> Self {
        Gzip { members: 1, ..Gzip::new() }
    }

    /// Begins with another file.
    pub(super) fn restart(&mut self) {
        (self.inside, self.members) = (false, 0);
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
            None if self.members > 0 => return Ok(false),
            Some(0) if self.members > 0 => {
                while let Some(byte) = raw.byte()? {
                    if byte != 0 {
                        return Err(self.corrupt(raw, "bytes after the last member are neither zero nor a member"));
                    }
                }
                return Ok(false);
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
        if flags & EXTRA != 0 {
            let length = [self.header_byte(raw)?, self.header_byte(raw)?];
            for _ in 0..u16::from_le_bytes(length) {
                self.header_byte(raw)?;
            }
        }
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
        Ok(())
    }

    fn corrupt(&self, raw: &Raw, reason: &str) -> Error {
        let at = raw.taken();
        Error::input(raw.name(), format!("gzip stream is truncated or corrupt: {reason} (compressed byte {at})"))
    }
}
