//! Digests that are stored.

use std::path::Path;
use std::sync::Arc;

use super::{Sample, check, options, push, samples};
use crate::archive::{Archive, DigestFacts, ReadOptions, Stretch};
use crate::build::{Builder, DigestChoice, Options};
use crate::digest::{Hasher, Rule};
use crate::output::Target;

/// Checks the digests of all samples from `first` on, the widths that are stored, and reading that verifies.
fn check_digests(path: &Path, samples: &[Sample], rule: Rule, first: usize) {
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
            let stretch = |range| Stretch { sample: i, contig: j, range, reverse: false };
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
