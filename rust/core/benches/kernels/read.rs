//! Reading: opening an archive, windows of its contigs, a whole sample. No Python, and no disk: the archive is in memory.
//!
//! With the name of an archive in `PANARC_BENCH_ARCHIVE`, that one is read instead of a small one made here.

use std::sync::Arc;

use criterion::{Criterion, Throughput};
use panarc_core::archive::{Archive, ReadOptions, Stretch};
use panarc_core::container::ByteSource;

use crate::build::{build, genomes};
use crate::genomes::Random;

/// Bases of a window, and windows in a batch.
const WINDOW: u64 = 4096;
const BATCH: usize = 500;

/// How often each thread reads its windows: more than it costs to start it.
const ROUNDS: usize = 10;

pub(crate) fn all(criterion: &mut Criterion) {
    let bytes: Arc<dyn ByteSource> = Arc::new(archive());
    let open = |options: &ReadOptions| Archive::from_source(Arc::clone(&bytes), options).unwrap();
    let twice = |options: ReadOptions| [open(&options), open(&options)];
    let warm = twice(ReadOptions::default());
    let cold = twice(ReadOptions { cache_bytes: 0, ..ReadOptions::default() });
    opening(criterion, &open);
    windows(criterion, "warm", &warm);
    windows(criterion, "nothing cached", &cold);
    samples(criterion, &cold[0]);
}

fn archive() -> Vec<u8> {
    if let Some(path) = std::env::var_os("PANARC_BENCH_ARCHIVE") {
        return std::fs::read(path).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.agc");
    build(&genomes(), &path);
    std::fs::read(&path).unwrap()
}

fn opening(criterion: &mut Criterion, open: &dyn Fn(&ReadOptions) -> Archive) {
    criterion.bench_function("open/archive and names", |bencher| {
        bencher.iter(|| open(&ReadOptions::default()).samples().len());
    });
    criterion.bench_function("open/archive and contigs of a sample", |bencher| {
        bencher.iter(|| open(&ReadOptions::default()).sample(0).unwrap().len());
    });
}

/// Two threads that have an archive each are the measure of what two that share one can reach on a machine.
fn windows(criterion: &mut Criterion, state: &str, archives: &[Archive; 2]) {
    let [archive, other] = archives;
    let stretches = stretches(archive);
    let mut group = criterion.benchmark_group("windows");
    group.throughput(Throughput::Elements(1));
    let mut next = stretches.iter().cycle();
    group.bench_function(format!("one by one, {state}"), |bencher| {
        bencher.iter(|| archive.fetch(next.next().unwrap()).unwrap());
    });
    group.throughput(Throughput::Elements((ROUNDS * stretches.len()) as u64));
    let crews = [
        ("one thread", vec![archive]),
        ("two share it", vec![archive; 2]),
        ("two, each its own", vec![archive, other]),
    ];
    for (crew, archives) in crews {
        group.bench_function(format!("one by one, {state}, {crew}"), |bencher| {
            bencher.iter(|| side_by_side(&archives, &stretches));
        });
    }
    group.throughput(Throughput::Elements(stretches.len() as u64));
    group.bench_function(format!("batch, {state}"), |bencher| {
        bencher.iter(|| archive.fetch_many(&stretches, 1, &|| false).unwrap());
    });
    group.finish();
}

/// Reads windows one by one, a thread for each archive, which takes its share of them.
fn side_by_side(archives: &[&Archive], stretches: &[Stretch]) {
    let shares = stretches.chunks(stretches.len().div_ceil(archives.len()));
    std::thread::scope(|scope| {
        for (archive, share) in archives.iter().zip(shares) {
            let rounds = std::iter::repeat_n(share, ROUNDS).flatten();
            scope.spawn(move || rounds.for_each(|stretch| drop(archive.fetch(stretch).unwrap())));
        }
    });
}

fn samples(criterion: &mut Criterion, archive: &Archive) {
    let sample = archive.sample(archive.samples().len() / 2).unwrap();
    let length = sample.length(0).unwrap();
    let mut group = criterion.benchmark_group("sample");
    group.throughput(Throughput::Elements(length));
    group.bench_function("whole contig, nothing cached", |bencher| {
        let mut sum = 0;
        bencher.iter(|| {
            archive
                .read(&sample, 0, 0..length, |letters| {
                    sum += letters.len();
                    Ok(())
                })
                .unwrap();
        });
    });
    group.finish();
}

/// Random windows of all samples; contigs that are too short are left out.
fn stretches(archive: &Archive) -> Vec<Stretch> {
    let mut random = Random(3);
    let mut drawn = Vec::new();
    while drawn.len() < BATCH {
        let place = random.below(archive.samples().len());
        let sample = archive.sample(place).unwrap();
        let contig = random.below(sample.len());
        let length = sample.length(contig).unwrap();
        if length > WINDOW {
            let start = random.below((length - WINDOW) as usize) as u64;
            drawn.push(Stretch { sample: place, contig, range: start..start + WINDOW, reverse: false });
        }
    }
    drawn
}
