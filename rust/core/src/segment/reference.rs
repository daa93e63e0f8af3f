//! The part that holds a group's reference (FORMAT 5.2).

use super::packed::push_packed_tuples;
use super::tuple::{push_tuples, unpack_tuples};
use crate::codec::{Compressor, Decompressor, Effort, check_size};
use crate::error::{Error, Result};

/// Behind the frame: what it holds.
const PLAIN: u8 = 0;
const TUPLES: u8 = 1;

/// For a reference that compresses to fewer than this many eighths of its tuples, one code a byte may be smaller yet:
/// repeats need not begin at a multiple of the tuple's size.
const REPETITIVE_EIGHTHS: usize = 7;

/// Payload (replacing what `out` holds) and metadata of the part. `packed` must be the packed form of `codes`; `scratch`
/// is overwritten. The second effort, if there is one, is for a try with one code a byte in any case.
///
/// # Errors
/// [`Error::Internal`] when zstd fails.
pub fn encode_reference(
    codes: &[u8],
    packed: &[u8],
    compressor: &mut Compressor,
    (effort, repetitive): (Effort, Option<Effort>),
    scratch: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<u64> {
    scratch.clear();
    out.clear();
    if !push_packed_tuples(packed, scratch) {
        push_tuples(codes, scratch);
    }
    compressor.compress(scratch, effort, out)?;
    out.push(TUPLES);
    if repetitive.is_some() || out.len() * 8 < scratch.len() * REPETITIVE_EIGHTHS {
        scratch.clear();
        compressor.compress(codes, repetitive.unwrap_or(effort), scratch)?;
        scratch.push(PLAIN);
        if scratch.len() < out.len() {
            std::mem::swap(scratch, out);
        }
    }
    if out.len() < codes.len() {
        return Ok(codes.len() as u64);
    }
    out.clear();
    out.extend_from_slice(codes);
    Ok(0)
}

/// Number of codes of a reference whose part has this metadata and payload size.
pub fn reference_length(metadata: u64, payload: u64) -> u64 {
    if metadata == 0 { payload } else { metadata }
}

/// Replaces what `codes` holds by the reference; `scratch` is overwritten.
///
/// # Errors
/// [`Error::Corrupt`] when the part is malformed, [`Error::MemoryLimit`].
pub fn decode_reference(
    metadata: u64,
    payload: &[u8],
    decompressor: &mut Decompressor,
    scratch: &mut Vec<u8>,
    codes: &mut Vec<u8>,
) -> Result<()> {
    codes.clear();
    if metadata == 0 {
        codes.extend_from_slice(payload);
    } else {
        let (&marker, frame) = payload.split_last().ok_or_else(|| Error::corrupt("the reference is empty"))?;
        match marker {
            PLAIN => decompressor.decompress(frame, metadata, codes)?,
            TUPLES => {
                check_size(metadata, decompressor.most())?;
                let size = zstd_safe::get_frame_content_size(frame)
                    .map_err(|_| Error::corrupt("the frame of a reference is malformed"))?;
                // The block's size follows from its content; a frame that does not tell it gets the largest possible.
                let sizes =
                    [4, 3, 2, 1].map(|codes_a_byte| metadata / codes_a_byte + if codes_a_byte == 1 { 1 } else { 2 });
                match size {
                    Some(size) if sizes.contains(&size) => decompressor.decompress(frame, size, scratch)?,
                    Some(size) => {
                        return Err(Error::corrupt(format!("{metadata} codes cannot be in a block of {size} bytes")));
                    }
                    None => decompressor.decompress_unknown(frame, sizes[3], scratch)?,
                }
                unpack_tuples(scratch, metadata, codes)?;
            }
            _ => return Err(Error::corrupt(format!("the reference has the unknown marker {marker}"))),
        }
        if codes.len() as u64 != metadata {
            return Err(Error::corrupt(format!("the reference has {} codes, {metadata} were announced", codes.len())));
        }
    }
    if codes.is_empty() {
        return Err(Error::corrupt("the reference is empty"));
    }
    if codes.iter().fold(0, |all, &code| all | code) > 15 {
        return Err(Error::corrupt("the reference holds codes beyond 15"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::packed::pack_codes;
    use super::*;
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 13, window_log: 20, table_log: 17, matches: crate::codec::Matches::ByLevel };

    fn encoded(codes: &[u8]) -> (u64, Vec<u8>) {
        let (mut scratch, mut out) = (Vec::new(), Vec::new());
        let mut compressor = Compressor::default();
        let mut packed = Vec::new();
        pack_codes(codes, &mut packed);
        let metadata =
            encode_reference(codes, &packed, &mut compressor, (EFFORT, None), &mut scratch, &mut out).unwrap();
        (metadata, out)
    }

    fn decoded(metadata: u64, payload: &[u8]) -> Result<Vec<u8>> {
        let (mut scratch, mut codes) = (Vec::new(), Vec::new());
        decode_reference(metadata, payload, &mut Decompressor::default(), &mut scratch, &mut codes)?;
        Ok(codes)
    }

    #[test]
    fn the_smallest_of_three_forms() {
        let mut state = 1u32;
        let mut random = |n: usize| -> Vec<u8> {
            (0..n)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 30) as u8
                })
                .collect()
        };
        let (metadata, payload) = encoded(&random(5));
        assert_eq!((metadata, payload.len()), (0, 5));
        let (metadata, payload) = encoded(&random(4000));
        assert_eq!((metadata, payload.last()), (4000, Some(&TUPLES)));
        let unit = random(37);
        let (metadata, payload) = encoded(&unit.repeat(100));
        assert_eq!((metadata, payload.last()), (3700, Some(&PLAIN)));
        assert!(payload.len() < 100);
    }

    #[test]
    fn malformed_parts_are_refused() {
        let (metadata, mut payload) = encoded(&[0, 1, 2, 3].repeat(200));
        assert!(decoded(metadata, &payload).is_ok());
        assert!(decoded(metadata + 1, &payload).is_err());
        assert!(decoded(0, &[]).is_err());
        assert!(decoded(0, &[1, 2, 16]).is_err());
        *payload.last_mut().unwrap() = 2;
        assert!(decoded(metadata, &payload).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(codes in (1u8..16).prop_flat_map(|top| proptest::collection::vec(0..top, 1..600))) {
            let (metadata, payload) = encoded(&codes);
            prop_assert_eq!(reference_length(metadata, payload.len() as u64), codes.len() as u64);
            prop_assert_eq!(decoded(metadata, &payload).unwrap(), codes);
        }

        #[test]
        fn garbage_never_panics(metadata in 0u64..5000, payload: Vec<u8>) {
            let _ = decoded(metadata, &payload);
        }
    }
}
