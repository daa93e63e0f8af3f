//! Lower case that is kept.

use std::sync::Arc;

use super::{Sample, check, check_case, options, push, samples};
use crate::archive::{Archive, ReadOptions};
use crate::build::{Builder, Options};
use crate::output::Target;

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
    let grow = |mut builder: Builder, samples: &[Sample]| {
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
    let upper = |samples: &[Sample]| {
        let raise = |(name, contigs): &Sample| {
            (name.clone(), contigs.iter().map(|contig| contig.to_ascii_uppercase()).collect())
        };
        samples.iter().map(raise).collect::<Vec<_>>()
    };
    grow(create(false), &samples[..4]);
    grow(append(true), &samples[4..]);
    check_case(&path, &[upper(&samples[..4]), samples[4..].to_vec()].concat(), <[u8]>::to_vec);
}
