//! Codes at two bits each, in a plain byte string: how references wait in memory or on disk.
//!
//! ```text
//! length              u32, little-endian
//! exceptions          u32: number of runs of codes from 4 on
//! start, length, code u32, u32, u8 for each run
//! codes               four a byte, the first in the top bits; whatever at exceptions
//! ```

use super::tuple::push_end;
use crate::alphabet::N;
use crate::error::{Error, Result};

const HEAD: usize = 8;
const EXCEPTION: usize = 9;

const UNPACKED: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [(byte >> 6) as u8, (byte >> 4 & 3) as u8, (byte >> 2 & 3) as u8, (byte & 3) as u8];
        byte += 1;
    }
    table
};

/// Replaces what `out` holds by the packed form of `codes`, all below 16.
pub fn pack_codes(codes: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&(codes.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    let mut exceptions = 0u32;
    let mut run: Option<(usize, usize, u8)> = None;
    let mut push = |(start, length, code): (usize, usize, u8)| {
        exceptions += 1;
        out.extend_from_slice(&(start as u32).to_le_bytes());
        out.extend_from_slice(&(length as u32).to_le_bytes());
        out.push(code);
    };
    for (i, block) in codes.chunks(64).enumerate() {
        if block.iter().fold(0, |all, code| all | code) < N {
            continue;
        }
        for (at, &code) in (i * 64..).zip(block).filter(|&(_, &code)| code >= N) {
            match &mut run {
                Some((start, length, same)) if *same == code && *start + *length == at => *length += 1,
                _ => {
                    if let Some(done) = run.replace((at, 1, code)) {
                        push(done);
                    }
                }
            }
        }
    }
    if let Some(done) = run {
        push(done);
    }
    out[4..HEAD].copy_from_slice(&exceptions.to_le_bytes());
    let (quads, rest) = codes.as_chunks::<4>();
    out.extend(quads.iter().map(|q| (q[0] & 3) << 6 | (q[1] & 3) << 4 | (q[2] & 3) << 2 | (q[3] & 3)));
    if !rest.is_empty() {
        out.push(rest.iter().enumerate().fold(0, |byte, (i, code)| byte | (code & 3) << (6 - 2 * i)));
    }
}

/// Codes, exceptions and packed codes of a packed form.
fn split(packed: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let (exceptions, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let exceptions = u32::from_le_bytes(*exceptions) as usize * EXCEPTION;
    let (exceptions, bytes) = rest.split_at_checked(exceptions)?;
    (bytes.len() == length.div_ceil(4)).then_some((length, exceptions, bytes))
}

/// Replaces what `codes` holds by the codes of a packed form.
///
/// # Errors
/// [`Error::Internal`] when `packed` is none.
pub fn unpack_codes(packed: &[u8], codes: &mut Vec<u8>) -> Result<()> {
    let bad = || Error::Internal("a packed reference is damaged".into());
    let (length, exceptions, bytes) = split(packed).ok_or_else(bad)?;
    codes.clear();
    codes.resize(bytes.len() * 4, 0);
    for (quad, &byte) in codes.as_chunks_mut::<4>().0.iter_mut().zip(bytes) {
        *quad = UNPACKED[usize::from(byte)];
    }
    codes.truncate(length);
    for exception in exceptions.as_chunks::<EXCEPTION>().0 {
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| exception[at + i])) as usize;
        let (start, length) = (number(0), number(4));
        codes.get_mut(start..start + length).ok_or_else(bad)?.fill(exception[8]);
    }
    Ok(())
}

/// Appends the tuple block (FORMAT 5.2), which for codes below 4 is nearly the packed form; false, and nothing appended,
/// when there are others.
pub(crate) fn push_packed_tuples(packed: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((length, [], bytes)) = split(packed) else { return false };
    let rest = length % 4;
    out.extend_from_slice(&bytes[..length / 4]);
    let tail = if rest == 0 { 0 } else { bytes[length / 4] >> (8 - 2 * rest) };
    push_end(tail, rest, 4, out);
    true
}

#[cfg(test)]
mod tests {
    use super::super::tuple;
    use super::*;
    use proptest::prelude::*;

    fn sequences() -> impl Strategy<Value = Vec<u8>> {
        let run = (prop_oneof![4 => 0u8..4, 1 => 0u8..16], 1usize..100);
        proptest::collection::vec(run, 0..20).prop_map(|runs| {
            let code = |code: u8, i| if code < 4 { (code + i as u8) & 3 } else { code };
            runs.iter().flat_map(|&(first, n)| (0..n).map(move |i| code(first, i))).collect()
        })
    }

    proptest! {
        #[test]
        fn round_trip(codes in sequences()) {
            let mut packed = vec![1, 2];
            pack_codes(&codes, &mut packed);
            let mut back = vec![9; 3];
            unpack_codes(&packed, &mut back).unwrap();
            prop_assert_eq!(&back, &codes);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            if push_packed_tuples(&packed, &mut ours) {
                tuple::push_tuples(&codes, &mut theirs);
                prop_assert_eq!(ours, theirs);
            } else {
                prop_assert!(codes.iter().any(|&code| code >= 4));
            }
        }

        #[test]
        fn garbage_never_panics(packed: Vec<u8>) {
            let _ = unpack_codes(&packed, &mut Vec::new());
        }
    }
}
