//! The codecs of one segment: tuples, references, deltas, packs.

use criterion::{BatchSize, Criterion, Throughput};
use panarc_core::codec::{Compressor, Decompressor, Effort, Matches};
use panarc_core::segment::lz::{Dialect, Encoder, Slice, decode, script_of, spell, spell_tokens};
use panarc_core::segment::{
    PackCompressor, PackEffort, Search, decode_pack, decode_reference, encode_pack, encode_reference, pack_codes,
    pack_entries, push_tuples, separate, unpack_codes, unpack_tuples,
};

use crate::genomes::{Random, ancestor, relative};

/// Codes of the reference, deltas in a pack, and one base in how many differs.
const LENGTH: usize = 20_000;
const MEMBERS: usize = 50;
const APART: usize = 200;

/// Codes of a window.
const WINDOW: usize = 4096;

const MIN_MATCH: u32 = 15;
const EFFORT: Effort = Effort { level: 10, window_log: 20, table_log: 17, matches: Matches::ByLevel };

/// A reference, and members with the scripts of their deltas.
struct Group {
    reference: Vec<u8>,
    members: Vec<Vec<u8>>,
    scripts: Vec<Vec<u8>>,
}

impl Group {
    fn new() -> Group {
        let mut random = Random(2);
        let reference = ancestor(LENGTH, &mut random);
        let members: Vec<_> = (0..MEMBERS).map(|_| relative(&reference, APART, &mut random)).collect();
        let mut encoder = Encoder::default();
        let script = |member: &Vec<u8>| {
            let mut script = Vec::new();
            encoder.encode(member, &reference, &[], MIN_MATCH, &mut script).unwrap();
            script
        };
        let scripts = members.iter().map(script).collect();
        Group { reference, members, scripts }
    }

    /// The raw pack, its scripts spelt in one way or the other.
    fn pack(&self, spelling: fn(&[u8], u32, &mut Vec<u8>)) -> Vec<u8> {
        let mut raw = Vec::new();
        for script in &self.scripts {
            spelling(script, MIN_MATCH, &mut raw);
            separate(&mut raw);
        }
        raw
    }
}

pub(crate) fn all(criterion: &mut Criterion) {
    let group = Group::new();
    tuples(criterion, &group);
    references(criterion, &group);
    encoding(criterion, &group);
    decoding(criterion, &group);
    packs(criterion, &group);
}

fn tuples(criterion: &mut Criterion, Group { reference, .. }: &Group) {
    let mut group = criterion.benchmark_group("tuples");
    group.throughput(Throughput::Elements(reference.len() as u64));
    let with_n: Vec<u8> =
        reference.iter().enumerate().map(|(at, &code)| if at % 5000 == 7 { 4 } else { code }).collect();
    let (mut block, mut codes) = (Vec::new(), Vec::new());
    for (name, plain) in [("four a byte", reference), ("three a byte", &with_n)] {
        group.bench_function(format!("pack, {name}"), |bencher| {
            bencher.iter(|| {
                block.clear();
                push_tuples(plain, &mut block);
            });
        });
        group.bench_function(format!("unpack, {name}"), |bencher| {
            bencher.iter(|| unpack_tuples(&block, plain.len() as u64, &mut codes).unwrap());
        });
    }
    group.finish();
}

fn references(criterion: &mut Criterion, Group { reference, .. }: &Group) {
    let mut group = criterion.benchmark_group("reference");
    group.throughput(Throughput::Elements(reference.len() as u64));
    let (mut packed, mut scratch, mut part, mut codes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    group.bench_function("two bits a base", |bencher| bencher.iter(|| pack_codes(reference, &mut packed)));
    group.bench_function("codes of two bits a base", |bencher| {
        bencher.iter(|| unpack_codes(&packed, &mut codes).unwrap());
    });
    let mut compressor = Compressor::default();
    let mut metadata = 0;
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            let efforts = (EFFORT, None);
            metadata = encode_reference(reference, &packed, &mut compressor, efforts, &mut scratch, &mut part).unwrap();
        });
    });
    let mut decompressor = Decompressor::default();
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode_reference(metadata, &part, &mut decompressor, &mut scratch, &mut codes).unwrap());
    });
    group.finish();
}

