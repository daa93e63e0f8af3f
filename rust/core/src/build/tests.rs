//! The engine as a whole: determinism, liveness, failures of every stage.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use super::shared::Stage;
use super::{Builder, DigestChoice, Options};
use crate::archive::{Archive, DigestFacts, ReadOptions, Stretch};
use crate::digest::{Hasher, Rule};
use crate::error::{Error, Result};
use crate::output::Target;

/// What a test does when a stage is reached.
pub(super) type HookFn = Arc<dyn Fn(Stage) -> Result<()> + Send + Sync>;
pub(super) type Hook = Mutex<Option<HookFn>>;

pub(super) fn reach(hook: &Hook, stage: Stage) -> Result<()> {
    let hook = hook.lock().unwrap().clone();
    hook.map_or(Ok(()), |hook| hook(stage))
}

const STAGES: [Stage; 5] = [Stage::Map, Stage::Digest, Stage::Settle, Stage::Encode, Stage::Write];

/// Samples of two contigs each: relatives of one random sequence, with changes, N and lower case.
fn samples(count: usize, length: usize) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut state = 7u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let ancestor: Vec<u8> = (0..length).map(|_| b"ACGT"[next() % 4]).collect();
    (0..count)
        .map(|i| {
            let mut contig = ancestor.clone();
            for _ in 0..length / 200 {
                let at = next() % contig.len();
                match next() % 10 {
                    0 => drop(contig.drain(at..(at + next() % 20).min(contig.len()))),
                    1 => contig.insert(at, b'T'),
                    2 => contig[at] = b'N',
                    3 => contig[at].make_ascii_lowercase(),
                    _ => contig[at] = b"ACGT"[next() % 4],
                }
            }
            let plasmid: Vec<u8> = (0..length / 10).map(|_| b"ACGT"[next() % 4]).collect();
            (format!("s{i}"), vec![contig, plasmid])
        })
        .collect()
}

fn options(threads: usize) -> Options {
    Options { k: Some(21), segment_size: Some(1000), pack_cardinality: Some(4), threads, ..Options::default() }
}

fn push(builder: &mut Builder, samples: &[(String, Vec<Vec<u8>>)], piece: usize) -> Result<()> {
    for (name, contigs) in samples {
        builder.begin_sample(name.as_bytes())?;
        for (i, contig) in contigs.iter().enumerate() {
            builder.begin_contig(format!("c{i}").as_bytes())?;
            contig.chunks(piece).try_for_each(|letters| builder.write(letters))?;
            builder.end_contig()?;
        }
        builder.end_sample()?;
    }
    Ok(())
}

fn check(path: &Path, samples: &[(String, Vec<Vec<u8>>)]) {
    check_case(path, samples, |letters| letters.to_ascii_uppercase());
}

fn check_case(path: &Path, samples: &[(String, Vec<Vec<u8>>)], expected: impl Fn(&[u8]) -> Vec<u8>) {
    let archive = Archive::open(path, &ReadOptions::default()).unwrap();
    assert_eq!(archive.samples().len(), samples.len());
    for (i, (name, contigs)) in samples.iter().enumerate() {
        assert_eq!(&*archive.samples()[i], name.as_bytes());
        let sample = archive.sample(i).unwrap();
        assert_eq!(sample.len(), contigs.len());
        for (j, contig) in contigs.iter().enumerate() {
            assert_eq!(sample.length(j).unwrap(), contig.len() as u64);
            let range = 0..contig.len() as u64;
            let stretch = Stretch { sample: sample.clone(), contig: j, range, reverse: false };
            assert_eq!(archive.fetch(&stretch).unwrap(), expected(contig));
        }
    }
}

/// Runs `work` and fails the test if it does not end.
fn watched<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    result.recv_timeout(Duration::from_secs(120)).expect("the build hangs")
}

fn built(folder: &Path, name: &str, options: Options, piece: usize, hook: Option<HookFn>) -> Vec<u8> {
    let path = folder.join(name);
    let samples = samples(12, 60_000);
    let mut builder = Builder::create(&Target::File(path.clone()), options, std::sync::Arc::new(|| false)).unwrap();
    if let Some(hook) = hook {
        builder.set_hook(hook);
    }
    push(&mut builder, &samples, piece).unwrap();
    builder.finish().unwrap();
    check(&path, &samples);
    std::fs::read(path).unwrap()
}

#[test]
fn the_bytes_depend_on_the_input_alone() {
    let folder = tempfile::tempdir().unwrap();
    let expected = built(folder.path(), "one", options(1), usize::MAX, None);
    for (threads, piece) in [(1, 777), (2, 50_000), (3, 1001), (8, 4096)] {
        assert!(built(folder.path(), "many", options(threads), piece, None) == expected, "{threads} threads");
    }
}

