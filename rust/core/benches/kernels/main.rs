//! The hot kernels, each by itself: `cargo bench -p panarc-core`, or with part of a name to choose.
//!
//! All input is made here from a seed. What a user waits for is measured by `benches/compare.py` and
//! `benches/windows.py`; this is for seeing which kernel a change touched.

mod build;
mod digest;
mod genomes;
mod read;
mod segment;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    build::all(&mut criterion);
    segment::all(&mut criterion);
    read::all(&mut criterion);
    digest::all(&mut criterion);
    criterion.final_summary();
}
