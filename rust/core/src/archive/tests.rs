//! Archives that are not local files.

use std::sync::Arc;

use super::{Archive, ReadOptions};
use crate::container::far::Far;
use crate::error::Error;

/// Everything that can be asked of an archive, with a cache that holds all and one that holds next to nothing.
#[test]
fn archives_are_read_as_from_a_file() {
    for name in ["default", "many", "old-append", "format1", "format2", "pack7", "w-extra"] {
        let path = format!("{}/../../tests/data/golden/{name}.agc", env!("CARGO_MANIFEST_DIR"));
        let far = Far::new(std::fs::read(&path).unwrap());
        let local = Archive::open(path.as_ref(), &ReadOptions::default()).unwrap();
        for cache_bytes in [32 << 20, 5000] {
            let source = Arc::new(far.source(700, cache_bytes));
            let options = ReadOptions { cache_bytes: 1 << 16, ..ReadOptions::default() };
            let archive = Archive::from_source(source, &options).unwrap();
            assert_eq!(archive.samples(), local.samples());
            for index in 0..local.samples().len() {
                let (sample, expected) = (archive.sample(index).unwrap(), local.sample(index).unwrap());
                for contig in 0..expected.len() {
                    let all = 0..expected.length(contig).unwrap();
                    let (mut found, mut wanted) = (Vec::new(), Vec::new());
                    let take = |into: &mut Vec<u8>, bases: &[u8]| {
                        into.extend_from_slice(bases);
                        Ok(())
                    };
                    archive.read(&sample, contig, all.clone(), |bases| take(&mut found, bases)).unwrap();
                    local.read(&expected, contig, all, |bases| take(&mut wanted, bases)).unwrap();
                    assert!(found == wanted, "{name}, sample {index}, contig {contig}");
                }
            }
            assert_eq!(archive.check(&|| false).unwrap(), local.check(&|| false).unwrap());
            let verified = archive.verify(None, 2, &|| false, &mut |_| Ok(())).unwrap();
            assert_eq!(verified, local.verify(None, 2, &|| false, &mut |_| Ok(())).unwrap());
            assert_eq!(archive.usage(None, &|| false).unwrap(), local.usage(None, &|| false).unwrap());
        }
    }
}

/// A source that fails is no damage of the archive, and nothing wrong is remembered.
#[test]
fn failures_are_no_findings() {
    let path = format!("{}/../../tests/data/golden/old-append.agc", env!("CARGO_MANIFEST_DIR"));
    let far = Far::new(std::fs::read(&path).unwrap());
    let archive = Archive::from_source(Arc::new(far.source(700, 0)), &ReadOptions::default()).unwrap();
    let last = archive.samples().len() - 1;
    for failure in 0..3 {
        *far.fails.lock().unwrap() = 1;
        let failed = match failure {
            0 => archive.sample(last).map(drop),
            1 => archive.check(&|| false).map(drop),
            _ => archive.verify(None, 1, &|| false, &mut |_| Ok(())).map(drop),
        };
        assert!(matches!(failed, Err(Error::Source(_))));
        *far.fails.lock().unwrap() = 0;
    }
    let sample = archive.sample(last).unwrap();
    let local = Archive::open(path.as_ref(), &ReadOptions::default()).unwrap().sample(last).unwrap();
    for contig in 0..local.len() {
        assert_eq!(sample.length(contig).unwrap(), local.length(contig).unwrap());
    }
    assert!(archive.verify(None, 1, &|| false, &mut |_| Ok(())).unwrap().is_ok());
}
