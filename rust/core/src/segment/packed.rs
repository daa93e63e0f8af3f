//! Codes held at two bits each: how references wait in memory.

use super::tuple::push_end;
use crate::alphabet::N;

/// A run of equal codes from 4 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exception {
    start: u32,
    length: u32,
    code: u8,
}

/// A sequence of codes: two bits for each (the first in a byte's top bits), runs of codes from 4 on listed beside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedCodes {
    bytes: Box<[u8]>,
    exceptions: Box<[Exception]>,
    length: u32,
}

const UNPACKED: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [(byte >> 6) as u8, (byte >> 4 & 3) as u8, (byte >> 2 & 3) as u8, (byte & 3) as u8];
        byte += 1;
    }
    table
};

impl PackedCodes {
    /// Packs `codes`, all below 16.
    pub fn new(codes: &[u8]) -> PackedCodes {
        let mut bytes = Vec::with_capacity(codes.len().div_ceil(4));
        let (quads, rest) = codes.as_chunks::<4>();
        bytes.extend(quads.iter().map(|q| (q[0] & 3) << 6 | (q[1] & 3) << 4 | (q[2] & 3) << 2 | (q[3] & 3)));
        if !rest.is_empty() {
            bytes.push(rest.iter().enumerate().fold(0, |byte, (i, code)| byte | (code & 3) << (6 - 2 * i)));
        }
        let mut exceptions: Vec<Exception> = Vec::new();
        for (i, block) in codes.chunks(64).enumerate() {
            if block.iter().fold(0, |all, code| all | code) < N {
                continue;
            }
            for (j, &code) in block.iter().enumerate().filter(|&(_, &code)| code >= N) {
                let at = (i * 64 + j) as u32;
                match exceptions.last_mut() {
                    Some(last) if last.code == code && last.start + last.length == at => last.length += 1,
                    _ => exceptions.push(Exception { start: at, length: 1, code }),
                }
            }
        }
        PackedCodes { bytes: bytes.into(), exceptions: exceptions.into(), length: codes.len() as u32 }
    }

    /// Number of codes.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Bytes held on the heap.
    pub fn memory(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.exceptions)
    }

    /// Replaces what `codes` holds by all codes.
    pub fn unpack(&self, codes: &mut Vec<u8>) {
        codes.clear();
        codes.reserve(self.bytes.len() * 4);
        codes.extend(self.bytes.iter().flat_map(|&byte| UNPACKED[usize::from(byte)]));
        codes.truncate(self.len());
        for exception in &self.exceptions {
            let start = exception.start as usize;
            codes[start..start + exception.length as usize].fill(exception.code);
        }
    }

    /// Appends the tuple block (FORMAT 5.2), which for codes below 4 is nearly what is held here; false, and nothing
    /// appended, when there are others.
    pub(crate) fn push_tuples(&self, out: &mut Vec<u8>) -> bool {
        if !self.exceptions.is_empty() {
            return false;
        }
        let rest = self.len() % 4;
        out.extend_from_slice(&self.bytes[..self.len() / 4]);
        let tail = if rest == 0 { 0 } else { self.bytes[self.len() / 4] >> (8 - 2 * rest) };
        push_end(tail, rest, 4, out);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tuple;
    use super::*;
    use proptest::prelude::*;

    fn sequences() -> impl Strategy<Value = Vec<u8>> {
        let run = (prop_oneof![4 => 0u8..4, 1 => 0u8..16], 1usize..100);
        proptest::collection::vec(run, 0..20).prop_map(|runs| {
            runs.iter()
                .flat_map(|&(code, n)| (0..n).map(move |i| if code < 4 { (code + i as u8) & 3 } else { code }))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn round_trip(codes in sequences()) {
            let packed = PackedCodes::new(&codes);
            prop_assert_eq!(packed.len(), codes.len());
            let mut back = vec![9; 3];
            packed.unpack(&mut back);
            prop_assert_eq!(&back, &codes);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            if packed.push_tuples(&mut ours) {
                tuple::push_tuples(&codes, &mut theirs);
                prop_assert_eq!(ours, theirs);
            } else {
                prop_assert!(codes.iter().any(|&code| code >= 4));
            }
        }
    }
}
