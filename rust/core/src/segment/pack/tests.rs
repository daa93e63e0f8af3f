use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const PLAIN: Effort = Effort { level: 9, window_log: 20, table_log: 17, matches: crate::codec::Matches::ByLevel };

fn effort(search: Search) -> PackEffort {
    PackEffort { search, plain: PLAIN }
}

/// Size of the part for a raw pack, after it was opened again. Every effort, on one compressor, twice.
fn sizes(raw: &[u8]) -> [usize; 3] {
    let mut compressor = PackCompressor::new(20);
    let (mut decompressor, mut back) = (Decompressor::default(), Vec::new());
    [Search::Plain, Search::Once, Search::Twice].map(|search| {
        let (mut first, mut second) = (vec![1, 2], Vec::new());
        let metadata = compressor.compress(raw, effort(search), &mut first).unwrap();
        decode_pack(metadata, &first, &mut decompressor, &mut back).unwrap();
        assert!(back == raw, "{search:?}");
        PackCompressor::new(20).compress(raw, effort(search), &mut second).unwrap();
        assert!(first == second, "what came before changes a part");
        first.len()
    })
}

/// The way a list of changes stands in an entry: gaps, and what follows each.
fn spell(gaps: &[usize], longest: usize, events: &[Vec<u8>]) -> Vec<u8> {
    let mut entry = Vec::new();
    for (gap, event) in gaps.iter().zip(events) {
        if *gap > longest {
            entry.extend_from_slice(format!("0,{}.", gap - 20).as_bytes());
        } else {
            entry.resize(entry.len() + gap, b'!');
        }
        entry.extend_from_slice(event);
    }
    entry
}

fn event() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => select(b"ABCDE".to_vec()).prop_map(|letter| vec![letter]),
        1 => (-40i32..40, -12i32..3).prop_map(|(to, length)| format!("{to},{length}.").into_bytes()),
        1 => vec(select(b"ABCD".to_vec()), 0..30),
        1 => Just(b"\x1E7\x04".to_vec()),
        1 => Just(b"7.".to_vec()),
    ]
}