#[test]
fn one_chunk_in_flight_and_stages_slowed_at_random_never_hang() {
    let folder = tempfile::tempdir().unwrap();
    let expected = built(folder.path(), "one", options(1), usize::MAX, None);
    for threads in [1, 2, 4] {
        let path = folder.path().to_owned();
        let ticks = AtomicU64::new(0);
        let hook: HookFn = Arc::new(move |_| {
            let tick = ticks.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            if tick >> 60 == 0 {
                std::thread::sleep(Duration::from_micros(tick >> 48 & 0xFFF));
            }
            Ok(())
        });
        let options = Options { in_flight: Some(1), ..options(threads) };
        let bytes = watched(move || built(&path, "slow", options, 10_000, Some(hook)));
        assert!(bytes == expected, "{threads} threads");
    }
}

/// Builds with a hook that fails the `turn`-th time that `stage` is reached; what the caller was told.
fn failing(folder: &Path, threads: usize, stage: Stage, turn: usize, panics: bool) -> Option<Error> {
    let folder = folder.to_owned();
    watched(move || {
        let count = AtomicUsize::new(0);
        let hook: HookFn = Arc::new(move |reached| {
            if reached == stage && count.fetch_add(1, Ordering::Relaxed) == turn {
                assert!(!panics, "injected panic");
                return Err(Error::Parameter("injected".into()));
            }
            Ok(())
        });
        let target = Target::File(folder.join("x.agc"));
        let mut builder = Builder::create(&target, options(threads), std::sync::Arc::new(|| false)).unwrap();
        builder.set_hook(hook);
        push(&mut builder, &samples(12, 60_000), 10_000).and_then(|()| builder.finish()).err()
    })
}

#[test]
fn an_error_or_panic_in_any_stage_ends_the_build_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for stage in STAGES {
        for threads in [1, 3] {
            // All chunks of this build are one batch, which is digested at once.
            let turns: &[usize] = if stage == Stage::Digest { &[0] } else { &[0, 1, 3] };
            for &turn in turns {
                let error = failing(folder.path(), threads, stage, turn, false).expect("the error was lost");
                assert!(matches!(&error, Error::Parameter(text) if text == "injected"), "{stage:?}: {error}");
                let error = failing(folder.path(), threads, stage, turn, true).expect("the panic was lost");
                assert!(matches!(&error, Error::Internal(text) if text == "injected panic"), "{stage:?}: {error}");
                assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            }
        }
    }
}

#[test]
fn an_interrupt_stops_within_a_second_and_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.agc");
    std::fs::write(&path, b"old").unwrap();
    for (threads, polls) in [(1, 0), (1, 2), (2, 1), (4, 3)] {
        let count = AtomicUsize::new(0);
        let asked = Arc::new(Mutex::new(None));
        let noted = asked.clone();
        let interrupt = move || {
            let stop = count.fetch_add(1, Ordering::Relaxed) >= polls;
            if stop {
                noted.lock().unwrap().get_or_insert(Instant::now());
            }
            stop
        };
        let mut builder =
            Builder::create(&Target::File(path.clone()), options(threads), std::sync::Arc::new(interrupt)).unwrap();
        let result = push(&mut builder, &samples(40, 60_000), 10_000).and_then(|()| builder.finish());
        assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
        let since = asked.lock().unwrap().expect("nobody asked").elapsed();
        assert!(since < Duration::from_secs(1), "{since:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn misuse_is_refused_and_nothing_is_stored_by_halves() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::File(folder.path().join("x.agc"));
    let create = || Builder::create(&target, options(1), std::sync::Arc::new(|| false)).unwrap();
    assert!(create().finish().is_err(), "no sample");
    let mut builder = create();
    builder.begin_sample(b"a").unwrap();
    assert!(matches!(builder.begin_sample(b"b"), Err(Error::Parameter(_))));
    assert!(matches!(builder.write(b"ACGT"), Err(Error::Parameter(_))));
    builder.begin_contig(b"c1").unwrap();
    assert!(matches!(builder.write(b"ACGX"), Err(Error::Parameter(text)) if text.contains("'X' at offset 3")));
    builder.end_contig().unwrap();
    assert!(matches!(builder.begin_contig(b"c1"), Err(Error::Duplicate(_))));
    assert!(matches!(builder.begin_contig(b" "), Err(Error::Parameter(_))));
    assert!(matches!(builder.begin_contig("ż".as_bytes()), Err(Error::Parameter(_))));
    builder.begin_contig("ż second".as_bytes()).unwrap();
    assert!(builder.finish().is_err(), "inside a contig");
    let mut builder = create();
    for name in [&b"a"[..], b"b"] {
        builder.begin_sample(name).unwrap();
        builder.end_sample().unwrap();
    }
    assert!(matches!(builder.begin_sample(b"a"), Err(Error::Duplicate(_))));
    builder.finish().unwrap();
    check(&folder.path().join("x.agc"), &[("a".into(), vec![]), ("b".into(), vec![])]);
}

/// Samples appended one by one, or some at a time, give the same samples; nearly the same size, if nothing is lost.
#[test]
fn appending_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(11, 6000);
    let whole = folder.path().join("whole.agc");
    let create = |path: &Path, threads, samples: &[_]| {
        let target = Target::File(path.to_owned());
        let mut builder = Builder::create(&target, options(threads), Arc::new(|| false)).unwrap();
        push(&mut builder, samples, 1000).unwrap();
        builder.finish().unwrap();
    };
    create(&whole, 2, &samples);
    let step = |name: &str, steps: &[usize], threads: usize| {
        let path = folder.path().join(name);
        create(&path, threads, &samples[..steps[0]]);
        for range in steps.windows(2) {
            let archive = Archive::open(&path, &ReadOptions::default()).unwrap();
            let target = Target::File(path.clone());
            let mut builder = Builder::append(|| Ok(archive), &target, options(threads), Arc::new(|| false)).unwrap();
            push(&mut builder, &samples[range[0]..range[1]], 1000).unwrap();
            builder.finish().unwrap();
            check(&path, &samples[..range[1]]);
        }
        std::fs::read(path).unwrap()
    };
    let one = step("one", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 1);
    assert_eq!(one, step("one again", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 3));
    let some = step("some", &[4, 8, 11], 2);
    let whole = std::fs::metadata(whole).unwrap().len() as usize;
    assert!(one.len() * 100 <= whole * 103 && some.len() * 100 <= whole * 103, "{} {} {whole}", one.len(), some.len());
}

