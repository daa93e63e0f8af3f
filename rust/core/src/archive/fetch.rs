//! Reading bases: one stretch of a contig, or many at once.

use std::ops::Range;

use super::decode::{Piece, decode_piece, decode_window, pieces};
use super::open::Archive;
use super::sample::Sample;
use crate::alphabet::{other_strand, to_letters};
use crate::error::{Error, Result};

/// Longer stretches are read by themselves, piece by piece: they gain nothing from being read with others, and no memory
/// is asked for before there are bases for it.
pub(super) const LONG: u64 = 256 << 10;

/// A stretch of a contig, on one of its strands.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Sample that holds the contig.
    pub sample: Sample,
    /// Place of the contig in it.
    pub contig: usize,
    /// Bases, 0-based and half-open.
    pub range: Range<u64>,
    /// Whether the reverse complement is wanted.
    pub reverse: bool,
}

impl Stretch {
    /// Number of bases.
    pub fn length(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }
}

/// A piece of the stretch with this index; its bases begin at `at` there.
struct Task {
    stretch: usize,
    at: usize,
    piece: Piece,
}

impl Archive {
    /// Gives `sink` the bases of a contig in `range` (0-based, half-open) as letters, in pieces: upper case, but
    /// for what is known to have been lower case ([`Archive::case`]), if that is wanted.
    ///
    /// # Errors
    /// [`Error::Range`] when the range is not inside the contig, [`Error::Corrupt`], [`Error::Io`], or what `sink` returns.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn read(
        &self,
        sample: &Sample,
        contig: usize,
        range: Range<u64>,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        check(sample, contig, &range)?;
        let mut mask = self.mask()?;
        let (mut buffer, mut base) = (Vec::new(), range.start);
        decode_window(self.store(), self.rules(), sample.segments(contig), range, &mut buffer, |codes| {
            to_letters(codes);
            if let Some(mask) = &mut mask {
                mask.lower(sample, contig, base, codes)?;
            }
            base += codes.len() as u64;
            sink(codes)
        })
        .map_err(|e| sample.placed(e, contig))
    }

    /// The bases of a stretch, in case as [`Archive::read`] gives them.
    ///
    /// # Errors
    /// As [`Archive::read`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch(&self, stretch: &Stretch) -> Result<Vec<u8>> {
        let mut bases = Vec::new();
        self.read(&stretch.sample, stretch.contig, stretch.range.clone(), |letters| {
            bases.extend_from_slice(letters);
            Ok(())
        })?;
        if stretch.reverse {
            other_strand(&mut bases);
        }
        Ok(bases)
    }

    /// The bases of many stretches, each as [`Archive::fetch`] gives it. What is needed of a group is read in one go, so
    /// that its reference and each pack are decoded once, whatever the order of the stretches.
    ///
    /// # Errors
    /// As [`Archive::read`]; [`Error::Interrupted`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch_many(&self, stretches: &[Stretch], interrupted: &dyn Fn() -> bool) -> Result<Vec<Vec<u8>>> {
        let (mut tasks, mut bases) = (Vec::new(), Vec::with_capacity(stretches.len()));
        for (stretch, asked) in stretches.iter().enumerate() {
            check(&asked.sample, asked.contig, &asked.range)?;
            if asked.length() > LONG {
                bases.push(self.fetch(asked)?);
                continue;
            }
            let mut at = 0;
            for piece in pieces(asked.sample.segments(asked.contig), self.rules().params.k, asked.range.clone()) {
                let piece = piece.map_err(|e| asked.sample.placed(e, asked.contig))?;
                let length = (piece.local.end - piece.local.start) as usize;
                tasks.push(Task { stretch, at, piece });
                at += length;
            }
            bases.push(vec![0; at]);
        }
        tasks.sort_unstable_by_key(|task| {
            let Piece { segment, local } = &task.piece;
            (segment.group, segment.number, segment.reversed(), local.start)
        });
        let (mut rest, mut codes) = (&tasks[..], Vec::new());
        while let Some(piece) = joined(rest) {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let asked = &stretches[rest[0].stretch];
            let Range { start, end } = piece.local;
            let segment = piece.segment;
            codes.clear();
            decode_piece(self.store(), self.rules(), piece, &mut codes)
                .map_err(|e| asked.sample.placed(e, asked.contig))?;
            let within = |task: &&Task| task.piece.segment == segment && task.piece.local.end <= end;
            let count = rest.iter().take_while(within).count();
            for Task { stretch, at, piece } in &rest[..count] {
                let found = &codes[(piece.local.start - start) as usize..(piece.local.end - start) as usize];
                let letters = &mut bases[*stretch][*at..*at + found.len()];
                letters.copy_from_slice(found);
                to_letters(letters);
            }
            rest = &rest[count..];
        }
        self.lower_many(stretches, &mut bases)?;
        for (bases, asked) in bases.iter_mut().zip(stretches) {
            if asked.reverse && asked.length() <= LONG {
                other_strand(bases);
            }
        }
        Ok(bases)
    }
}

/// What the first tasks need of one member, if it is not too much to decode at once: a delta is walked from its beginning,
/// so what lies between pieces costs less than walking again.
fn joined(tasks: &[Task]) -> Option<Piece> {
    let mut joined = tasks.first()?.piece.clone();
    for Task { piece, .. } in tasks {
        if piece.segment != joined.segment || piece.local.end > joined.local.start + LONG {
            break;
        }
        joined.local.end = joined.local.end.max(piece.local.end);
    }
    Some(joined)
}

fn check(sample: &Sample, contig: usize, range: &Range<u64>) -> Result<()> {
    let length = sample.length(contig)?;
    if range.start > range.end || range.end > length {
        let contig = String::from_utf8_lossy(sample.header(contig)).into_owned();
        return Err(Error::Range { contig, start: range.start, end: range.end, length });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::archive::ReadOptions;

    fn open(cache_bytes: u64) -> Archive {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/default.agc");
        Archive::open(Path::new(path), &ReadOptions { cache_bytes, ..ReadOptions::default() }).unwrap()
    }

    /// Stretches of all contigs in no order, on both strands.
    fn stretches(archive: &Archive) -> Vec<Stretch> {
        let mut found = Vec::new();
        for step in [7919u64, 104_729, 1_299_709] {
            for index in (0..archive.samples().len()).rev() {
                let sample = archive.sample(index).unwrap();
                for contig in 0..sample.len() {
                    let length = sample.length(contig).unwrap();
                    let start = step * (index as u64 + 1) % (length + 1);
                    let range = start..length.min(start + step % 5003);
                    found.push(Stretch { sample: sample.clone(), contig, range, reverse: contig % 2 == 1 });
                }
            }
        }
        found
    }

    #[test]
    fn many_are_as_one_by_one() {
        for cache_bytes in [0, 1 << 20] {
            let archive = open(cache_bytes);
            let stretches = stretches(&archive);
            let found = archive.fetch_many(&stretches, &|| false).unwrap();
            for (stretch, bases) in stretches.iter().zip(&found) {
                assert_eq!(bases, &archive.fetch(stretch).unwrap());
                assert_eq!(bases.len() as u64, stretch.length());
            }
        }
    }

    #[test]
    fn what_is_outside_is_an_error() {
        let archive = open(0);
        let mut stretches = stretches(&archive);
        assert!(matches!(archive.fetch_many(&stretches, &|| true), Err(Error::Interrupted)));
        stretches[3].range.end = u64::MAX;
        assert!(matches!(archive.fetch_many(&stretches, &|| false), Err(Error::Range { .. })));
    }
}
