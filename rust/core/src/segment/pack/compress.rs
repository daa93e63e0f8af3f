//! The compressor of raw packs: sequences of its own where they are the smaller, zstd's elsewhere.

use super::frame::{BLOCK_MAX, FrameMaker, Sequence};
use super::parse::{Care, Parser, Span, Text};
use super::price::{Counts, Repeats};
use super::units::{NONE, SAME, Units};
use super::{MARKER, encode_pack};
use crate::codec::{Compressor, Effort};
use crate::error::Result;

/// Longest pack that is parsed: places and costs fit in 32 bits with much room.
const PARSED_MAX: usize = 256 << 20;

/// Shorter packs are not worth a look.
const PARSED_MIN: usize = 64;

/// Up to this size zstd's own frame is made as well, and the smaller one taken.
const COMPARED_MAX: usize = 16 << 10;

/// Bytes for each unit, below which a pack is mostly tokens and left to zstd, which finds more matches in those; and
/// below which it has enough of them for zstd's own frame to be made as well.
const TOKENS: usize = 6;
const SOME_TOKENS: usize = 10;

const ONCE: Care = Care { depth: 16, enough: 8 };
const TWICE: Care = Care { depth: 48, enough: 64 };

/// Where the sequences of a pack come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// From zstd.
    Plain,
    /// From one pass, with what has been learned from the blocks before.
    Once,
    /// From a second pass, with what has been learned in the first, and from more candidates.
    Twice,
}

/// How hard a pack is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackEffort {
    /// Where sequences come from.
    pub search: Search,
    /// For packs, or attempts at them, that are left to zstd.
    pub plain: Effort,
}

/// Compresses raw packs; buffers are kept from one to the next, nothing else is.
pub struct PackCompressor {
    min_match: u32,
    plain: Compressor,
    units: Units,
    parser: Parser,
    sequences: Vec<Sequence>,
    frames: FrameMaker,
    other: Vec<u8>,
}

impl PackCompressor {
    /// For deltas with this least length of a match: it says which place of the reference follows on a match.
    pub fn new(min_match: u32) -> Self {
        PackCompressor {
            min_match,
            plain: Compressor::default(),
            units: Units::default(),
            parser: Parser::default(),
            sequences: Vec::new(),
            frames: FrameMaker::default(),
            other: Vec::new(),
        }
    }

    /// Payload (replacing what `out` holds) and metadata of the part for a raw pack. The same for the same pack,
    /// whatever came before.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) when zstd fails,
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants the part any more.
    pub fn compress(&mut self, raw: &[u8], effort: PackEffort, out: &mut Vec<u8>) -> Result<u64> {
        out.clear();
        let Some(tokens) = self.parse(raw, effort.search)? else {
            return encode_pack(raw, &mut self.plain, effort.plain, out);
        };
        if !self.frames.make(raw, &self.sequences, out) {
            debug_assert!(false, "sequences do not make a frame");
            return encode_pack(raw, &mut self.plain, effort.plain, out);
        }
        out.push(MARKER);
        if out.len() >= raw.len() || raw.len() <= COMPARED_MAX || tokens {
            let metadata = encode_pack(raw, &mut self.plain, effort.plain, &mut self.other)?;
            if self.other.len() <= out.len() {
                std::mem::swap(out, &mut self.other);
                return Ok(metadata);
            }
        }
        Ok(raw.len() as u64)
    }

    /// Finds the sequences of a pack. Whether it has many tokens, or `None` if it is none to be parsed.
    fn parse(&mut self, raw: &[u8], search: Search) -> Result<Option<bool>> {
        if search == Search::Plain || !(PARSED_MIN..=PARSED_MAX).contains(&raw.len()) {
            return Ok(None);
        }
        let runs = memchr::memchr_iter(SAME, raw).count();
        if runs < raw.len() / 64 || !self.units.split(raw, self.min_match) {
            return Ok(None);
        }
        if self.units.len() > raw.len() / TOKENS {
            return Ok(None);
        }
        match search {
            Search::Twice => {
                let mut learned = Counts::none();
                self.pass(raw, TWICE, Counts::typical(), Some(&mut learned))?;
                self.pass(raw, TWICE, learned, None)?;
            }
            _ => self.pass(raw, ONCE, Counts::typical(), None)?,
        }
        Ok(Some(self.units.len() > raw.len() / SOME_TOKENS))
    }

    /// One parse. Prices follow from `counts`, and from what is found on the way unless that is wanted in `learned`.
    fn pass(&mut self, raw: &[u8], care: Care, mut counts: Counts, mut learned: Option<&mut Counts>) -> Result<()> {
        let text = Text { raw, units: &self.units, care };
        self.sequences.clear();
        self.parser.reset();
        let mut repeats = Repeats::START;
        let mut span = Span { from: 0, to: 0, first: 0, last: 0 };
        while (span.to as usize) < raw.len() {
            span = next_block(&self.units, raw.len() as u32, span);
            let prices = counts.prices();
            let found = learned.as_deref_mut().unwrap_or(&mut counts);
            repeats = self.parser.block(&text, span, repeats, &prices, found, &mut self.sequences)?;
        }
        Ok(())
    }

    /// Earlier events that the last pass looked at.
    #[cfg(test)]
    pub(super) fn looks(&self) -> usize {
        self.parser.looked_at
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let lists = self.sequences.capacity() * size_of::<Sequence>() + self.other.capacity();
        lists + self.plain.memory() + self.units.memory() + self.parser.memory() + self.frames.memory()
    }
}

/// The block behind another one. It ends between units unless that makes it much smaller.
fn next_block(units: &Units, length: u32, before: Span) -> Span {
    let (from, first) = (before.to, before.last);
    let limit = from + BLOCK_MAX;
    if limit >= length {
        return Span { from, to: length, first, last: units.len() as u32 };
    }
    let last = units.find(limit, NONE);
    let start = units.start(last);
    let to = if start > from + BLOCK_MAX / 2 { start } else { limit };
    Span { from, to, first, last }
}