#[test]
fn case_is_kept_whatever_the_threads_and_pieces_and_changes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case");
    // Nothing but short runs, which fill blocks.
    let mut samples = samples(30, 60_000);
    for (_, contigs) in &mut samples {
        contigs[0].iter_mut().enumerate().filter(|(i, _)| i * i % 7 == 1).for_each(|(_, l)| l.make_ascii_lowercase());
    }
    let build = |keep_case, threads, piece| {
        let options = Options { keep_case, ..options(threads) };
        let mut builder = Builder::create(&Target::File(path.clone()), options, Arc::new(|| false)).unwrap();
        push(&mut builder, &samples, piece).unwrap();
        builder.finish().unwrap();
        std::fs::read(&path).unwrap()
    };
    let streams = || {
        let archive = Archive::open(&path, &ReadOptions::default()).unwrap();
        let container = archive.container();
        let parts = |stream| {
            let mut payload = Vec::new();
            let mut part = |part| (container.read_part(stream, part, &mut payload).unwrap(), payload.clone());
            (0..container.parts(stream).len()).map(&mut part).collect::<Vec<_>>()
        };
        (0..container.len()).map(|stream| (container.name(stream).to_vec(), parts(stream))).collect::<Vec<_>>()
    };
    build(false, 2, usize::MAX);
    check(&path, &samples);
    let mut plain = streams();
    let expected = build(true, 1, usize::MAX);
    let mut kept = streams();
    let place = kept.iter().position(|(name, _)| name == b"panarc-case").unwrap();
    let (_, blocks) = kept.remove(place);
    let info = plain.iter().position(|(name, _)| name == b"file_type_info").unwrap();
    assert_ne!(kept.remove(info), plain.remove(info), "it has the names of the streams");
    assert!(kept == plain);
    assert!(blocks.len() > 2, "{} blocks", blocks.len());
    for (threads, piece) in [(1, 777), (2, 50_000), (4, 1001)] {
        assert!(build(true, threads, piece) == expected, "{threads} threads");
        check_case(&path, &samples, <[u8]>::to_vec);
    }
}

#[test]
fn case_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(9, 20_000);
    let path = folder.path().join("grown");
    let target = Target::File(path.clone());
    let create = |keep_case| Builder::create(&target, Options { keep_case, ..options(2) }, Arc::new(|| false)).unwrap();
    let append = |keep_case| {
        let old = Archive::open(&path, &ReadOptions::default()).unwrap();
        Builder::append(|| Ok(old), &target, Options { keep_case, ..options(2) }, Arc::new(|| false)).unwrap()
    };
    let grow = |mut builder: Builder, samples: &[(String, Vec<Vec<u8>>)]| {
        push(&mut builder, samples, 5000).unwrap();
        builder.finish().unwrap();
    };
    // Kept from the beginning: in each step, asked for or not.
    grow(create(true), &samples[..2]);
    grow(append(false), &samples[2..7]);
    grow(append(true), &samples[7..]);
    check_case(&path, &samples, <[u8]>::to_vec);
    let container = Archive::open(&path, &ReadOptions::default()).unwrap();
    let container = container.container();
    assert_eq!(container.parts(container.find("panarc-case").unwrap()).len(), 2, "the block went on");
    // Asked for later: what was there before is upper case.
    let upper = |samples: &[(String, Vec<Vec<u8>>)]| {
        let raise = |(name, contigs): &(String, Vec<Vec<u8>>)| {
            (name.clone(), contigs.iter().map(|contig| contig.to_ascii_uppercase()).collect())
        };
        samples.iter().map(raise).collect::<Vec<_>>()
    };
    grow(create(false), &samples[..4]);
    grow(append(true), &samples[4..]);
    check_case(&path, &[upper(&samples[..4]), samples[4..].to_vec()].concat(), <[u8]>::to_vec);
}

