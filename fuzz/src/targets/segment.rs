//! The codecs of one segment: deltas, references, packs.

use std::ops::Range;

use panarc_core::Result;
use panarc_core::codec::{Compressor, Decompressor};
use panarc_core::segment::lz::{Dialect, Encoder, Slice, decode, decoded_length, script_of, spell, spell_tokens};
use panarc_core::segment::{
    PackCompressor, PackEffort, Search, decode_pack, decode_reference, encode_reference, pack_codes, pack_entries,
    push_tuples, reference_length, unpack_codes, unpack_tuples,
};

use super::{EFFORT, MOST_BASES, answered, number};

/// Least match, dialect, two bytes of length, the reference's codes, the delta.
pub fn delta(data: &[u8]) {
    let mut data = data;
    let min_match = number::<1>(&mut data) as u32;
    let dialect = if number::<1>(&mut data) & 1 == 0 { Dialect::V2 } else { Dialect::V1 };
    let length = (number::<2>(&mut data) as usize).min(data.len());
    let (codes, delta) = data.split_at(length);
    let mut reference: Vec<u8> = codes.iter().map(|code| code & 15).collect();
    panarc_core::alphabet::to_letters(&mut reference);
    let window = |range: Range<u64>| -> Result<(u64, Vec<u8>)> {
        let mut out = Vec::new();
        let reached = decode(delta, &reference, min_match, dialect, Slice::new(range, &mut out))?;
        Ok((reached, out))
    };
    let announced = answered(decoded_length(delta, length as u64, min_match, dialect));
    let Some((reached, whole)) = answered(window(0..MOST_BASES)) else { return };
    assert_eq!(whole.len() as u64, reached.min(MOST_BASES));
    if reached <= MOST_BASES {
        assert_eq!(announced.unwrap_or(reached), reached);
    }
    let size = whole.len() as u64;
    for range in [0..size, size / 3..size / 2, size.saturating_sub(1)..size + 9, 0..0, 1..1] {
        let (start, end) = (range.start.min(size) as usize, range.end.min(size) as usize);
        let (_, part) = window(range.clone()).expect("a part of what could be decoded whole");
        assert_eq!(part, &whole[start.min(end)..end], "{range:?}");
    }
    // Format 3 asks for 15 at least, and so does a script.
    if dialect == Dialect::V1 || min_match < 15 || reached > MOST_BASES {
        return;
    }
    let (mut script, mut again) = (Vec::new(), Vec::new());
    if answered(script_of(delta, length as u64, min_match, &mut script)).is_none() {
        return;
    }
    for spelling in [spell, spell_tokens] {
        again.clear();
        spelling(&script, min_match, &mut again);
        let mut out = Vec::new();
        decode(&again, &reference, min_match, Dialect::V2, Slice::new(0..MOST_BASES, &mut out)).unwrap();
        assert_eq!(out, whole, "{}", script.escape_ascii());
    }
}

/// Two bytes of length, reference, segment: what is aligned comes back.
pub fn align(data: &[u8]) {
    let mut data = data;
    let length = (number::<2>(&mut data) as usize).min(data.len());
    let codes = |bytes: &[u8]| -> Vec<u8> { bytes.iter().map(|code| code & 15).collect() };
    let (mut reference, mut segment) = (codes(&data[..length]), codes(&data[length..]));
    if segment.is_empty() || reference.is_empty() || segment == reference {
        return;
    }
    let (mut script, mut delta, mut back) = (Vec::new(), Vec::new(), Vec::new());
    Encoder::default().encode(&segment, &reference, &[], 15, &mut script).unwrap();
    panarc_core::alphabet::to_letters(&mut reference);
    panarc_core::alphabet::to_letters(&mut segment);
    for spelling in [spell, spell_tokens] {
        delta.clear();
        back.clear();
        spelling(&script, 15, &mut delta);
        decode(&delta, &reference, 15, Dialect::V2, Slice::new(0..u64::MAX, &mut back)).unwrap();
        assert_eq!(back, segment);
    }
}

/// Four bytes of metadata and a part; or, by its lowest bit, what a frame holds.
pub fn reference(data: &[u8]) {
    let mut data = data;
    let metadata = number::<4>(&mut data);
    let (mut scratch, mut codes, mut tools) = (Vec::new(), Vec::new(), Decompressor::default());
    if answered(unpack_tuples(data, MOST_BASES, &mut codes)).is_some() {
        let mut block = Vec::new();
        push_tuples(&codes, &mut block);
        let mut again = Vec::new();
        unpack_tuples(&block, codes.len() as u64, &mut again).unwrap();
        assert_eq!(again, codes);
    }
    let framed = (metadata & 1 == 1).then(|| {
        let mut part = Vec::new();
        Compressor::default().compress(data.split_last().map_or(&[], |(_, rest)| rest), EFFORT, &mut part).unwrap();
        part.extend(data.last());
        part
    });
    let part = framed.as_deref().unwrap_or(data);
    if answered(decode_reference(metadata, part, &mut tools, &mut scratch, &mut codes)).is_none() {
        return;
    }
    assert_eq!(codes.len() as u64, reference_length(metadata, part.len() as u64));
    assert!(codes.iter().all(|&code| code < 16));
    let (mut packed, mut back, mut out) = (Vec::new(), Vec::new(), Vec::new());
    pack_codes(&codes, &mut packed);
    unpack_codes(&packed, &mut back).unwrap();
    assert_eq!(back, codes);
    if !codes.is_empty() {
        let metadata =
            encode_reference(&codes, &packed, &mut Compressor::default(), (EFFORT, None), &mut scratch, &mut out);
        decode_reference(metadata.unwrap(), &out, &mut tools, &mut scratch, &mut back).unwrap();
        assert_eq!(back, codes);
    }
}

/// Three bytes of metadata, the cardinality, and a part; or, by the metadata's lowest bit, what a frame holds. What could
/// be a pack of deltas is compressed in every way, and comes back.
pub fn pack(data: &[u8]) {
    let mut data = data;
    let metadata = number::<3>(&mut data);
    let cardinality = number::<1>(&mut data) as u32;
    let mut raw = Vec::new();
    let framed = (metadata & 1 == 1).then(|| {
        let mut part = Vec::new();
        Compressor::default().compress(data, EFFORT, &mut part).unwrap();
        part
    });
    let (metadata, part) = framed.as_deref().map_or((metadata, data), |part| (data.len() as u64, part));
    if answered(decode_pack(metadata, part, &mut Decompressor::default(), &mut raw)).is_none() {
        return;
    }
    let ends = pack_entries(&raw, cardinality);
    assert!(ends.is_sorted_by(|a, b| a < b));
    assert_eq!(ends.last().map(|&end| end as usize + 1), Some(raw.len()));
    let mut compressor = PackCompressor::new(15);
    let (mut out, mut back) = (Vec::new(), Vec::new());
    for search in [Search::Plain, Search::Once, Search::Twice] {
        let metadata = compressor.compress(&raw, PackEffort { search, plain: EFFORT }, &mut out).unwrap();
        decode_pack(metadata, &out, &mut Decompressor::default(), &mut back).unwrap();
        assert_eq!(back, raw);
    }
}
