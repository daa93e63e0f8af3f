//! Finding parts in a file whose list of them is lost: what can be decoded, and agrees with what stands before it, is one.

use std::sync::Arc;

use crate::codec::{Decompressor, check_size};
use crate::collection::{Batch, MAX_NAMES, decode_contigs, decode_details, decode_samples};
use crate::container::{ByteSource, MAX_INTEGER, PartPlace, take_integer};
use crate::error::{Error, Result};
use crate::fasta::Interrupt;
use crate::layout::{FileInfo, Params, crc32};
use crate::segment::lz::{Dialect, decoded_length};
use crate::segment::{decode_pack, decode_reference, pack_entries};

/// The first bytes of each zstd frame.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Bytes that are looked at at once, if no more are wanted.
const WINDOW: u64 = 1 << 18;

/// Bytes that are kept, so that what overlaps is hardly read twice.
const BUFFER: u64 = 1 << 20;

/// How many times as many bytes as the file has may be looked at: in a file made for it, parts seem to begin everywhere.
const EFFORT: u64 = 24;

/// Longest reference that any distance in a delta could lead to the end of.
pub(super) const FAR: u64 = 1 << 40;

/// Pairs that a file may say of itself.
const PAIRS: u64 = 64;

/// What a part holds.
#[derive(Debug)]
pub(super) enum Kind {
    Samples(usize),
    /// Names of a batch of samples, and behind them its rows.
    Contigs(Batch),
    Details,
    Params(Params),
    /// What the file says of itself: its format.
    Info(u32),
    /// A reference of so many codes.
    Reference(u64),
    /// A pack of deltas, or of members of a raw group.
    Pack {
        raw: bool,
    },
    /// Something else in a frame, with its checksum.
    Other(u32),
}

/// A part that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) place: PartPlace,
    /// Behind its last byte.
    pub(super) end: u64,
    pub(super) kind: Kind,
}

/// Goes through a file.
pub(super) struct Scanner {
    source: Arc<dyn ByteSource>,
    most: u64,
    start: u64,
    buffer: Vec<u8>,
    effort: u64,
    decompressor: Decompressor,
    raw: Vec<u8>,
    scratch: Vec<u8>,
}

