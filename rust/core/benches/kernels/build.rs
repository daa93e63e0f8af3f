//! Building: FASTA to codes, and the stages of a whole build.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput};
use panarc_core::Target;
use panarc_core::build::{Builder, Options, Stats};
use panarc_core::fasta::{Parser, Source};

use crate::genomes::{Random, ancestor, fasta, relative};

/// Bases of a genome, and how many there are.
const LENGTH: usize = 400_000;
const SAMPLES: usize = 20;

/// One base in so many differs from the ancestor.
const APART: usize = 300;

pub(crate) fn all(criterion: &mut Criterion) {
    let genomes = genomes();
    parse(criterion, &genomes[0]);
    stages(criterion, &genomes);
}

/// Samples of one contig, as FASTA.
pub(crate) fn genomes() -> Vec<Vec<u8>> {
    let mut random = Random(1);
    let first = ancestor(LENGTH, &mut random);
    let mut genomes = vec![fasta("chr1", &first)];
    genomes.extend((1..SAMPLES).map(|_| fasta("chr1", &relative(&first, APART, &mut random))));
    genomes
}

/// Builds an archive of the genomes with one thread.
pub(crate) fn build(genomes: &[Vec<u8>], path: &Path) -> Stats {
    let options = Options { threads: 1, overwrite: true, ..Options::default() };
    let mut builder = Builder::create(&Target::File(path.into()), options, Arc::new(|| false)).unwrap();
    for (number, text) in genomes.iter().enumerate() {
        let source = Source::from_reader("genome".into(), Box::new(Cursor::new(text.clone())));
        builder.add_fasta([Ok(source)], &format!("s{number}")).unwrap();
    }
    builder.finish().unwrap()
}

fn parse(criterion: &mut Criterion, text: &[u8]) {
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut codes = Vec::with_capacity(LENGTH);
    group.bench_function("FASTA to codes", |bencher| {
        bencher.iter(|| {
            let reader = Box::new(Cursor::new(text.to_vec()));
            let mut parser = Parser::new(Source::from_reader("genome".into(), reader));
            parser.next_record().unwrap();
            codes.clear();
            while parser.read_codes(&mut codes, 64 << 10).unwrap() > 0 {}
            codes.len()
        });
    });
    group.finish();
}

/// A whole build, and the time that its stages took by the builder's own clocks.
fn stages(criterion: &mut Criterion, genomes: &[Vec<u8>]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.agc");
    let stage = |stats: &Stats, name| stats.seconds.iter().find(|(stage, _)| *stage == name).map_or(0.0, |&(_, s)| s);
    let of =
        |names: &'static [&'static str]| move |stats: &Stats| names.iter().map(|&name| stage(stats, name)).sum::<f64>();
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements((LENGTH * SAMPLES) as u64));
    let mut measure = |name: &str, seconds: &dyn Fn(&Stats) -> f64| {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                (0..rounds).map(|_| Duration::from_secs_f64(seconds(&build(genomes, &path)))).sum()
            });
        });
    };
    measure("cut (map and settle)", &of(&["map", "settle"]));
    measure("encode and pack", &of(&["encode"]));
    measure("all", &|stats| stats.elapsed);
    group.finish();
}
