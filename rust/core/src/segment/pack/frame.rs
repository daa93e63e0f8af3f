//! zstd as an entropy coder: frames made of sequences that were chosen elsewhere.

use zstd_safe::zstd_sys::{ZSTD_Sequence, ZSTD_cParameter, ZSTD_compressSequences, ZSTD_isError};

use crate::codec::Context;

/// Most bytes in a block.
pub(super) const BLOCK_MAX: u32 = 128 << 10;

/// Literals, then a match; the end of a block has no match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) literals: u32,
    pub(super) length: u32,
    pub(super) offset: u32,
}

/// What a context is set to, in this order. Tables of the match finder are not used: the smallest ones.
const PARAMETERS: [(ZSTD_cParameter, i32); 10] = {
    use ZSTD_cParameter as P;
    [
        // btultra: the entropy coder tries hardest.
        (P::ZSTD_c_strategy, 8),
        (P::ZSTD_c_minMatch, 3),
        (P::ZSTD_c_hashLog, 6),
        (P::ZSTD_c_chainLog, 6),
        (P::ZSTD_c_contentSizeFlag, 1),
        // Input and output are whole: no buffers inside.
        (P::ZSTD_c_experimentalParam9, 1),
        (P::ZSTD_c_experimentalParam10, 1),
        // Blocks end where a sequence says so.
        (P::ZSTD_c_experimentalParam11, 1),
        // Sequences are looked at before they are used.
        (P::ZSTD_c_experimentalParam12, 1),
        // Repeated offsets are found.
        (P::ZSTD_c_experimentalParam19, 1),
    ]
};

/// Makes frames of sequences.
#[derive(Debug, Default)]
pub(super) struct FrameMaker {
    context: Option<Context>,
    sequences: Vec<ZSTD_Sequence>,
}

impl FrameMaker {
    /// Appends a frame that holds `raw`; false, with `out` as it was, if `sequences` do not make `raw` or zstd fails.
    pub(super) fn make(&mut self, raw: &[u8], sequences: &[Sequence], out: &mut Vec<u8>) -> bool {
        if raw.is_empty() || !spells(sequences, raw) {
            return false;
        }
        if self.context.is_none() {
            self.context = Context::new();
        }
        let Some(context) = &mut self.context else { return false };
        self.sequences.clear();
        self.sequences.extend(sequences.iter().map(|sequence| ZSTD_Sequence {
            offset: sequence.offset,
            litLength: sequence.literals,
            matchLength: sequence.length,
            rep: 0,
        }));
        let window = (usize::BITS - (raw.len() - 1).leading_zeros()).clamp(17, 30) as i32;
        out.reserve(zstd_safe::compress_bound(raw.len()));
        let room = out.spare_capacity_mut();
        if context.set([(ZSTD_cParameter::ZSTD_c_windowLog, window)].into_iter().chain(PARAMETERS)).is_err() {
            return false;
        }
        // SAFETY: the context is live, and `&mut self` makes this its only user. ZSTD_compressSequences reads `raw` and `self.sequences`, both borrowed
        // for the call with their own lengths, and writes at most `room.len()` bytes to `room`, borrowed mutably.
        // It would run past `raw` only if literals and matches of a block added up to more than the block: `spells`
        // has checked that every block is at most BLOCK_MAX bytes, ends with a delimiter, and that all end with
        // `raw`; so explicit delimiters, which it relies on, are there. Offsets reach back inside `raw` only, and no
        // match is shorter than minMatch, so that its sequence store, sized for that, is large enough.
        let size = unsafe {
            let (list, many) = (self.sequences.as_ptr(), self.sequences.len());
            let size = ZSTD_compressSequences(
                context.as_ptr(),
                room.as_mut_ptr().cast(),
                room.len(),
                list,
                many,
                raw.as_ptr().cast(),
                raw.len(),
            );
            if ZSTD_isError(size) != 0 {
                return false;
            }
            size
        };
        debug_assert!(size <= room.len());
        // SAFETY: zstd has written `size` bytes behind the ones that `out` had, inside its capacity.
        unsafe { out.set_len(out.len() + size) };
        true
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.context.as_ref().map_or(0, Context::memory) + self.sequences.capacity() * size_of::<ZSTD_Sequence>()
    }
}

/// Whether sequences, in blocks, make the text: a frame of others would be valid, and wrong.
fn spells(sequences: &[Sequence], raw: &[u8]) -> bool {
    let (mut place, mut block) = (0usize, 0usize);
    for sequence in sequences {
        let (length, offset) = (sequence.length as usize, sequence.offset as usize);
        place += sequence.literals as usize;
        let end = place + length;
        if end > raw.len() || end - block > BLOCK_MAX as usize {
            return false;
        }
        if length == 0 {
            if offset != 0 || end == block {
                return false;
            }
            block = end;
        } else if length < 3 || offset == 0 || offset > place || raw[place..end] != raw[place - offset..end - offset] {
            return false;
        }
        place = end;
    }
    place == raw.len() && block == place
}
