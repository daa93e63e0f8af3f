//! A new list of parts for a file whose own is lost: parts are found ([`scan`](super::scan)), and the collection tells whose
//! they are ([`members`](super::members), [`order`](super::order)).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::members::{Members, Size, Slot};
use super::order::{place_in_order, place_runs};
use super::scan::{Found, Kind, Scanner};
use crate::case::{self, Index};
use crate::codec::{Decompressor, check_size};
use crate::collection::{Batch, decode_details};
use crate::container::{ByteSource, PartPlace, encode_footer, foreign, push_integer, take_integer};
use crate::digest::{Headers, Rule, is_part};
use crate::error::{Error, Result};
use crate::fasta::Interrupt;
use crate::layout::{self, FileInfo, GroupStream, Params, RAW_GROUPS, StreamKind, header_at};
use crate::segment::{decode_pack, pack_entries};

/// A part that nothing can be read from: one of these stands for each that was not found.
const DEAD: [u8; 3] = [1, 1, 9];

/// How often two lengths of references may be compared, and how many bytes with checksums.
const EFFORT: u64 = 1 << 28;

type Streams = Vec<(Vec<u8>, Vec<PartPlace>)>;

/// A file as it is, and another end.
struct Spliced {
    source: Arc<dyn ByteSource>,
    tail: Vec<u8>,
}

impl ByteSource for Spliced {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn len(&self) -> u64 {
        self.source.len() + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let first = self.source.len().saturating_sub(offset).min(buffer.len() as u64) as usize;
        let (head, rest) = buffer.split_at_mut(first);
        if !head.is_empty() {
            self.source.read_at(offset, head)?;
        }
        if rest.is_empty() { Ok(()) } else { self.tail.read_at((offset + first as u64) - self.source.len(), rest) }
    }
}

/// The archive with a new list of its parts, and a few words on it.
///
/// # Errors
/// [`Error::Corrupt`] when what must be known is lost.
pub(super) fn rebuild(
    source: &Arc<dyn ByteSource>,
    most: u64,
    interrupt: &Interrupt,
) -> Result<(Arc<dyn ByteSource>, String)> {
    let mut scanner = Scanner::new(source.clone(), most);
    let mut found = scanner.run(interrupt)?;
    let params = found.iter().enumerate().rev().find_map(|(i, part)| match part.kind {
        Kind::Params(params) => Some((i, params)),
        _ => None,
    });
    if found.is_empty() {
        let none = || "no part of one was found in it".to_owned();
        return Err(Error::corrupt("no part was found").at(|c| c.foreign = foreign(&**source).or_else(|| Some(none()))));
    }
    if found.iter().any(|part| matches!(part.kind, Kind::Info(1 | 2))) {
        return Err(lost("all else, as it is of format 1 or 2"));
    }
    let Some((last, params)) = params else {
        return Err(lost("its parameters"));
    };
    let gaps = gaps(&found, source.len());
    // What `append` carries over stands behind the small streams, and comes before what it adds.
    found.rotate_left(last + 1);
    let mut streams = Collection::new(&found, params)?;
    let headers = streams.headers(&mut scanner, &gaps)?;
    let mut members = Members::new(params);
    let parts = streams.rows(&mut scanner, &mut members, most, interrupt)?;
    let mut listed = std::mem::take(&mut streams.listed);
    let dead = PartPlace { offset: source.len(), size: 1 };
    let (placed, missing) = groups(&found, &mut scanner, &mut members, dead, most, &mut listed)?;
    case_blocks(&found, headers.case, dead, &mut listed);
    if let Some((place, rule, first)) = headers.digest {
        let parts = digests(&mut scanner, &gaps, &parts, rule, first / params.pack_cardinality as usize, dead)?;
        listed.push((layout::DIGEST.into(), parts.into_iter().chain([place]).collect()));
    }
    let mut tail = DEAD.to_vec();
    let info = found.iter().find(|part| matches!(part.kind, Kind::Info(_))).map(|part| part.place);
    let info = info.unwrap_or_else(|| {
        let (payload, pairs) = FileInfo::ours().encode();
        let offset = source.len() + tail.len() as u64;
        push_integer(pairs, &mut tail);
        tail.extend_from_slice(&payload);
        PartPlace { offset, size: payload.len() as u64 }
    });
    listed.push((layout::FILE_TYPE_INFO.into(), vec![info]));
    tail.extend(encode_footer(&listed));
    let words =
        format!("the list of its parts is lost: {placed} parts of groups have their place again, {missing} have not");
    Ok((Arc::new(Spliced { source: source.clone(), tail }), words))
}