/// Entries that share most of their events.
fn bang_runs() -> impl Strategy<Value = Vec<u8>> {
    let events = vec((1usize..3000, event()), 1..60);
    (events, vec(vec(any::<bool>(), 60), 1..50), select(vec![64, 500, usize::MAX])).prop_map(
        |(events, entries, longest)| {
            let mut raw = Vec::new();
            for kept in entries {
                let mut gaps = vec![0];
                let mut changes = Vec::new();
                for ((gap, event), kept) in events.iter().zip(kept) {
                    *gaps.last_mut().unwrap() += gap;
                    if kept {
                        gaps.push(0);
                        changes.push(event.clone());
                    }
                }
                changes.push(b"A".to_vec());
                push_entry(&spell(&gaps, longest, &changes), &mut raw);
            }
            raw
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn packs_of_bang_runs(raw in bang_runs()) {
        sizes(&raw);
    }

    #[test]
    fn packs_of_anything_with_runs(entries in vec((vec(0u8..255, 1..300), 0usize..9, 1usize..400), 1..20)) {
        let mut raw = Vec::new();
        for (mut entry, runs, length) in entries {
            for run in 0..runs {
                let at = (run * 37) % entry.len();
                entry.splice(at..at, std::iter::repeat_n(b'!', length));
            }
            push_entry(&entry, &mut raw);
        }
        sizes(&raw);
    }

    #[test]
    fn packs_of_short_tokens(entries in vec(vec(select(b"!!!!!!!AB-1,.\x1E\x04".to_vec()), 1..400), 1..40)) {
        let mut raw = Vec::new();
        entries.iter().for_each(|entry| push_entry(entry, &mut raw));
        sizes(&raw);
    }
}

#[test]
fn runs_and_matches_longer_than_a_block() {
    let mut entry = vec![b'!'; 300_000];
    for place in [3, 70_000, 70_002, 205_000] {
        entry[place] = b'C';
    }
    for last in [&b"!"[..], b"C", b"0,5.", b"AAAAAAAA"] {
        let mut raw = Vec::new();
        for _ in 0..3 {
            entry.extend_from_slice(last);
            push_entry(&entry, &mut raw);
        }
        let [_, once, twice] = sizes(&raw);
        assert!(once < 200 && twice < 200, "{once} {twice}");
    }
}

#[test]
fn packs_of_one_entry_or_a_few_bytes() {
    for length in [0, 1, 2, 60, 61, 62, 63, 64, 65, 200, 131_070, 131_071, 131_072, 131_073, 131_074, 131_077] {
        let mut raw = vec![b'!'; length];
        raw.push(SEPARATOR);
        sizes(&raw);
        *raw.first_mut().unwrap() = b'A';
        raw[length / 2] = b'B';
        raw[length] = SEPARATOR;
        sizes(&raw);
    }
}

#[test]
fn shared_changes_cost_less_than_with_zstd() {
    let mut state = 7u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let places: Vec<usize> = (0..400).map(|_| random(40_000) as usize).collect();
    let mut raw = Vec::new();
    for _ in 0..12 {
        let mut entry = vec![b'!'; 40_000];
        for (index, &place) in places.iter().enumerate() {
            if random(3) == 0 {
                entry[place] = b'A' + (index % 4) as u8;
            }
        }
        push_entry(&entry, &mut raw);
    }
    let mut plain = Vec::new();
    let best = PackEffort {
        search: Search::Plain,
        plain: Effort { level: 19, window_log: 20, table_log: 17, matches: crate::codec::Matches::ByLevel },
    };
    PackCompressor::new(20).compress(&raw, best, &mut plain).unwrap();
    let [_, once, twice] = sizes(&raw);
    assert!(once < plain.len() && twice < plain.len(), "{once} {twice} {}", plain.len());
}

#[test]
fn memory_follows_units_not_bytes() {
    let mut compressor = PackCompressor::new(20);
    let mut raw = Vec::new();
    for entry in 0..50 {
        let mut delta = vec![b'!'; 60_000];
        delta[entry * 100 + 5] = b'D';
        push_entry(&delta, &mut raw);
    }
    let mut out = Vec::new();
    compressor.compress(&raw, effort(Search::Twice), &mut out).unwrap();
    assert!(compressor.memory() < 2 << 20, "{}", compressor.memory());
    assert!(out.len() < 1000, "{}", out.len());
}

/// Deltas that agree in most of many changes: those of relatives that are all far from their reference.
fn relatives(count: usize) -> Vec<u8> {
    const EVENTS: usize = 2500;
    let mut state = 11u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut raw = Vec::new();
    for _ in 0..count {
        let mut entry = vec![b'!'; EVENTS * 20];
        for event in 0..EVENTS {
            if random(10) > 0 {
                entry[event * 20 + 7] = b'A' + (event % 4) as u8;
            } else {
                entry[event * 20 + random(20) as usize] = b'A' + random(4) as u8;
            }
        }
        push_entry(&entry, &mut raw);
    }
    raw
}

#[test]
fn looks_are_as_many_as_bytes() {
    let mut compressor = PackCompressor::new(20);
    let mut looks = |count| {
        let (raw, mut out, mut back) = (relatives(count), Vec::new(), Vec::new());
        let metadata = compressor.compress(&raw, effort(Search::Twice), &mut out).unwrap();
        decode_pack(metadata, &out, &mut Decompressor::default(), &mut back).unwrap();
        assert!(back == raw);
        (compressor.looks(), out.len())
    };
    let (few, small) = looks(25);
    let (many, large) = looks(100);
    assert!(few > 1_000_000, "{few}");
    assert!(many <= 5 * few, "{few} {many}");
    assert!(large <= 4 * small, "{small} {large}");
}

#[test]
fn a_pack_that_nobody_wants_is_given_up() {
    let raw = relatives(4);
    let mut compressor = PackCompressor::new(20);
    let (mut fresh, mut out) = (Vec::new(), Vec::new());
    compressor.compress(&raw, effort(Search::Twice), &mut fresh).unwrap();
    for search in [Search::Once, Search::Twice] {
        let count = std::cell::Cell::new(0);
        let asking = crate::stop::give_up_if(move || count.replace(count.get() + 1) == 2);
        let given_up = compressor.compress(&raw, effort(search), &mut out);
        drop(asking);
        assert!(matches!(given_up, Err(Error::Interrupted)), "{search:?}");
    }
    compressor.compress(&raw, effort(Search::Twice), &mut out).unwrap();
    assert!(out == fresh);
}
