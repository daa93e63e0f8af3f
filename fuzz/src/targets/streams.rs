//! What an archive's streams hold beside sequence: container, collection, layout, lower case.

use std::sync::Arc;

use panarc_core::Result;
use panarc_core::case::{Block, Index, Place};
use panarc_core::codec::{Compressor, Decompressor};
use panarc_core::collection::{
    Batch, decode_contigs, decode_desc, decode_details, decode_details_v2, decode_main, decode_samples, encode_contigs,
    encode_details, encode_samples,
};
use panarc_core::container::Container;
use panarc_core::layout::{Coverage, FileInfo, GroupStream, Header, Params, decode_keys, decode_splitters};

use super::{EFFORT, answered, number};

/// Bytes as an archive: footer, places, metadata, what takes which bytes.
pub fn container(data: &[u8]) {
    let Some(container) = answered(Container::open(Arc::new(data.to_vec()))) else { return };
    let mut payload = Vec::new();
    for stream in 0..container.len() {
        // Parts may share bytes, so that few bytes can announce very many.
        for part in 0..container.parts(stream).len().min(64) {
            let metadata = answered(container.metadata(stream, part));
            let read = answered(container.read_part(stream, part, &mut payload));
            if let (Some(metadata), Some(read)) = (metadata, read) {
                assert!(metadata == read || payload.is_empty());
                assert_eq!(payload.len() as u64, container.parts(stream)[part].size);
            }
        }
    }
    if let Some(extents) = answered(container.extents()) {
        let parts: u64 = (0..container.len()).flat_map(|stream| extents.parts(stream)).sum();
        assert_eq!(parts + extents.gaps + extents.footer, data.len() as u64);
    }
}

/// The first byte says which: sample names, contig names, segment rows of formats 3 and 2, collections of formats 1, 2.
pub fn collection(data: &[u8]) {
    let Some((which, data)) = data.split_first() else { return };
    match which % 5 {
        0 => {
            let Some(names) = answered(decode_samples(data, 1 << 20)) else { return };
            let again = encode_samples(names.iter().map(|name| &**name));
            assert_eq!(decode_samples(&again, 1 << 20).unwrap(), names);
        }
        1 => {
            let Some(batch) = answered(decode_contigs(data, 1 << 20)) else { return };
            if let Ok(again) = encode_contigs(&batch) {
                assert_eq!(decode_contigs(&again, 1 << 20).unwrap(), batch);
            }
        }
        2 => {
            let mut data = data;
            let expected = number::<4>(&mut data) as u32;
            let length = (number::<2>(&mut data) as usize).min(data.len());
            let (names, payload) = data.split_at(length);
            let Some(names) = answered(decode_contigs(names, 1 << 16)) else { return };
            let Some(batch) = answered(details(payload, expected, &names)) else { return };
            let again = encode_details(&batch, expected, &mut Compressor::default(), EFFORT).unwrap();
            assert_eq!(decode_details(&again, expected, &names, &mut Decompressor::default()).unwrap(), batch);
        }
        3 => drop(answered(decode_desc(data))),
        _ => {
            let mut data = data;
            let length = (number::<2>(&mut data) as usize).min(data.len());
            let (main, rows) = data.split_at(length);
            let Some(main) = answered(decode_main(main)) else { return };
            answered(decode_details_v2(rows, &main, 0, &mut Batch::default()));
        }
    }
}

/// Segment rows, whose five columns come uncompressed here, each with two bytes of length: noise is no frame.
fn details(mut columns: &[u8], expected: u32, names: &Batch) -> Result<Batch> {
    let (mut sizes, mut frames) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let length = (number::<2>(&mut columns) as usize).min(columns.len());
        let (column, rest) = columns.split_at(length);
        columns = rest;
        let before = frames.len();
        Compressor::default().compress(column, EFFORT, &mut frames).unwrap();
        for size in [length, frames.len() - before] {
            // The longest form of the format's integer, less what it counts from.
            match size {
                0..0x80 => sizes.push(size as u8),
                0x80..0x4080 => sizes.extend_from_slice(&(0x8000 + size as u16 - 0x80).to_be_bytes()),
                _ => sizes.extend_from_slice(&(0xC0_0000 + size as u32 - 0x4080).to_be_bytes()[1..]),
            }
        }
    }
    sizes.extend_from_slice(&frames);
    decode_details(&sizes, expected, names, &mut Decompressor::default())
}

/// The small streams.
pub fn layout(data: &[u8]) {
    let Some((&which, data)) = data.split_first() else { return };
    if let Some(info) = answered(FileInfo::decode(data, u64::from(which))) {
        let (payload, pairs) = info.encode();
        assert_eq!(FileInfo::decode(&payload, pairs).unwrap(), info);
        answered(info.format("x"));
    }
    for format in 1..=3 {
        if let Some(params) = answered(Params::decode(data, format)) {
            answered(params.validate());
        }
        if let Some(stream) = GroupStream::parse(data, format) {
            assert!(format < 3 || stream.name() == data);
        }
    }
    answered(decode_keys(data));
    answered(decode_splitters(data));
    let coverage = Coverage::new(1, b"\x01s\0");
    answered(coverage.decode(1, u64::from(which), data));
    assert_eq!(coverage.decode(1, 1, &coverage.encode(1, data)).unwrap(), Header::Current(data));
}

/// The index of lower case, and a block that begins where its first bytes say.
pub fn case(data: &[u8]) {
    let mut data = data;
    let blocks = number::<1>(&mut data) as usize;
    if let Some(index) = answered(Index::decode(data, blocks)) {
        assert_eq!(Index::decode(&index.encode(), blocks).unwrap(), index);
        for entry in index.entries() {
            let Place { sample, contig, base } = entry.first;
            let touching = index.touching(sample, contig, &(base..base.saturating_add(1)));
            assert!(base == u64::MAX || !touching.is_empty());
            assert!(touching.end <= blocks);
        }
    }
    let first = Place {
        sample: number::<1>(&mut data) as u32,
        contig: number::<1>(&mut data) as u32,
        base: number::<2>(&mut data),
    };
    let Some(block) = answered(Block::decode(data.to_vec(), first)) else { return };
    for range in [0..u64::MAX, first.base..first.base + 1, 100..200] {
        let mut end = 0;
        for run in block.runs(first.sample, first.contig, range.clone()) {
            assert!(run.start < run.end && run.start >= end.max(range.start) && run.end <= range.end);
            end = run.end;
        }
        assert!(end <= block.end(first.sample, first.contig).unwrap());
    }
}
