//! Decoding a window of a contig: only the segments it touches, and of each only what falls into it.

use std::ops::Range;

use super::store::Store;
use crate::alphabet::{reverse_complement_letters, to_letters};
use crate::codec::check_size;
use crate::collection::Segment;
use crate::error::{Error, Result};
use crate::layout::{Params, RAW_GROUPS};
use crate::segment::lz::{Dialect, Slice, decode};

/// What decoding depends on beside the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) params: Params,
    pub(super) dialect: Dialect,
}

/// Number of bases of a contig with these segments.
///
/// # Errors
/// [`Error::Corrupt`] when a segment is shorter than its overlap.
pub(super) fn contig_length(segments: &[Segment], k: u32) -> Result<u64> {
    let mut length = 0;
    for (i, segment) in segments.iter().enumerate() {
        length += u64::from(own_length(i, *segment, k)?);
    }
    Ok(length)
}

/// Codes of the `index`-th segment that are not in the segment before.
pub(super) fn own_length(index: usize, segment: Segment, k: u32) -> Result<u32> {
    let overlap = if index == 0 { 0 } else { k };
    segment.length().checked_sub(overlap).ok_or_else(|| {
        Error::corrupt(format!("segment {index} has {} codes, fewer than the overlap of {k}", segment.length()))
    })
}

/// What falls into a window of one segment: `local` counts on the strand of the contig.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) segment: Segment,
    pub(super) local: Range<u64>,
}

/// The pieces of a contig's segments that make up `window` (0-based, half-open, inside the contig), in order. The search
/// begins with segment `first`, which begins at `start`.
pub(super) fn pieces(
    segments: &[Segment],
    first: usize,
    start: u64,
    k: u32,
    window: Range<u64>,
) -> impl Iterator<Item = Result<Piece>> {
    let mut end = start;
    let placed = segments.iter().enumerate().skip(first).map_while(move |(i, &segment)| {
        let start = end;
        if start >= window.end {
            return None;
        }
        let own = match own_length(i, segment, k) {
            Ok(own) => u64::from(own),
            Err(error) => return Some(Err(error)),
        };
        end += own;
        // Positions in the segment, whose first codes may be those of the segment before.
        let local = |at: u64| at.clamp(start, end) - start + u64::from(segment.length()) - own;
        Some(Ok(Piece { segment, local: local(window.start)..local(window.end) }))
    });
    placed.filter(|piece| !piece.as_ref().is_ok_and(|piece| piece.local.is_empty()))
}

/// Appends the letters of a piece to `out`.
pub(super) fn decode_piece(store: &Store, rules: Rules, piece: Piece, out: &mut Vec<u8>) -> Result<()> {
    let Piece { segment, local } = piece;
    let length = u64::from(segment.length());
    let stored = if segment.reversed() { length - local.end..length - local.start } else { local };
    check_size(stored.end - stored.start, store.container().most())?;
    let (before, wanted) = (out.len(), (stored.end - stored.start) as usize);
    decode_stored(store, rules, segment, stored, out)?;
    let found = &mut out[before..];
    if found.len() != wanted {
        return Err(Error::corrupt(format!("a segment gave {} codes where {wanted} belong", found.len())));
    }
    if segment.reversed() {
        reverse_complement_letters(found);
    }
    Ok(())
}

fn decode_stored(store: &Store, rules: Rules, segment: Segment, window: Range<u64>, out: &mut Vec<u8>) -> Result<()> {
    let Segment { group, number, .. } = segment;
    let length = u64::from(segment.length());
    let found = if group < RAW_GROUPS {
        let (pack, index) = store.pack(group, number)?;
        let codes = pack.entry(index)?;
        let before = out.len();
        let codes_found = copy(codes, &window, out);
        let codes = &mut out[before..];
        if codes.iter().any(|&code| code > 15) {
            return Err(Error::corrupt(format!("member {number} of group {group} holds codes beyond 15")));
        }
        to_letters(codes);
        codes_found
    } else if number == 0 {
        copy(&store.reference(group)?.bytes, &window, out)
    } else {
        // The pack first: it is the larger one, for which there may be no room at once.
        let (pack, index) = store.pack(group, number)?;
        let reference = store.reference(group)?;
        // A window that reaches the end asks for one code more, so that a segment too long is noticed.
        let end = if window.end == length { length + 1 } else { window.end };
        let slice = Slice::new(window.start..end, out);
        let reached = decode(pack.entry(index)?, &reference.bytes, rules.params.min_match, rules.dialect, slice)
            .map_err(|e| member(e, group, number))?;
        if end > length { reached } else { length }
    };
    if found != length {
        return Err(member(
            Error::corrupt(format!("{found} codes where the collection announces {length}")),
            group,
            number,
        ));
    }
    Ok(())
}

fn member(error: Error, group: u32, number: u32) -> Error {
    match error {
        Error::Corrupt(mut place) => {
            place.message = format!("member {number} of group {group}: {}", place.message);
            Error::Corrupt(place)
        }
        other => other,
    }
}

/// Appends the window of what is stored plainly, and returns how long all of it is.
fn copy(plain: &[u8], window: &Range<u64>, out: &mut Vec<u8>) -> u64 {
    let end = window.end.min(plain.len() as u64) as usize;
    let start = window.start.min(end as u64) as usize;
    out.extend_from_slice(&plain[start..end]);
    plain.len() as u64
}
