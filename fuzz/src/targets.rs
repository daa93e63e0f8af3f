//! The targets.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use panarc_core::archive::{Archive, Detail, ExportOptions, Packing, ReadOptions, Region, Stretch};
use panarc_core::build::{Builder, Options};
use panarc_core::case::{Block, Index, Place};
use panarc_core::codec::{Compressor, Decompressor, Effort, Matches};
use panarc_core::collection::{
    Batch, decode_contigs, decode_desc, decode_details, decode_details_v2, decode_main, decode_samples, encode_contigs,
    encode_details, encode_samples,
};
use panarc_core::container::{Container, ContainerWriter, StreamEntry};
use panarc_core::fasta::{Parser, Source, Split, list, sample_name};
use panarc_core::layout::{self, Coverage, FileInfo, GroupStream, Params, StreamKind};
use panarc_core::segment::lz::{Dialect, Encoder, Slice, decode, decoded_length, script_of, spell, spell_tokens};
use panarc_core::segment::{
    PackCompressor, PackEffort, Search, decode_pack, decode_reference, encode_reference, pack_codes, pack_entries,
    push_tuples, reference_length, unpack_codes, unpack_tuples,
};
use panarc_core::{Error, Result, Target};

/// Most bases that are read of one input: an archive of some bytes may announce any number of them.
const MOST_BASES: u64 = 4 << 20;
/// Most bytes of a part: what a target asks for at once stays below what libFuzzer is told to allow.
const MOST_PART: u64 = 256 << 20;
/// Most text that is taken from compressed input.
const MOST_TEXT: usize = 8 << 20;

const EFFORT: Effort = Effort { level: 1, window_log: 20, table_log: 17, matches: Matches::ByLevel };

/// Any error is an answer but for that of a bug.
fn answered<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Internal(message)) => panic!("internal error: {message}"),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(['\n', '\r', '\x1b', '\0']), "a message that a terminal would obey: {text:?}");
            None
        }
    }
}

/// Takes a number off the front; 0 when there are no bytes left.
fn number<const SIZE: usize>(data: &mut &[u8]) -> u64 {
    let (head, rest) = data.split_at(SIZE.min(data.len()));
    *data = rest;
    head.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

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
    answered(layout::decode_keys(data));
    answered(layout::decode_splitters(data));
    let coverage = Coverage::new(1, b"\x01s\0");
    answered(coverage.decode(1, u64::from(which), data));
    assert_eq!(coverage.decode(1, 1, &coverage.encode(1, data)).unwrap(), layout::Header::Current(data));
}

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
    Encoder::default().encode(&segment, &reference, &[], 15, &mut script);
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

/// Text that may be compressed: whatever the pieces, the records are the same.
pub fn fasta(data: &[u8]) {
    let parse = |piece: usize, case: bool| -> Result<(Vec<String>, Vec<u8>)> {
        let source = Source::from_reader("x".into(), Box::new(Cursor::new(data.to_vec())));
        let mut parser = Parser::new(source).keep_case(case);
        let (mut headers, mut codes) = (Vec::new(), Vec::new());
        while let Some(header) = parser.next_record()? {
            headers.push(header);
            while parser.read_codes(&mut codes, piece)? > 0 {
                if codes.len() > MOST_TEXT {
                    return Ok((headers, Vec::new()));
                }
            }
        }
        Ok((headers, codes))
    };
    let whole = answered(parse(1 << 20, false));
    let pieces = answered(parse(7, true));
    assert_eq!(whole.is_some(), pieces.is_some());
    if let (Some((headers, codes)), Some((same, mut folded))) = (whole, pieces) {
        folded.iter_mut().for_each(|code| *code &= !panarc_core::alphabet::LOWER);
        assert_eq!((&headers, &codes), (&same, &folded));
        assert!(codes.iter().all(|&code| code < 16));
        for header in &headers {
            for (_, split) in Split::ALL {
                assert!(answered(split.sample(header)).is_none_or(|sample| header.starts_with(sample)));
            }
        }
    }
}

/// A list of files, and a file's name.
pub fn list(data: &[u8]) {
    let source = Source::from_reader("x".into(), Box::new(Cursor::new(data.to_vec())));
    if let Some(files) = answered(list::read_list_from(source)) {
        assert!(files.iter().all(|file| !file.path.as_os_str().is_empty()));
        assert!(files.iter().all(|file| file.sample.as_ref().is_none_or(|name| !name.is_empty())));
        for file in files {
            sample_name(&file.path);
        }
    }
}

/// A whole archive: opened, listed, read in every way.
pub fn archive(data: &[u8]) {
    let options = ReadOptions {
        cache_bytes: 1 << 20,
        collection_bytes: 1 << 20,
        part_bytes: MOST_PART,
        upper: data.len().is_multiple_of(2),
        verify: data.len().is_multiple_of(3),
    };
    let Some(archive) = answered(Archive::from_source(Arc::new(data.to_vec()), &options)) else { return };
    read_everything(&archive);
    answered(archive.usage(Some(Detail { cells: 50, rows: 3 }), &|| false));
    answered(archive.case());
    answered(archive.digest_facts());
    let (checked, verified) = (archive.check(&|| false), archive.verify(None, 2, &|| false, &mut |_| Ok(())));
    if let (Some(checked), Some(verified)) = (answered(checked), answered(verified)) {
        // What can be seen without decoding is seen with it, too.
        assert!(verified.findings.len() >= checked.findings.len(), "{checked:?} {verified:?}");
    }
    answered(archive.locate(&[b"chr1".to_vec(), b"c".to_vec()], &|| false));
}

