//! Digests: contigs side by side.

use criterion::{BenchmarkId, Criterion, Throughput};
use panarc_core::digest::{Hasher, Job, advance};

use crate::genomes::{Random, ancestor};

/// Codes of each contig.
const CODES: usize = 1 << 18;

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("digest");
    let mut random = Random(7);
    let contigs: Vec<Vec<u8>> = (0..8).map(|_| ancestor(CODES, &mut random)).collect();
    for lanes in [1, 2, 4, 6, 8] {
        group.throughput(Throughput::Bytes((lanes * CODES) as u64));
        group.bench_function(BenchmarkId::new("contigs", lanes), |bench| {
            bench.iter(|| {
                let contigs = contigs[..lanes].iter();
                let mut jobs: Vec<Job<'_>> =
                    contigs.map(|codes| Job { hasher: Hasher::new(false), codes: vec![codes] }).collect();
                advance(&mut jobs);
                jobs.into_iter().map(|job| job.hasher.finish()).collect::<Vec<_>>()
            });
        });
    }
    group.finish();
}