/// Checks the digests of all samples from `first` on, the widths that are stored, and reading that verifies.
fn check_digests(path: &Path, samples: &[(String, Vec<Vec<u8>>)], rule: Rule, first: usize) {
    let archive = Archive::open(path, &ReadOptions { verify: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(archive.digest_facts().unwrap(), DigestFacts::Kept { rule, first });
    for (i, (_, contigs)) in samples.iter().enumerate() {
        let sample = archive.sample(i).unwrap();
        for (j, contig) in contigs.iter().enumerate() {
            let mut hasher = Hasher::new(rule.md5());
            hasher.update(contig);
            let expected = archive.expected(&sample, j).unwrap();
            assert_eq!(expected.is_some(), i >= first);
            if let Some(expected) = expected {
                assert_eq!(expected.entry().prefix().len(), rule.width(contig.len() as u64));
                assert!(expected.matches(hasher.clone()));
                let mut other = expected.hasher();
                other.update(&contig[1..]);
                assert!(!expected.matches(other));
            }
            assert_eq!(archive.contig_digests(&sample, j, rule.md5()).unwrap(), hasher.finish());
            let range = 0..contig.len() as u64;
            let stretch = |range| Stretch { sample: sample.clone(), contig: j, range, reverse: false };
            let upper = contig.to_ascii_uppercase();
            assert_eq!(archive.fetch(&stretch(3..50)).unwrap(), upper[3..50]);
            assert_eq!(archive.fetch(&stretch(range.clone())).unwrap(), upper);
            let many = archive.fetch_many(&[stretch(range), stretch(7..9)], 1, &|| false).unwrap();
            assert_eq!((&many[0], &many[1][..]), (&upper, &upper[7..9]));
        }
    }
}

#[test]
fn digests_go_on_where_they_ended_and_change_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut samples = samples(11, 4000);
    // One contig is long enough for a whole digest, and goes over chunks.
    let long = samples[2].1[0].repeat(70);
    samples[2].1.push(long);
    let path = folder.path().join("x.agc");
    let target = Target::File(path.clone());
    let grow = |steps: &[(usize, DigestChoice)], md5, threads| {
        let mut from = 0;
        for &(to, digests) in steps {
            let options = Options { digests, md5, ..options(threads) };
            let interrupt = Arc::new(|| false);
            let mut builder = match from {
                0 => Builder::create(&target, options, interrupt).unwrap(),
                _ => {
                    let open = || Archive::open(&path, &ReadOptions::default());
                    Builder::append(open, &target, options, interrupt).unwrap()
                }
            };
            push(&mut builder, &samples[from..to], 999).unwrap();
            builder.finish().unwrap();
            check(&path, &samples[..to]);
            from = to;
        }
        std::fs::read(&path).unwrap()
    };
    use DigestChoice::{Auto, Full, None};
    for md5 in [false, true] {
        let chain: Vec<_> = (1..=11).map(|to| (to, if to == 5 { None } else { Auto })).collect();
        let one = grow(&chain, md5, 1);
        assert!(one == grow(&chain, md5, 3));
        check_digests(&path, &samples, Rule::auto(md5), 0);
        let archive = Archive::open(&path, &ReadOptions::default()).unwrap();
        let stream = archive.container().find("panarc-digest").unwrap();
        assert_eq!(archive.container().parts(stream).len(), 4, "a part for four samples, and the header");
    }
    // The archive's own rule counts; what has no digests gets none later.
    for (first, last) in [(3, 11), (4, 7), (1, 2), (8, 11), (5, 6)] {
        grow(&[(first, None), (last, Full), (11.max(last), Auto)][..if last == 11 { 2 } else { 3 }], false, 2);
        check_digests(&path, &samples, Rule::full(false), first);
    }
    grow(&[(4, None), (11, None)], false, 2);
    assert_eq!(Archive::open(&path, &ReadOptions::default()).unwrap().digest_facts().unwrap(), DigestFacts::None);
}