fn lost(what: &str) -> Error {
    Error::corrupt(format!("the list of its parts is lost, and so {what}: nothing can be read"))
}

/// Stretches of the file that are in no part.
fn gaps(found: &[Found], size: u64) -> Vec<(u64, u64)> {
    let starts = found.iter().map(|part| part.place.offset).chain([size]);
    let ends = [0].into_iter().chain(found.iter().map(|part| part.end));
    ends.zip(starts).filter(|(end, start)| end < start).collect()
}

/// What the headers of extra streams say.
#[derive(Default)]
struct Extras {
    case: Option<(PartPlace, Index)>,
    digest: Option<(PartPlace, Rule, usize)>,
}

/// What must be known of the digests of a batch to find them.
struct BatchDigests {
    lengths: Vec<u64>,
    samples: Vec<usize>,
    headers: Vec<Box<[u8]>>,
}

/// The streams of the collection and the parameters.
struct Collection<'a> {
    params: Params,
    samples: usize,
    batches: Vec<(&'a Batch, PartPlace)>,
    listed: Streams,
}

impl<'a> Collection<'a> {
    fn new(found: &'a [Found], params: Params) -> Result<Collection<'a>> {
        let mut batches = Vec::new();
        let (mut contigs, mut details) = (Vec::new(), Vec::new());
        for pair in found.windows(2) {
            if let (Kind::Contigs(batch), Kind::Details) = (&pair[0].kind, &pair[1].kind) {
                batches.push((batch, pair[1].place));
                contigs.push(pair[0].place);
                details.push(pair[1].place);
            }
        }
        let samples = batches.iter().map(|(batch, _)| batch.samples()).sum();
        let count = |part: &&Found| matches!(part.kind, Kind::Samples(_));
        let names = found.iter().rev().find(|part| matches!(part.kind, Kind::Samples(count) if count == samples));
        let Some(names) = names else {
            let what = match found.iter().find(count) {
                Some(_) => "rows of some of its samples, and it cannot be told of which",
                None => "the names of its samples",
            };
            return Err(lost(what));
        };
        let full = params.pack_cardinality as usize;
        if batches.iter().rev().skip(1).any(|(batch, _)| batch.samples() != full) {
            return Err(lost("the order of its batches of samples"));
        }
        let place = found.iter().find(|part| matches!(part.kind, Kind::Params(_))).map(|part| part.place);
        let listed = vec![
            (layout::COLLECTION_SAMPLES.into(), vec![names.place]),
            (layout::COLLECTION_CONTIGS.into(), contigs),
            (layout::COLLECTION_DETAILS.into(), details),
            (layout::PARAMS.into(), place.into_iter().collect()),
        ];
        Ok(Collection { params, samples, batches, listed })
    }

    /// Headers of extra streams; their checksums tell them.
    fn headers(&self, scanner: &mut Scanner, gaps: &[(u64, u64)]) -> Result<Extras> {
        let (mut headers, mut effort) = (Extras::default(), EFFORT);
        for &(from, to) in gaps {
            let bytes = scanner.bytes(from, to - from)?;
            for at in memchr::memmem::find_iter(bytes, &[1, case::VERSION as u8]) {
                let Some((size, content)) = header_at(&bytes[at + 2..], case::VERSION, &mut effort) else { continue };
                let place = PartPlace { offset: from + at as u64, size: size as u64 };
                if let Ok((rule, first)) = Rule::decode(content, self.samples) {
                    headers.digest = Some((place, rule, first));
                } else if let Ok(index) =
                    Index::decode(content, content.iter().filter(|&&byte| byte < 0x80).count() / 4)
                {
                    headers.case = Some((place, index));
                }
            }
        }
        Ok(headers)
    }

    /// Reads the rows of all batches.
    fn rows(
        &self,
        scanner: &mut Scanner,
        members: &mut Members,
        most: u64,
        interrupt: &Interrupt,
    ) -> Result<Vec<BatchDigests>> {
        let Params { k, segment_size, .. } = self.params;
        let mut parts = Vec::new();
        let mut decompressor = Decompressor::new(most);
        for (names, place) in &self.batches {
            if interrupt() {
                return Err(Error::Interrupted);
            }
            let payload = scanner.bytes(place.offset + 1, place.size)?;
            let batch = decode_details(payload, segment_size + k, names, &mut decompressor)?;
            members.add(&batch);
            check_size(members.memory(), most)?;
            let length = |contig| {
                let segments = batch.segments(contig);
                let sum: u64 = segments.iter().map(|segment| u64::from(segment.length())).sum();
                sum.saturating_sub(u64::from(k) * (segments.len() as u64).saturating_sub(1))
            };
            parts.push(BatchDigests {
                lengths: (0..batch.contig_count()).map(length).collect(),
                samples: (0..batch.samples()).map(|sample| batch.contigs(sample).end).collect(),
                headers: (0..batch.contig_count()).map(|contig| batch.name(contig).into()).collect(),
            });
        }
        Ok(parts)
    }
}

/// Gives references and packs their groups. Returns how many have theirs, and how many have not or are missing.
fn groups(
    found: &[Found],
    scanner: &mut Scanner,
    members: &mut Members,
    dead: PartPlace,
    most: u64,
    listed: &mut Streams,
) -> Result<(usize, usize)> {
    // Whether no unknown bytes stand between a part and the one before it.
    let gapless: Vec<bool> = (0..found.len()).map(|i| i > 0 && found[i - 1].end == found[i].place.offset).collect();
    let joined = |from: usize, to: usize| gapless[from + 1..=to].iter().all(|&gapless| gapless);

    let refs: Vec<(usize, u64)> = (found.iter().enumerate())
        .filter_map(|(i, part)| if let Kind::Reference(length) = part.kind { Some((i, length)) } else { None })
        .collect();
    let numbers: Vec<u32> = members.groups.keys().copied().filter(|&group| group >= RAW_GROUPS).collect();
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for item in 0..refs.len() {
        match runs.last_mut() {
            Some(run) if joined(refs[item - 1].0, refs[item].0) => run.push(item),
            _ => runs.push(vec![item]),
        }
    }
    let mut effort = EFFORT;
    let fits = |item: usize, place: usize| {
        effort = effort.saturating_sub(1);
        effort > 0 && members.agree(members.groups[&numbers[place]].reference, refs[item].1 as i64)
    };
    let mut references: FxHashMap<u32, (PartPlace, u64)> = FxHashMap::default();
    for (item, place) in place_runs(&runs, numbers.len(), fits) {
        references.insert(numbers[place], (found[refs[item].0].place, refs[item].1));
    }

    let (mut packs, mut sizes) = (Vec::new(), Vec::new());
    let (mut decompressor, mut raw_pack) = (Decompressor::new(most), Vec::new());
    let (min_match, cardinality) = (members.params().min_match, members.params().pack_cardinality);
    let mut held = 0u64;
    for (i, part) in found.iter().enumerate() {
        let Kind::Pack { raw } = part.kind else { continue };
        let bytes = scanner.bytes(part.place.offset, part.end - part.place.offset)?;
        let mut payload = bytes;
        let Some(metadata) = take_integer(&mut payload) else { continue };
        decode_pack(metadata, payload, &mut decompressor, &mut raw_pack)?;
        let mut start = 0;
        let entries: Option<Vec<Size>> = pack_entries(&raw_pack, cardinality)
            .into_iter()
            .map(|end| {
                let entry = &raw_pack[start..end as usize];
                start = end as usize + 1;
                Size::of(entry, raw, min_match)
            })
            .collect();
        let Some(entries) = entries else { continue };
        held += (entries.len() * size_of::<Size>()) as u64;
        check_size(held, most)?;
        packs.push(i);
        sizes.push((raw, entries));
    }
    let slots = members.slots();
    let told: FxHashMap<u32, u64> = members
        .groups
        .iter()
        .filter_map(|(&group, known)| {
            Some((group, references.get(&group).map(|found| found.1).or(known.reference.map(u64::from))?))
        })
        .collect();
    let candidates = members.candidates(&sizes, &slots, |group| told.get(&group).copied())?;
    let gapless: Vec<bool> =
        (0..packs.len()).map(|i| i > 0 && packs[i - 1] < packs[i] && joined(packs[i - 1], packs[i])).collect();
    let mut places: FxHashMap<Slot, PartPlace> = FxHashMap::default();
    for (pack, slot) in place_in_order(&candidates, &gapless, &members.orders(&slots)).into_iter().enumerate() {
        if let Some(slot) = slot {
            places.insert(slots[slot].0, found[packs[pack]].place);
        }
    }
    let placed = references.len() + places.len();
    let missing = (numbers.len() - references.len()) + (slots.len() - places.len());

    for group in 0..RAW_GROUPS {
        listed.push((GroupStream { group, kind: StreamKind::Deltas }.name(), Vec::new()));
    }
    let raw = listed.len() - RAW_GROUPS as usize;
    // No more numbers of groups than there are streams are possible.
    let most_groups = numbers.len() as u32 + RAW_GROUPS;
    for &group in numbers.iter().filter(|&&group| group < most_groups) {
        let place = references.get(&group).map_or(dead, |found| found.0);
        listed.push((GroupStream { group, kind: StreamKind::Reference }.name(), vec![place]));
    }
    let mut last = None;
    for &(slot, _) in slots.iter().filter(|(slot, _)| slot.group < most_groups) {
        let place = places.get(&slot).copied().unwrap_or(dead);
        if slot.group < RAW_GROUPS {
            listed[raw + slot.group as usize].1.push(place);
        } else if last == Some(slot.group) {
            listed.last_mut().into_iter().for_each(|stream| stream.1.push(place));
        } else {
            listed.push((GroupStream { group: slot.group, kind: StreamKind::Deltas }.name(), vec![place]));
            last = Some(slot.group);
        }
    }
    Ok((placed, missing))
}

/// Blocks of lower case: the index has the checksum of each.
fn case_blocks(found: &[Found], header: Option<(PartPlace, Index)>, dead: PartPlace, listed: &mut Streams) {
    let Some((place, index)) = header else { return };
    let blocks: FxHashMap<u32, PartPlace> = (found.iter())
        .filter_map(|part| if let Kind::Other(crc) = part.kind { Some((crc, part.place)) } else { None })
        .collect();
    let blocks = index.entries().iter().map(|entry| blocks.get(&entry.crc).copied().unwrap_or(dead));
    listed.push((layout::CASE.into(), blocks.chain([place]).collect()));
}

/// Parts with digests: their checksums tell which batch they are of.
fn digests(
    scanner: &mut Scanner,
    gaps: &[(u64, u64)],
    batches: &[BatchDigests],
    rule: Rule,
    first: usize,
    dead: PartPlace,
) -> Result<Vec<PartPlace>> {
    let mut effort = EFFORT;
    let mut places = vec![dead; batches.len().saturating_sub(first)];
    for (batch, place) in batches.iter().skip(first).zip(&mut places) {
        let size = batch.lengths.iter().map(|&length| rule.entry(length) as u64).sum::<u64>() + 4;
        let mut headers = Headers::default();
        let mut contig = 0;
        for &end in &batch.samples {
            batch.headers[contig..end].iter().for_each(|header| headers.contig(header));
            headers.end_sample();
            contig = end;
        }
        let mut head = Vec::new();
        push_integer(batch.lengths.len() as u64, &mut head);
        for &(from, to) in gaps {
            let bytes = scanner.bytes(from, to - from)?;
            let hit = memchr::memmem::find_iter(bytes, &head).find(|at| {
                let payload = bytes.get(at + head.len()..).and_then(|rest| rest.get(..size as usize));
                effort = effort.saturating_sub(size);
                effort > 0 && payload.is_some_and(|payload| is_part(payload, headers))
            });
            if let Some(at) = hit {
                *place = PartPlace { offset: from + at as u64, size };
            }
        }
    }
    Ok(places)
}
