//! The builder as a whole: hooks that reach into its stages, and what the tests share.

mod append;
mod case;
mod digests;
mod engine;

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::shared::Stage;
use super::{Builder, Options};
use crate::archive::{Archive, ReadOptions, Stretch};
use crate::error::Result;

/// What a test does when a stage is reached.
pub(super) type HookFn = Arc<dyn Fn(Stage) -> Result<()> + Send + Sync>;
pub(super) type Hook = Mutex<Option<HookFn>>;

pub(super) fn reach(hook: &Hook, stage: Stage) -> Result<()> {
    let hook = hook.lock().unwrap().clone();
    hook.map_or(Ok(()), |hook| hook(stage))
}

/// A sample: its name, and its contigs.
type Sample = (String, Vec<Vec<u8>>);

/// Samples of two contigs each: relatives of one random sequence, with changes, N and lower case.
fn samples(count: usize, length: usize) -> Vec<Sample> {
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
    let parameters = Options { k: Some(21), segment_size: Some(1000), pack_cardinality: Some(4), ..Options::default() };
    Options { threads, overwrite: true, ..parameters }
}

fn push(builder: &mut Builder, samples: &[Sample], piece: usize) -> Result<()> {
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

fn check(path: &Path, samples: &[Sample]) {
    check_case(path, samples, |letters| letters.to_ascii_uppercase());
}

fn check_case(path: &Path, samples: &[Sample], expected: impl Fn(&[u8]) -> Vec<u8>) {
    let archive = Archive::open(path, &ReadOptions::default()).unwrap();
    assert_eq!(archive.samples().len(), samples.len());
    for (i, (name, contigs)) in samples.iter().enumerate() {
        assert_eq!(&*archive.samples()[i], name.as_bytes());
        let sample = archive.sample(i).unwrap();
        assert_eq!(sample.len(), contigs.len());
        for (j, contig) in contigs.iter().enumerate() {
            assert_eq!(sample.length(j).unwrap(), contig.len() as u64);
            let range = 0..contig.len() as u64;
            let stretch = Stretch { sample: i, contig: j, range, reverse: false };
            assert_eq!(archive.fetch(&stretch).unwrap(), expected(contig));
        }
    }
}