fn encoding(criterion: &mut Criterion, group: &Group) {
    let mut benches = criterion.benchmark_group("LZ encode");
    let (member, script) = (&group.members[0], &group.scripts[0]);
    benches.throughput(Throughput::Elements(member.len() as u64));
    let mut encoder = Encoder::default();
    let mut out = Vec::new();
    benches.bench_function("without hints", |bencher| {
        bencher.iter(|| encoder.encode(member, &group.reference, &[], MIN_MATCH, &mut out).unwrap());
    });
    for (name, spelling) in [("spell", spell as fn(&[u8], u32, &mut Vec<u8>)), ("spell with tokens", spell_tokens)] {
        benches.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                spelling(script, MIN_MATCH, &mut out);
            });
        });
    }
    out.clear();
    spell_tokens(script, MIN_MATCH, &mut out);
    let mut again = Vec::new();
    benches.bench_function("script of a delta", |bencher| {
        bencher.iter(|| script_of(&out, group.reference.len() as u64, MIN_MATCH, &mut again).unwrap());
    });
    benches.finish();
}

fn decoding(criterion: &mut Criterion, group: &Group) {
    let mut benches = criterion.benchmark_group("LZ decode");
    let length = group.members[0].len() as u64;
    let middle = length / 2..length / 2 + WINDOW as u64;
    let mut codes = Vec::new();
    for (name, spelling) in [("spelt", spell as fn(&[u8], u32, &mut Vec<u8>)), ("tokens", spell_tokens)] {
        let mut delta = Vec::new();
        spelling(&group.scripts[0], MIN_MATCH, &mut delta);
        for (what, window) in [("whole", 0..length + 1), ("4 kb in the middle", middle.clone())] {
            benches.throughput(Throughput::Elements(window.end - window.start));
            benches.bench_function(format!("{what}, {name}"), |bencher| {
                bencher.iter(|| {
                    codes.clear();
                    let slice = Slice::new(window.clone(), &mut codes);
                    decode(&delta, &group.reference, MIN_MATCH, Dialect::V2, slice).unwrap()
                });
            });
        }
    }
    benches.finish();
}

fn packs(criterion: &mut Criterion, group: &Group) {
    let mut benches = criterion.benchmark_group("pack");
    let (spelt, tokens) = (group.pack(spell), group.pack(spell_tokens));
    let mut part = Vec::new();
    for (name, raw, search) in [
        ("spelt, parsed", &spelt, Search::Once),
        ("spelt, zstd", &spelt, Search::Plain),
        ("tokens", &tokens, Search::Plain),
    ] {
        benches.throughput(Throughput::Bytes(raw.len() as u64));
        let mut compressor = PackCompressor::new(MIN_MATCH);
        benches.bench_function(format!("compress, {name}"), |bencher| {
            bencher.iter(|| compressor.compress(raw, PackEffort { search, plain: EFFORT }, &mut part).unwrap());
        });
    }
    for (name, raw) in [("spelt", &spelt), ("tokens", &tokens)] {
        benches.throughput(Throughput::Bytes(raw.len() as u64));
        let metadata = encode_pack(raw, &mut Compressor::default(), EFFORT, &mut part).unwrap();
        let mut decompressor = Decompressor::default();
        benches.bench_function(format!("decode, {name}"), |bencher| {
            bencher.iter_batched_ref(
                Vec::new,
                |out| {
                    decode_pack(metadata, &part, &mut decompressor, out).unwrap();
                    pack_entries(out, MEMBERS as u32).len()
                },
                BatchSize::SmallInput,
            );
        });
    }
    benches.finish();
}
