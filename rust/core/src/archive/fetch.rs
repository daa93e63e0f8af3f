//! Reading bases: one stretch of a contig, or many at once.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::decode::{Piece, decode_piece};
use super::open::Archive;
use super::sample::Sample;
use super::watch::Watch;
use crate::alphabet::other_strand;
use crate::error::{Error, Result};
use crate::stop::give_up_when;

/// How often who waits for another thread looks whether that was interrupted.
const PATIENCE: Duration = Duration::from_millis(50);

/// Longer stretches are read by themselves, piece by piece: they gain nothing from being read with others, and no memory
/// is asked for before there are bases for it.
pub(super) const LONG: u64 = 256 << 10;

/// Bases that are decoded in about the time that it takes to wake another thread.
const SHORT: u64 = 16 << 10;

/// Pieces for which another thread is worth its start.
const TASKS_A_THREAD: usize = 32;

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

/// A piece of a stretch, and where its bases go.
struct Task<'a> {
    stretch: usize,
    piece: Piece,
    bases: &'a mut [u8],
}

impl Archive {
    /// A stretch by names: of the sample, and of the contig in it as [`Sample::find`] takes it.
    ///
    /// # Errors
    /// As [`Archive::find_sample`], [`Archive::sample`] and [`Sample::find`].
    pub fn stretch(&self, sample: &[u8], contig: &[u8], range: Range<u64>, reverse: bool) -> Result<Stretch> {
        let sample = self.sample(self.find_sample(sample)?)?;
        let contig = sample.find(contig)?;
        Ok(Stretch { sample, contig, range, reverse })
    }

