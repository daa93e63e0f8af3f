//! Whole archives: read in every way, and gone on from.

use std::sync::Arc;

use panarc_core::Target;
use panarc_core::archive::{Archive, Detail, ExportOptions, Packing, ReadOptions, Region, Stretch};
use panarc_core::build::{Builder, Options};
use panarc_core::codec::Compressor;
use panarc_core::container::{Container, ContainerWriter, StreamEntry};
use panarc_core::layout::{GroupStream, StreamKind};

use super::{EFFORT, MOST_BASES, answered};

/// Most bytes of a part: what a target asks for at once stays below what libFuzzer is told to allow.
const MOST_PART: u64 = 256 << 20;

/// A whole archive: opened, listed, read in every way.
pub fn archive(data: &[u8]) {
    let options = ReadOptions {
        limit: None,
        cache_bytes: 1 << 20,
        collection_bytes: 1 << 20,
        decode_bytes: 1 << 20,
        export_bytes: 1 << 20,
        remote_bytes: 0,
        part_bytes: MOST_PART,
        upper: data.len().is_multiple_of(2),
        verify: data.len().is_multiple_of(3),
    };
    let Some(archive) = answered(Archive::from_source(Arc::new(data.to_vec()), &options)) else { return };
    read_everything(&archive);
    answered(archive.usage(Some(Detail { cells: 50, rows: 3 }), &|| false));
    answered(archive.case());
    answered(archive.digest_facts());
    let (checked, verified) = (archive.check(&|| false), archive.verify(None, 2, &|| false, &mut |_| Ok(())));
    if let (Some(checked), Some(verified)) = (answered(checked), answered(verified)) {
        // What can be seen without decoding is seen with it, too.
        assert!(verified.findings.len() >= checked.findings.len(), "{checked:?} {verified:?}");
    }
    answered(archive.locate(&[b"chr1".to_vec(), b"c".to_vec()], &|| false));
}

/// Sample, header, and bases, if they could be read.
type Contig = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// Reads all bases up to a limit, and some of them in other ways; gives what could be read.
fn read_everything(archive: &Archive) -> Vec<Contig> {
    let mut left = MOST_BASES;
    let mut found = Vec::new();
    for index in 0..archive.samples().len().min(200) {
        let Some(sample) = answered(archive.sample(index)) else { continue };
        for contig in 0..sample.len().min(200) {
            let header = sample.header(contig).to_vec();
            let name = archive.samples()[index].to_vec();
            let whole = answered(sample.length(contig)).filter(|&length| length <= left).and_then(|length| {
                left -= length;
                let mut bases = Vec::new();
                let read = archive.read(&sample, contig, 0..length, |letters| {
                    bases.extend_from_slice(letters);
                    Ok(())
                });
                answered(read)?;
                assert_eq!(bases.len() as u64, length);
                for (range, reverse) in [(length / 3..length / 2, false), (length / 2..length, true)] {
                    let mut expected = bases[range.start as usize..range.end as usize].to_vec();
                    let stretch = Stretch { sample: index, contig, range, reverse };
                    if reverse {
                        panarc_core::alphabet::other_strand(&mut expected);
                    }
                    // Nothing of what was read before can be damaged.
                    let fetched = archive.fetch(&stretch).expect("a part of what was read");
                    assert!(fetched == expected, "{} {contig} {stretch:?}", sample.name());
                }
                Some(bases)
            });
            answered(sample.find(&header));
            answered(archive.expected(&sample, contig));
            found.push((name, header, whole));
        }
    }
    found
}

/// A container whose parts are not compressed; compressed here, so that what is in them is reached.
pub fn streams(data: &[u8]) {
    if let Some(built) = compressed(data) {
        archive(&built);
    }
}

/// A container with its frames made.
fn compressed(data: &[u8]) -> Option<Vec<u8>> {
    let container = Container::open(Arc::new(data.to_vec())).ok()?;
    let mut writer = ContainerWriter::new(Vec::new(), "x".into());
    let (mut raw, mut entries) = (Vec::new(), Vec::new());
    for stream in 0..container.len().min(1000) {
        let name = container.name(stream).to_vec();
        let group = GroupStream::parse(&name, 3).or_else(|| GroupStream::parse(&name, 1)).map(|found| found.kind);
        let collection = name.starts_with(b"collection-") && name != b"collection-details";
        for part in 0..container.parts(stream).len().min(64) {
            let metadata = container.read_part(stream, part, &mut raw).ok()?;
            let framed = !raw.is_empty() && (collection || group.is_some() && metadata > 0);
            let mut payload = Vec::new();
            if framed {
                Compressor::default().compress(&raw, EFFORT, &mut payload).unwrap();
                match group {
                    // The marker of tuples where the metadata says so.
                    Some(StreamKind::Reference) => payload.push(u8::from(metadata != raw.len() as u64)),
                    Some(StreamKind::Deltas) => payload.push(0),
                    None => {}
                }
            } else {
                payload.clone_from(&raw);
            }
            let tuples = group == Some(StreamKind::Reference);
            let metadata = if framed && !tuples { raw.len() as u64 } else { metadata };
            let metadata = if payload.is_empty() { 0 } else { metadata };
            writer.add(stream as u32, metadata, &payload).ok()?;
        }
        entries.push(StreamEntry { name, key: stream as u32, optional: false });
    }
    writer.finish(entries.into_iter()).ok()
}

/// Going on from an archive: what could be read of it can be read of the result.
pub fn append(data: &[u8]) {
    let built = compressed(data);
    let data = built.as_deref().unwrap_or(data);
    let options = ReadOptions {
        cache_bytes: 1 << 20,
        collection_bytes: 1 << 20,
        part_bytes: MOST_PART,
        ..ReadOptions::default()
    };
    let open = || Archive::from_source(Arc::new(data.to_vec()), &options);
    let Some(old) = answered(open()) else { return };
    let before = read_everything(&old);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.agc");
    let build = Options { threads: 1, memory_limit: Some(1 << 30), overwrite: true, ..Options::default() };
    let appended = (|| {
        let mut builder = Builder::append(open, &Target::File(target.clone()), build, Arc::new(|| false))?;
        builder.begin_sample(b"the new one")?;
        builder.begin_contig(b"c")?;
        builder.write(&b"GATTACACATTAG".repeat(100))?;
        builder.end_contig()?;
        builder.end_sample()?;
        builder.finish()
    })();
    if answered(appended).is_none() {
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
        return;
    }
    let new = Archive::open(&target, &options).unwrap();
    let after = read_everything(&new);
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((&old.0, &old.1), (&new.0, &new.1));
        assert!(old.2.is_none() || old.2 == new.2, "bases of {:?} changed", old.0.escape_ascii().to_string());
    }
    let regions = (0..new.samples().len().min(3)).filter_map(|index| {
        let sample = answered(new.sample(index))?;
        let length = (!sample.is_empty()).then(|| answered(sample.length(0)))??;
        Some(Ok(Region { sample: index, contig: 0, range: Some(0..length.min(1000)), reverse: false, header: None }))
    });
    let options = ExportOptions { line_width: 60, packing: Packing::Bgzf(1), index: false, threads: 1 };
    answered(new.export(regions, &Target::File(folder.path().join("a.fa.gz")), &options, &|| false));
}
