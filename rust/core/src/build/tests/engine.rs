//! The engine: determinism, liveness, failures of every stage.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use super::{HookFn, check, options, push, samples};
use crate::archive::{Archive, ReadOptions};
use crate::build::shared::Stage;
use crate::build::{Builder, Options};
use crate::error::Error;
use crate::output::Target;

const STAGES: [Stage; 5] = [Stage::Map, Stage::Digest, Stage::Settle, Stage::Encode, Stage::Write];

/// Runs `work` and fails the test if it does not end.
fn watched<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    result.recv_timeout(Duration::from_secs(120)).expect("the build hangs")
}

fn built(folder: &Path, name: &str, options: Options, piece: usize, hook: Option<HookFn>) -> Vec<u8> {
    let path = folder.join(name);
    let samples = samples(12, 60_000);
    let mut builder = Builder::create(&Target::File(path.clone()), options, Arc::new(|| false)).unwrap();
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
        let mut builder = Builder::create(&target, options(threads), Arc::new(|| false)).unwrap();
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
        let mut builder = Builder::create(&Target::File(path.clone()), options(threads), Arc::new(interrupt)).unwrap();
        let result = push(&mut builder, &samples(40, 60_000), 10_000).and_then(|()| builder.finish());
        assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
        let since = asked.lock().unwrap().expect("nobody asked").elapsed();
        assert!(since < Duration::from_secs(1), "{since:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn references_without_seeds_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(6, 60_000);
    let build = |name: &str, seeded| {
        let path = folder.path().join(name);
        let options = Options { seeded, ..options(2) };
        let mut builder = Builder::create(&Target::File(path.clone()), options, Arc::new(|| false)).unwrap();
        push(&mut builder, &samples, usize::MAX).unwrap();
        let stats = builder.finish().unwrap();
        check(&path, &samples);
        (stats.mapped_sparsely, stats.archive_bytes)
    };
    let (sparsely, bytes) = build("all", None);
    assert!(!sparsely);
    // Nothing is novel but what the ancestor has and the plasmids, one for each sample.
    assert_eq!(build("enough", Some(110_000)), (false, bytes));
    assert!(build("ancestor", Some(80_000)).0, "the last plasmids have no seeds");
    let (sparsely, more) = build("half", Some(30_000));
    assert!(sparsely);
    assert!(more > 3 * bytes / 2, "{more} bytes, where {bytes} would do");
}

#[test]
fn a_batch_of_too_many_names_is_refused_at_the_name_also_behind_old_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.agc");
    // A sample counts 64 bytes, and a contig 16 and its name.
    let options = || Options { most_names: Some(150), ..options(1) };
    let samples = samples(6, 2000);
    let mut builder = Builder::create(&Target::File(path.clone()), options(), Arc::new(|| false)).unwrap();
    push(&mut builder, &samples[..3], 500).unwrap();
    let error = push(&mut builder, &samples[3..], 500).unwrap_err().to_string();
    assert!(error.contains("sample 's3' is number 4 of its batch") && error.ends_with("at most 3"), "{error}");
    drop(builder);

    let mut builder = Builder::create(&Target::File(path.clone()), options(), Arc::new(|| false)).unwrap();
    push(&mut builder, &samples[..3], 500).unwrap();
    builder.finish().unwrap();
    let open = || Archive::open(&path, &ReadOptions::default());
    let append = || Builder::append(open, &Target::File(path.clone()), options(), Arc::new(|| false)).unwrap();
    let error = push(&mut append(), &samples[3..], 500).unwrap_err().to_string();
    assert!(error.contains("sample 's3' is number 4 of its batch"), "{error}");
    let mut builder = append();
    builder.begin_sample(b"s3").unwrap();
    builder.end_sample().unwrap();
    push(&mut builder, &samples[4..], 500).unwrap();
    builder.finish().unwrap();
    assert_eq!(open().unwrap().samples().len(), 6);
}

#[test]
fn a_thread_that_is_at_work_itself_hears_the_interrupt_between_two_pieces_of_a_task() {
    let folder = tempfile::tempdir().unwrap();
    // A first batch of several chunks, of many segments.
    let samples = samples(12, 60_000);
    for stage in [Stage::Settle, Stage::Encode] {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stops, counts, asked) = (stop.clone(), count.clone(), stop.clone());
        let hook: HookFn = Arc::new(move |reached| {
            if reached == stage {
                counts.fetch_add(1, Ordering::Relaxed);
                stops.store(true, Ordering::Relaxed);
            }
            Ok(())
        });
        let interrupt = Arc::new(move || asked.load(Ordering::Relaxed));
        let target = Target::File(folder.path().join("x.agc"));
        let mut builder = Builder::create(&target, options(1), interrupt).unwrap();
        builder.set_hook(hook);
        let result = push(&mut builder, &samples, usize::MAX).and_then(|()| builder.finish());
        assert!(matches!(result, Err(Error::Interrupted)), "{stage:?}: {result:?}");
        assert_eq!(count.load(Ordering::Relaxed), 1, "{stage:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn misuse_is_refused_and_nothing_is_stored_by_halves() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::File(folder.path().join("x.agc"));
    let create = || Builder::create(&target, options(1), Arc::new(|| false)).unwrap();
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

#[test]
fn a_task_ends_where_it_is_when_the_build_is_interrupted() {
    const ENOUGH: usize = 150;
    for stage in [Stage::Map, Stage::Settle, Stage::Encode] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.agc");
        let enough = if stage == Stage::Encode { ENOUGH } else { 3 };
        let (reached, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (seen, count) = (Arc::clone(&reached), Arc::clone(&counted));
        // Segments of a shard are encoded by one task, chunks of a batch are settled by one.
        let options = Options { in_flight: Some(64 << 20), ..options(1) };
        let interrupt = Arc::new(move || seen.load(Ordering::SeqCst) >= enough);
        let mut builder = Builder::create(&Target::File(path.clone()), options, interrupt).unwrap();
        builder.set_hook(Arc::new(move |at| {
            count.fetch_add(usize::from(at == stage), Ordering::SeqCst);
            reached.store(count.load(Ordering::SeqCst), Ordering::SeqCst);
            Ok(())
        }));
        let result = push(&mut builder, &samples(24, 60_000), usize::MAX).and_then(|()| builder.finish().map(drop));
        assert!(matches!(result, Err(Error::Interrupted)), "{stage:?} {result:?}");
        assert_eq!(counted.load(Ordering::SeqCst), enough, "{stage:?}");
        assert!(!path.exists());
    }
}