    /// Gives `sink` the bases of a contig in `range` (0-based, half-open) as letters, in pieces: upper case, but
    /// for what is known to have been lower case ([`Archive::case`]), if that is wanted. Where bases are to be verified
    /// and all of the contig is read, what is wrong with it is known only at the end.
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
        let mut watch = self.watch(sample, contig, &range)?;
        let mut mask = self.mask()?;
        let mut base = range.start;
        self.decode(sample, contig, range, |letters| {
            if let Some(watch) = &mut watch {
                watch.see(letters);
            }
            if let Some(mask) = &mut mask {
                mask.lower(sample, contig, base, letters).map_err(|e| sample.placed(e, contig))?;
            }
            base += letters.len() as u64;
            sink(letters)
        })?;
        watch.map_or(Ok(()), Watch::finish)
    }

    /// Gives `sink` all bases of a contig, in upper case or as [`Archive::read`] gives them.
    pub(crate) fn read_as(
        &self,
        sample: &Sample,
        contig: usize,
        upper: bool,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let all = 0..sample.length(contig)?;
        if upper {
            self.decode(sample, contig, all, |letters| sink(letters))
        } else {
            self.read(sample, contig, all, sink)
        }
    }

    /// Gives `sink` the bases of a contig in `range`, which must be inside it, in upper case and not checked.
    pub(super) fn decode(
        &self,
        sample: &Sample,
        contig: usize,
        range: Range<u64>,
        mut sink: impl FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let mut letters = Vec::new();
        self.each_piece(sample, contig, range, |piece| {
            letters.clear();
            decode_piece(self.store(), self.rules(), piece, &mut letters).map_err(|e| sample.placed(e, contig))?;
            sink(&mut letters)
        })
    }

    /// Goes through the pieces of a range, which must be inside the contig; what they need is announced.
    fn each_piece(
        &self,
        sample: &Sample,
        contig: usize,
        mut range: Range<u64>,
        mut each: impl FnMut(Piece) -> Result<()>,
    ) -> Result<()> {
        let mut served = 0;
        for piece in sample.pieces(contig, range.clone()) {
            if served == 0 {
                served = self.prefetch_pieces(sample, contig, range.clone())?.0;
            }
            let piece = piece.map_err(|e| sample.placed(e, contig))?;
            range.start += piece.local.end - piece.local.start;
            served = served.saturating_sub(1);
            each(piece)?;
        }
        Ok(())
    }

    /// Announces what a range needs, as far as it is worth announcing at once; returns the pieces that this serves, and
    /// where they end.
    fn prefetch_pieces(&self, sample: &Sample, contig: usize, range: Range<u64>) -> Result<(usize, u64)> {
        let mut end = range.start;
        let pieces = sample.pieces(contig, range).map_while(Result::ok);
        let segments = pieces.map(|Piece { segment, local }| {
            end += local.end - local.start;
            segment
        });
        let served = self.store().prefetch(segments)?;
        Ok((served, end))
    }

    /// Announces what a stretch needs, from its start as far as it is worth announcing at once, and returns where that is.
    /// Where nothing needs to be announced it is the end.
    pub(super) fn prefetch(&self, stretch: &Stretch) -> Result<u64> {
        let Stretch { sample, contig, range, .. } = stretch;
        match self.prefetch_pieces(sample, *contig, range.clone())? {
            (usize::MAX, _) => Ok(range.end),
            (_, end) => Ok(end),
        }
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
        self.fetch_into(stretch, &mut bases)?;
        Ok(bases)
    }

    /// Whether a stretch is short, and all that it is made of is decoded already: to read it takes some microseconds.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn is_at_hand(&self, stretch: &Stretch) -> bool {
        let mut pieces = stretch.sample.pieces(stretch.contig, stretch.range.clone());
        stretch.length() <= SHORT
            && self.verified().is_none()
            && pieces.all(|piece| piece.is_ok_and(|piece| self.store().holds(piece.segment)))
    }

    /// Appends the bases of a stretch, in case as [`Archive::read`] gives them.
    ///
    /// # Errors
    /// As [`Archive::read`]; what `bases` holds behind its old end is nothing to rely on then.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch_into(&self, stretch: &Stretch, bases: &mut Vec<u8>) -> Result<()> {
        let Stretch { sample, contig, range, reverse } = stretch;
        check(sample, *contig, range)?;
        let watch = self.watch(sample, *contig, range)?;
        let before = bases.len();
        self.each_piece(sample, *contig, range.clone(), |piece| {
            decode_piece(self.store(), self.rules(), piece, bases).map_err(|e| sample.placed(e, *contig))
        })?;
        let letters = &mut bases[before..];
        if let Some(mut watch) = watch {
            watch.see(letters);
            watch.finish()?;
        }
        if let Some(mut mask) = self.mask()? {
            mask.lower(sample, *contig, range.start, letters).map_err(|e| sample.placed(e, *contig))?;
        }
        if *reverse {
            other_strand(letters);
        }
        Ok(())
    }

    /// The bases of many stretches, each as [`Archive::fetch`] gives it. What is needed of a group is read in one go, so
    /// that its reference and each pack are decoded once, whatever the order of the stretches. `threads` threads share
    /// the work, the caller's among them.
    ///
    /// # Errors
    /// As [`Archive::read`]; [`Error::Interrupted`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch_many(
        &self,
        stretches: &[Stretch],
        threads: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<u8>>> {
        let mut found = Vec::with_capacity(stretches.len());
        for asked in stretches {
            check(&asked.sample, asked.contig, &asked.range)?;
            found.push(if asked.length() > LONG { self.fetch(asked)? } else { vec![0; asked.length() as usize] });
        }
        let short = stretches.iter().zip(&mut found).filter(|(asked, _)| asked.length() <= LONG);
        let (short, places): (Vec<_>, Vec<_>) = short.map(|(asked, bases)| (asked.clone(), &mut bases[..])).unzip();
        self.fetch_many_into(&short, places, threads, interrupted)?;
        Ok(found)
    }

    /// Puts the bases of many stretches where there is room for exactly them, as [`Archive::fetch_many`].
    ///
    /// # Errors
    /// As [`Archive::fetch_many`]; [`Error::Parameter`] where a place has not the length of its stretch.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch_many_into(
        &self,
        stretches: &[Stretch],
        mut places: Vec<&mut [u8]>,
        threads: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        let mut tasks = Vec::new();
        for (stretch, (asked, bases)) in stretches.iter().zip(&mut places).enumerate() {
            check(&asked.sample, asked.contig, &asked.range)?;
            let mut rest = &mut **bases;
            if rest.len() as u64 != asked.length() {
                return Err(Error::Parameter(format!("there is room for {} of {} bases", rest.len(), asked.length())));
            }
            for piece in asked.sample.pieces(asked.contig, asked.range.clone()) {
                let piece = piece.map_err(|e| asked.sample.placed(e, asked.contig))?;
                let (bases, behind) = rest.split_at_mut((piece.local.end - piece.local.start) as usize);
                tasks.push(Task { stretch, piece, bases });
                rest = behind;
            }
        }
        tasks.sort_unstable_by_key(|task| {
            let Piece { segment, local } = &task.piece;
            (segment.group, segment.number, segment.reversed(), local.start)
        });
        self.fill_shared(&mut tasks, stretches, threads, interrupted)?;
        for (asked, bases) in stretches.iter().zip(&places) {
            if let Some(mut watch) = self.watch(&asked.sample, asked.contig, &asked.range)? {
                watch.see(bases);
                watch.finish()?;
            }
        }
        self.lower_many(stretches, &mut places)?;
        for (bases, asked) in places.iter_mut().zip(stretches) {
            if asked.reverse {
                other_strand(bases);
            }
        }
        Ok(())
    }

    /// Does sorted tasks on several threads. They are divided where a group ends, so that none is decoded by two.
    fn fill_shared(
        &self,
        tasks: &mut [Task<'_>],
        stretches: &[Stretch],
        threads: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<()> {
        let threads = threads.min(tasks.len() / TASKS_A_THREAD);
        let mut middle = tasks.len() / threads.max(1);
        while threads > 1
            && middle < tasks.len()
            && tasks[middle - 1].piece.segment.group == tasks[middle].piece.segment.group
        {
            middle += 1;
        }
        if threads < 2 || middle == tasks.len() {
            return self.fill(tasks, stretches, interrupted);
        }
        let (first, others) = tasks.split_at_mut(middle);
        let stopped = Arc::new(AtomicBool::new(false));
        let (done, caller) = (AtomicBool::new(false), thread::current());
        thread::scope(|scope| {
            let (flag, done) = (Arc::clone(&stopped), &done);
            let run = move || {
                give_up_when(Arc::clone(&flag));
                let filled = self.fill_shared(others, stretches, threads - 1, &|| flag.load(Ordering::Relaxed));
                done.store(true, Ordering::Release);
                caller.unpark();
                filled
            };
            let other = thread::Builder::new()
                .spawn_scoped(scope, run)
                .map_err(|e| Error::io(self.name(), "start a thread for", e))?;
            let mut mine = self.fill(first, stretches, interrupted);
            while !done.load(Ordering::Acquire) && !other.is_finished() {
                if mine.is_ok() && interrupted() {
                    mine = Err(Error::Interrupted);
                }
                stopped.store(mine.is_err(), Ordering::Relaxed);
                thread::park_timeout(PATIENCE);
            }
            let other = other.join().unwrap_or_else(|_| Err(Error::Internal("a thread that reads panicked".into())));
            mine.and(other)
        })
    }

    /// Does sorted tasks.
    fn fill(&self, tasks: &mut [Task<'_>], stretches: &[Stretch], interrupted: &dyn Fn() -> bool) -> Result<()> {
        let (mut rest, mut letters, mut served) = (tasks, Vec::new(), 0usize);
        while let Some((piece, count)) = joined(rest) {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            if served == 0 {
                served = self.store().prefetch(rest.iter().map(|task| task.piece.segment))?;
            }
            served = served.saturating_sub(count);
            let asked = &stretches[rest[0].stretch];
            let start = piece.local.start;
            letters.clear();
            decode_piece(self.store(), self.rules(), piece, &mut letters)
                .map_err(|e| asked.sample.placed(e, asked.contig))?;
            let (now, later) = rest.split_at_mut(count);
            for Task { piece, bases, .. } in now {
                let at = (piece.local.start - start) as usize;
                bases.copy_from_slice(&letters[at..at + bases.len()]);
            }
            rest = later;
        }
        Ok(())
    }
}

/// What the first tasks need of one member, if it is not too much to decode at once, and how many tasks that serves: a
/// delta is walked from its beginning, so what lies between pieces costs less than walking again.
fn joined(tasks: &[Task<'_>]) -> Option<(Piece, usize)> {
    let mut joined = tasks.first()?.piece.clone();
    let mut count = 0;
    for Task { piece, .. } in tasks {
        if piece.segment != joined.segment || piece.local.end > joined.local.start + LONG {
            break;
        }
        joined.local.end = joined.local.end.max(piece.local.end);
        count += 1;
    }
    Some((joined, count))
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
        for (cache_bytes, threads) in [(0, 1), (1 << 20, 2), (1 << 20, 3)] {
            let archive = open(cache_bytes);
            let stretches = stretches(&archive);
            let found = archive.fetch_many(&stretches, threads, &|| false).unwrap();
            for (stretch, bases) in stretches.iter().zip(&found) {
                assert_eq!(bases, &archive.fetch(stretch).unwrap());
                assert_eq!(bases.len() as u64, stretch.length());
            }
        }
    }

    #[test]
    fn what_was_read_is_at_hand() {
        for (cache_bytes, kept) in [(0, false), (1 << 20, true)] {
            let archive = open(cache_bytes);
            for stretch in stretches(&archive) {
                archive.clear_cache();
                assert_eq!(archive.is_at_hand(&stretch), stretch.length() == 0);
                archive.fetch(&stretch).unwrap();
                assert_eq!(archive.is_at_hand(&stretch), kept || stretch.length() == 0);
            }
        }
    }

    #[test]
    fn what_is_outside_is_an_error() {
        let archive = open(0);
        let mut stretches = stretches(&archive);
        assert!(matches!(archive.fetch_many(&stretches, 2, &|| true), Err(Error::Interrupted)));
        stretches[3].range.end = u64::MAX;
        assert!(matches!(archive.fetch_many(&stretches, 1, &|| false), Err(Error::Range { .. })));
    }
}
