//! Archives that grow.

use std::path::Path;
use std::sync::Arc;

use super::{check, options, push, samples};
use crate::archive::{Archive, ReadOptions};
use crate::build::Builder;
use crate::output::Target;

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
