//! What fuzzing begins with, for each target: out of the golden archives, and a little that is made here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use panarc_core::codec::Decompressor;
use panarc_core::container::{Container, ContainerWriter, StreamEntry};
use panarc_core::fasta::BgzfWriter;
use panarc_core::layout::{CASE, Coverage, GroupStream, StreamKind};
use panarc_core::segment::pack_entries;

/// Larger archives are read, but too slow to be changed again and again.
const LARGEST: u64 = 60_000;

/// The golden archives, by name.
pub fn golden() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/golden");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the golden archives")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "agc"))
        .collect();
    paths.sort();
    paths
}

/// Cases that once went wrong.
pub fn found(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Inputs to begin with.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "fasta" => texts(),
        "list" => vec![b"a.fa\nname=b.fa\r\n# c\n\nd\te f.fa\n".to_vec(), gzip(b"x=y\n")],
        "align" => vec![
            [
                &[40, 0][..],
                &b"ACGTTGCATTGACCATGACCATTTAGGACCATTTAGACAG"[..],
                b"ACGTTGCATTGACCATGACCTTTAGGACCATTTAGACAG",
            ]
            .concat(),
            [&[4, 0][..], &[4; 64]].concat(),
        ],
        _ => golden().iter().flat_map(|path| of_archive(target, path)).collect(),
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn texts() -> Vec<Vec<u8>> {
    let text = [&b">chr1 a comment\nACGTNRYacgtn\nACGT \n\n>s#1#c\r\nAC\r\n>empty\n>last\n"[..], &[b'A'; 300], b"\nC"]
        .concat();
    let mut bgzf = BgzfWriter::new(Vec::new(), 6);
    bgzf.write_all(&text[..50]).unwrap();
    bgzf.flush().unwrap();
    bgzf.write_all(&text[50..]).unwrap();
    let mut zstd = vec![0; 2000];
    let length = zstd_safe::compress(&mut zstd[..], &text, 3).unwrap();
    zstd.truncate(length);
    let members = [gzip(&text[..20]), gzip(&text[20..]), vec![0; 9]].concat();
    vec![gzip(&text), members, bgzf.finish().unwrap(), zstd, text]
}

fn of_archive(target: &str, path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    let large = bytes.len() as u64 > LARGEST;
    let container = Container::open(Arc::new(bytes.clone())).unwrap();
    match target {
        "container" | "archive" if large => Vec::new(),
        "container" | "archive" => vec![bytes],
        "streams" | "append" if large => Vec::new(),
        "streams" => vec![uncompressed(&container)],
        "append" => vec![bytes, uncompressed(&container)],
        _ => (0..container.len()).flat_map(|stream| of_stream(target, &container, stream)).collect(),
    }
}

/// The parts of a stream as a target takes them.
fn of_stream(target: &str, container: &Container, stream: usize) -> Vec<Vec<u8>> {
    let name = String::from_utf8_lossy(container.name(stream)).into_owned();
    let group = GroupStream::parse(name.as_bytes(), 3).or_else(|| GroupStream::parse(name.as_bytes(), 1));
    // A few groups of an archive have all that there is to see.
    if group.is_some_and(|found| !(0..20).contains(&found.group)) {
        return Vec::new();
    }
    let mut payload = Vec::new();
    let mut found = Vec::new();
    for part in 0..container.parts(stream).len().min(2) {
        let metadata = container.read_part(stream, part, &mut payload).unwrap();
        let raw = opened(container, stream, part);
        let head = |size: usize| metadata.to_le_bytes()[..size].to_vec();
        match (target, group.map(|found| found.kind), name.as_str()) {
            ("reference", Some(StreamKind::Reference), _) if metadata.is_multiple_of(2) => {
                found.push([head(4), payload.clone()].concat());
            }
            ("reference", Some(StreamKind::Reference), _) => {
                found.push([head(4), raw, payload[payload.len() - 1..].to_vec()].concat());
            }
            ("pack", Some(StreamKind::Deltas), _) if raw.len() < 20_000 => {
                found.push([head(3), vec![50], payload.clone()].concat());
                found.push([&[1, 0, 0, 50][..], &raw].concat());
            }
            ("delta", Some(StreamKind::Deltas), _) => {
                let mut start = 0;
                for end in pack_entries(&raw, 50).into_iter().take(3) {
                    let entry = &raw[start..end as usize];
                    if entry.len() < 4000 {
                        let reference = (0..entry.len() * 2).map(|i| (i * i / 7 % 4) as u8).collect();
                        let length = (entry.len() as u16 * 2).to_le_bytes().to_vec();
                        found.push([vec![20, 0], length, reference, entry.to_vec()].concat());
                    }
                    start = end as usize + 1;
                }
            }
            ("layout", None, "params" | "file_type_info" | "splitters" | "segment-splitters") => {
                found.push([&[metadata as u8][..], &payload].concat());
            }
            ("layout" | "case", None, CASE) => found.push([&[1][..], &payload].concat()),
            ("collection", None, "collection-samples") => found.push([&[0][..], &raw].concat()),
            ("collection", None, "collection-contigs") => {
                found.push([&[1][..], &raw].concat());
                if let Some(stream) = container.find("collection-details")
                    && raw.len() < 60_000
                {
                    container.read_part(stream, part, &mut payload).unwrap();
                    let expected = 60_031u32.to_le_bytes().to_vec();
                    let length = (raw.len() as u16).to_le_bytes().to_vec();
                    found.push([vec![2], expected, length, raw, columns(&payload)].concat());
                }
            }
            ("collection", None, "collection-desc") => found.push([&[3][..], &raw].concat()),
            ("collection", None, "collection-main") if raw.len() < 60_000 => {
                let rows = container.find("collection-details").map(|details| opened(container, details, 0));
                let length = (raw.len() as u16).to_le_bytes().to_vec();
                found.push([vec![4], length, raw, rows.unwrap_or_default()].concat());
            }
            _ => {}
        }
    }
    if target == "layout" {
        found.push([&[1][..], &Coverage::new(1, b"\x01s\0").encode(1, name.as_bytes())].concat());
        found.push([&[0][..], name.as_bytes()].concat());
    }
    if target == "case" && stream == 0 {
        // Index and block, as in the tests of the core.
        found.push([&[2][..], &[0, 1, 50, 7, 0, 1, 90, 9]].concat());
        found.push(
            [&[0, 1, 2, 3, 0][..], &[1, 2, 2, 3, 0xA2, 2, 5, 0, 0, 2, 1, 0, 1, 1, 0, 2, 1, 1, 7, 1, 2, 0]].concat(),
        );
    }
    found
}

/// The five columns of segment rows, each with two bytes of length.
fn columns(payload: &[u8]) -> Vec<u8> {
    let mut rest = payload;
    let mut prefix = || {
        let extra = (rest[0].leading_ones() as usize).min(4);
        let head = u64::from(rest[0] & (0x7F >> extra));
        let value = rest[1..=extra].iter().fold(head, |value, &byte| value << 8 | u64::from(byte));
        rest = &rest[extra + 1..];
        value + [0, 0x80, 0x4080, 0x20_4080, 0x1020_4080][extra]
    };
    let sizes: Vec<_> = (0..5).map(|_| (prefix(), prefix() as usize)).collect();
    let (mut out, mut column) = (Vec::new(), Vec::new());
    for (raw, packed) in sizes {
        Decompressor::default().decompress(&rest[..packed], raw, &mut column).unwrap();
        rest = &rest[packed..];
        column.truncate(usize::from(u16::MAX));
        out.extend_from_slice(&(column.len() as u16).to_le_bytes());
        out.extend_from_slice(&column);
    }
    out
}

/// What is in the frame of a part; the part itself if it has none.
fn opened(container: &Container, stream: usize, part: usize) -> Vec<u8> {
    let mut payload = Vec::new();
    let _ = container.read_part(stream, part, &mut payload);
    let mut raw = Vec::new();
    let frame = zstd_safe::find_frame_compressed_size(&payload).ok().map(|size| &payload[..size]);
    match frame.map(|frame| Decompressor::default().decompress_unknown(frame, 1 << 24, &mut raw)) {
        Some(Ok(())) => raw,
        _ => payload,
    }
}

/// The container with its frames opened, as target `streams` takes it.
fn uncompressed(container: &Container) -> Vec<u8> {
    let mut writer = ContainerWriter::new(Vec::new(), "seed".into());
    let mut entries = Vec::new();
    let mut payload = Vec::new();
    for stream in 0..container.len() {
        let name = container.name(stream).to_vec();
        let group = name.starts_with(b"x") || name.starts_with(b"seg-");
        let open = group || name.starts_with(b"collection-") && name != b"collection-details";
        for part in 0..container.parts(stream).len() {
            let metadata = container.read_part(stream, part, &mut payload).unwrap();
            let raw = if open && metadata > 0 { opened(container, stream, part) } else { payload.clone() };
            let metadata = if raw.is_empty() { 0 } else { metadata };
            writer.add(stream as u32, metadata, &raw).unwrap();
        }
        entries.push(StreamEntry { name, key: stream as u32, optional: false });
    }
    writer.finish(entries.into_iter()).unwrap()
}