/// Reads all bases up to a limit, and some of them in other ways; gives what could be read.
/// Sample, header, and bases, if they could be read.
type Contig = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

fn read_everything(archive: &Archive) -> Vec<Contig> {
    let mut left = MOST_BASES;
    let mut found = Vec::new();
    for index in 0..archive.samples().len().min(200) {
        let Some(sample) = answered(archive.sample(index)) else { continue };
        for contig in 0..sample.len().min(200) {
            let header = sample.header(contig).to_vec();
            let name = archive.samples()[index].to_vec();
            let whole = answered(sample.length(contig)).filter(|&length| length <= left).and_then(|length| {
                left -= length;
                let mut bases = Vec::new();
                let read = archive.read(&sample, contig, 0..length, |letters| {
                    bases.extend_from_slice(letters);
                    Ok(())
                });
                answered(read)?;
                assert_eq!(bases.len() as u64, length);
                for (range, reverse) in [(length / 3..length / 2, false), (length / 2..length, true)] {
                    let mut expected = bases[range.start as usize..range.end as usize].to_vec();
                    let stretch = Stretch { sample: sample.clone(), contig, range, reverse };
                    if reverse {
                        panarc_core::alphabet::other_strand(&mut expected);
                    }
                    // Nothing of what was read before can be damaged.
                    let fetched = archive.fetch(&stretch).expect("a part of what was read");
                    assert!(fetched == expected, "{} {contig} {stretch:?}", sample.name());
                }
                Some(bases)
            });
            answered(sample.find(&header));
            answered(archive.expected(&sample, contig));
            found.push((name, header, whole));
        }
    }
    found
}

/// A container whose parts are not compressed; compressed here, so that what is in them is reached.
pub fn streams(data: &[u8]) {
    if let Some(built) = compressed(data) {
        archive(&built);
    }
}

/// A container with its frames made.
fn compressed(data: &[u8]) -> Option<Vec<u8>> {
    let container = Container::open(Arc::new(data.to_vec())).ok()?;
    let mut writer = ContainerWriter::new(Vec::new(), "x".into());
    let (mut raw, mut entries) = (Vec::new(), Vec::new());
    for stream in 0..container.len().min(1000) {
        let name = container.name(stream).to_vec();
        let group = GroupStream::parse(&name, 3).or_else(|| GroupStream::parse(&name, 1)).map(|found| found.kind);
        let collection = name.starts_with(b"collection-") && name != b"collection-details";
        for part in 0..container.parts(stream).len().min(64) {
            let metadata = container.read_part(stream, part, &mut raw).ok()?;
            let framed = !raw.is_empty() && (collection || group.is_some() && metadata > 0);
            let mut payload = Vec::new();
            if framed {
                Compressor::default().compress(&raw, EFFORT, &mut payload).unwrap();
                match group {
                    // The marker of tuples where the metadata says so.
                    Some(StreamKind::Reference) => payload.push(u8::from(metadata != raw.len() as u64)),
                    Some(StreamKind::Deltas) => payload.push(0),
                    None => {}
                }
            } else {
                payload.clone_from(&raw);
            }
            let tuples = group == Some(StreamKind::Reference);
            let metadata = if framed && !tuples { raw.len() as u64 } else { metadata };
            let metadata = if payload.is_empty() { 0 } else { metadata };
            writer.add(stream as u32, metadata, &payload).ok()?;
        }
        entries.push(StreamEntry { name, key: stream as u32, optional: false });
    }
    writer.finish(entries.into_iter()).ok()
}

/// Going on from an archive: what could be read of it can be read of the result.
pub fn append(data: &[u8]) {
    let built = compressed(data);
    let data = built.as_deref().unwrap_or(data);
    let options = ReadOptions {
        cache_bytes: 1 << 20,
        collection_bytes: 1 << 20,
        part_bytes: MOST_PART,
        ..ReadOptions::default()
    };
    let open = || Archive::from_source(Arc::new(data.to_vec()), &options);
    let Some(old) = answered(open()) else { return };
    let before = read_everything(&old);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.agc");
    let build = Options { threads: 1, memory_limit: Some(1 << 30), ..Options::default() };
    let appended = (|| {
        let mut builder = Builder::append(open, &Target::File(target.clone()), build, Arc::new(|| false))?;
        builder.begin_sample(b"the new one")?;
        builder.begin_contig(b"c")?;
        builder.write(&b"GATTACACATTAG".repeat(100))?;
        builder.end_contig()?;
        builder.end_sample()?;
        builder.finish()
    })();
    if answered(appended).is_none() {
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
        return;
    }
    let new = Archive::open(&target, &options).unwrap();
    let after = read_everything(&new);
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((&old.0, &old.1), (&new.0, &new.1));
        assert!(old.2.is_none() || old.2 == new.2, "bases of {:?} changed", old.0.escape_ascii().to_string());
    }
    let regions = (0..new.samples().len().min(3)).filter_map(|index| {
        let sample = answered(new.sample(index))?;
        let length = (!sample.is_empty()).then(|| answered(sample.length(0)))??;
        Some(Ok(Region { sample, contig: 0, range: Some(0..length.min(1000)), reverse: false, header: None }))
    });
    let options = ExportOptions { line_width: 60, packing: Packing::Bgzf(1), index: false, threads: 1 };
    answered(new.export(regions, &Target::File(folder.path().join("a.fa.gz")), &options, &|| false));
}