impl Scanner {
    pub(super) fn new(source: Arc<dyn ByteSource>, most: u64) -> Scanner {
        let effort = source.len().saturating_mul(EFFORT).saturating_add(64 << 20);
        let decompressor = Decompressor::new(most);
        Scanner {
            source,
            most,
            start: 0,
            buffer: Vec::new(),
            effort,
            decompressor,
            raw: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// All parts that can be found, in the order of the file.
    pub(super) fn run(&mut self, interrupt: &Interrupt) -> Result<Vec<Found>> {
        let (mut found, mut at, mut unknown) = (Vec::new(), 0, 0);
        while at < self.source.len() {
            if interrupt() {
                return Err(Error::Interrupted);
            }
            match self.part(at)? {
                Some(parts) => {
                    self.plain(unknown, at, &mut found)?;
                    at = parts.last().map_or(at + 1, |part: &Found| part.end);
                    unknown = at;
                    found.extend(parts);
                }
                None => at = self.resume(at + 1)?,
            }
        }
        self.plain(unknown, at, &mut found)?;
        Ok(found)
    }

    /// Parts that are not compressed, between those that are: they are short, and each begins with a zero byte. Where one
    /// ends, and what it is, the rows must confirm.
    fn plain(&mut self, from: u64, to: u64, found: &mut Vec<Found>) -> Result<()> {
        if to - from > WINDOW {
            return Ok(());
        }
        let bytes = self.bytes(from, to - from)?;
        let mut at = 0;
        while let Some((size, kind)) = bytes.get(at..).and_then(plain_part) {
            let place = PartPlace { offset: from + at as u64, size: size as u64 };
            at += 1 + size;
            found.push(Found { place, end: from + at as u64, kind });
        }
        Ok(())
    }

    /// The next place at which a part could begin: there is a frame behind it, parameters, or what a file says of itself.
    fn resume(&mut self, mut at: u64) -> Result<u64> {
        loop {
            let bytes = self.bytes(at, WINDOW)?;
            let length = bytes.len() as u64;
            let likely = bytes.windows(MAX_INTEGER + 4).position(|window| {
                let head = usize::from(window[0]);
                (1..MAX_INTEGER).contains(&head) && window[1] > 0 && window[head + 1..].starts_with(&MAGIC)
                    || window.starts_with(&[0, window[1], 0, 0, 0]) && (17..=32).contains(&window[1])
                    || window.starts_with(&[1]) && window[2..].starts_with(b"comment")
            });
            match likely {
                Some(place) => return Ok(at + place as u64),
                None if length < WINDOW => return Ok(self.source.len()),
                None => at += length - (MAX_INTEGER as u64 + 3),
            }
        }
    }

    /// Up to so many bytes at a place.
    pub(super) fn bytes(&mut self, at: u64, size: u64) -> Result<&[u8]> {
        let size = size.min(self.source.len().saturating_sub(at));
        if at < self.start || at + size > self.start + self.buffer.len() as u64 {
            let wanted = size.max(BUFFER).min(self.source.len() - at);
            check_size(wanted, self.most)?;
            self.buffer.resize(wanted as usize, 0);
            self.source.read_at(at, &mut self.buffer)?;
            self.start = at;
        }
        let from = (at - self.start) as usize;
        Ok(&self.buffer[from..from + size as usize])
    }

    /// Metadata at a place, and the bytes that it takes.
    fn metadata(&mut self, at: u64) -> Result<Option<(u64, u64)>> {
        let mut rest = self.bytes(at, MAX_INTEGER as u64)?;
        let before = rest.len();
        Ok(take_integer(&mut rest).map(|value| (value, (before - rest.len()) as u64)))
    }

    /// The part at a place; names of a batch come with their rows.
    fn part(&mut self, at: u64) -> Result<Option<Vec<Found>>> {
        let Some((metadata, head)) = self.metadata(at)? else { return Ok(None) };
        let place = |size| PartPlace { offset: at, size };
        let one = |size, kind| Ok(Some(vec![Found { place: place(size), end: at + head + size, kind }]));
        if metadata == 0 {
            let params = Params::decode(self.bytes(at + head, 16)?, 3);
            let params = params.ok().filter(|params| params.validate().is_ok());
            return params.map_or(Ok(None), |params| one(16, Kind::Params(params)));
        }
        let begin = at + head;
        if self.bytes(begin, 4)? != MAGIC {
            return match metadata <= PAIRS {
                true => self.info(begin, metadata)?.map_or(Ok(None), |(size, format)| one(size, Kind::Info(format))),
                false => Ok(None),
            };
        }
        let Some(size) = self.frame(begin, metadata)? else { return Ok(None) };
        let marked = self.bytes(begin, size + 1)?.to_vec();
        if marked.len() as u64 == size + 1 {
            let marker = marked[size as usize];
            if marker == 0 && decode_pack(metadata, &marked, &mut self.decompressor, &mut self.raw).is_ok() {
                return self.entries().map_or(Ok(None), |raw| one(size + 1, Kind::Pack { raw }));
            }
            let (decompressor, scratch) = (&mut self.decompressor, &mut self.scratch);
            if marker < 2 && decode_reference(metadata, &marked, decompressor, scratch, &mut self.raw).is_ok() {
                return one(size + 1, Kind::Reference(metadata));
            }
        }
        let frame = &marked[..size as usize];
        if self.decompressor.decompress(frame, metadata, &mut self.raw).is_err() {
            return Ok(None);
        }
        if let Ok(batch) = decode_contigs(&self.raw, MAX_NAMES.min(self.most as usize))
            && let Some((details, end)) = self.details(begin + size, &batch)?
        {
            let contigs = Found { place: place(size), end: begin + size, kind: Kind::Contigs(batch) };
            return Ok(Some(vec![contigs, Found { place: details, end, kind: Kind::Details }]));
        }
        match decode_samples(&self.raw, self.most) {
            Ok(names) if !names.is_empty() => one(size, Kind::Samples(names.len())),
            _ => one(size, Kind::Other(crc32(&self.raw))),
        }
    }

    /// Size of the frame at a place, which may hold what the metadata announces.
    fn frame(&mut self, at: u64, metadata: u64) -> Result<Option<u64>> {
        let most =
            zstd_safe::compress_bound(usize::try_from(metadata.min(self.most)).unwrap_or(usize::MAX)) as u64 + 64;
        let mut wanted = WINDOW.min(most);
        loop {
            let bytes = self.bytes(at, wanted)?;
            let length = bytes.len() as u64;
            let found = zstd_safe::find_frame_compressed_size(bytes).ok();
            // What is no frame shows it soon, mostly.
            let cost = found.map_or(if length > WINDOW { length } else { length / 16 }, |size| size as u64);
            self.effort = self.effort.checked_sub(cost + 16).ok_or_else(|| {
                Error::corrupt("the list of its parts is lost, and too much in it looks like the beginning of one")
            })?;
            match found {
                Some(size) => return Ok(Some(size as u64)),
                None if length < wanted || wanted == most => return Ok(None),
                None => wanted = wanted.saturating_mul(4).min(most),
            }
        }
    }

    /// Place of the rows behind the names of a batch, and their end.
    fn details(&mut self, at: u64, names: &Batch) -> Result<Option<(PartPlace, u64)>> {
        // Ten numbers of up to five bytes stand before the frames.
        let head = self.bytes(at, 1 + 50)?;
        let Some((&0, mut rest)) = head.split_first() else { return Ok(None) };
        let mut size = 0;
        for i in 0..10 {
            let Some((value, taken)) = prefix(rest) else { return Ok(None) };
            size += taken as u64 + if i % 2 == 1 { u64::from(value) } else { 0 };
            rest = &rest[taken..];
        }
        if size > self.most {
            return Ok(None);
        }
        let payload = self.bytes(at + 1, size)?.to_vec();
        // Only the lengths depend on what they are counted from, and they are not looked at here.
        match decode_details(&payload, 0, names, &mut self.decompressor) {
            Ok(_) => Ok(Some((PartPlace { offset: at, size }, at + 1 + size))),
            Err(_) => Ok(None),
        }
    }

    /// Size of what the file says of itself.
    fn info(&mut self, at: u64, pairs: u64) -> Result<Option<(u64, u32)>> {
        let bytes = self.bytes(at, WINDOW)?;
        let end = memchr::memchr_iter(0, bytes).nth(2 * pairs as usize - 1);
        Ok(end.map(|end| &bytes[..=end]).and_then(|payload| {
            let format = FileInfo::decode(payload, pairs).ok()?.format("").ok()?;
            Some((payload.len() as u64, format))
        }))
    }

    /// Whether the pack just decoded has members of a raw group; none if it is no pack.
    fn entries(&self) -> Option<bool> {
        let ends = pack_entries(&self.raw, 2);
        let first = &self.raw[..*ends.first()? as usize];
        // C++ AGC begins raw groups with a dummy.
        if first.iter().all(|&code| code < 16) || first == [0x7F] {
            return Some(true);
        }
        decoded_length(first, FAR, 20, Dialect::V2).is_ok().then_some(false)
    }
}

/// Size and kind of the part that is not compressed with which bytes begin.
fn plain_part(bytes: &[u8]) -> Option<(usize, Kind)> {
    let (&0, rest) = bytes.split_first()? else { return None };
    let is_code = |&byte: &u8| byte < 16;
    let raw = rest.first().is_some_and(|byte| is_code(byte) || *byte == 0x7F);
    // Behind a pack is the end, or the zero of the next part; members of raw groups may begin with a zero, too.
    let is_end = |&end: &usize| match rest[end + 1..] {
        [] => true,
        [0, next, ..] => !raw || next >= 16,
        _ => false,
    };
    match memchr::memchr_iter(0xFF, rest).find(is_end) {
        Some(end) => {
            let first = &rest[..memchr::memchr(0xFF, rest)?];
            let right = if raw {
                first == [0x7F] || first.iter().all(is_code)
            } else {
                !first.is_empty() && decoded_length(first, FAR, 20, Dialect::V2).is_ok()
            };
            right.then_some((end + 1, Kind::Pack { raw }))
        }
        None if !rest.is_empty() && rest.iter().all(is_code) => {
            // Several references of C++ AGC that are as long as a k-mer, or one.
            let several =
                |k: &usize| (rest.len() + 1).is_multiple_of(k + 1) && bytes.iter().step_by(k + 1).all(|&b| b == 0);
            let size = (17..=32).find(several).unwrap_or(rest.len());
            Some((size, Kind::Reference(size as u64)))
        }
        None => None,
    }
}

/// A prefix integer and the bytes that it takes (FORMAT 1.2).
fn prefix(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut cursor = crate::collection::Cursor::new(bytes);
    let value = cursor.prefix().ok()?;
    Some((value, bytes.len() - cursor.left()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scanned(bytes: Vec<u8>) -> Result<Vec<Found>> {
        let never: Interrupt = Arc::new(|| false);
        Scanner::new(Arc::new(bytes), 1 << 24).run(&never)
    }

    fn golden(name: &str) -> Vec<u8> {
        let path = format!("{}/../../tests/data/golden/{name}.agc", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    }

    #[test]
    fn all_parts_of_an_archive_are_found() {
        let bytes = golden("names");
        let size = u64::from_le_bytes(*bytes.last_chunk().unwrap());
        let footer = bytes.len() as u64 - 8 - size;
        let found = scanned(bytes[..footer as usize].to_vec()).unwrap();
        let count = |is: fn(&Kind) -> bool| found.iter().filter(|part| is(&part.kind)).count();
        assert_eq!(count(|kind| matches!(kind, Kind::Samples(4))), 1);
        assert_eq!(count(|kind| matches!(kind, Kind::Contigs(_))), 1);
        assert_eq!(count(|kind| matches!(kind, Kind::Reference(_))), 57);
        assert_eq!(count(|kind| matches!(kind, Kind::Pack { raw: true })), 16);
        assert!(found.is_sorted_by(|a, b| a.end <= b.place.offset));
    }

    proptest! {
        #[test]
        fn damage_never_panics(at: prop::sample::Index, bytes in proptest::collection::vec(any::<u8>(), 1..20)) {
            let mut archive = golden("toy");
            let at = at.index(archive.len() - bytes.len());
            archive[at..at + bytes.len()].copy_from_slice(&bytes);
            let found = scanned(archive).unwrap();
            prop_assert!(found.is_sorted_by(|a, b| a.end <= b.place.offset));
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _ = scanned(bytes);
        }
    }
}
