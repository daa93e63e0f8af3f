//! Reading many stretches at once: what they need of a group is decoded once, and threads share the groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::decode::{Piece, decode_piece};
use super::fetch::{LONG, check};
use super::open::Archive;
use super::stretch::Stretch;
use crate::alphabet::other_strand;
use crate::error::{Error, Result};
use crate::stop::give_up_when;

/// How often who waits for another thread looks whether that was interrupted.
const PATIENCE: Duration = Duration::from_millis(50);

/// Pieces for which another thread is worth its start.
const TASKS_A_THREAD: usize = 32;

/// A piece of a stretch, and where its bases go.
struct Task<'a> {
    stretch: usize,
    piece: Piece,
    bases: &'a mut [u8],
}

impl Archive {
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
        let mut samples = self.recent();
        for &i in &by_sample(stretches) {
            let Stretch { sample, contig, range, .. } = &stretches[i];
            check(samples.get(*sample)?, *contig, range)?;
        }
        let mut found = Vec::with_capacity(stretches.len());
        for asked in stretches {
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
        let (mut tasks, mut samples) = (Vec::new(), self.recent());
        let mut asked: Vec<_> = stretches.iter().zip(&mut places).enumerate().collect();
        // What is known of a sample is looked at once, as it may be kept for no longer.
        asked.sort_by_key(|(_, (asked, _))| asked.sample);
        for (stretch, (asked, bases)) in asked {
            let sample = samples.get(asked.sample)?;
            check(sample, asked.contig, &asked.range)?;
            let mut rest = &mut **bases;
            if rest.len() as u64 != asked.length() {
                return Err(Error::Parameter(format!("there is room for {} of {} bases", rest.len(), asked.length())));
            }
            for piece in sample.pieces(asked.contig, asked.range.clone()) {
                let piece = piece.map_err(|e| sample.placed(e, asked.contig))?;
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
        if self.verified().is_some() {
            for &i in &by_sample(stretches) {
                let Stretch { sample, contig, range, .. } = &stretches[i];
                if let Some(mut watch) = self.watch(samples.get(*sample)?, *contig, range)? {
                    watch.see(places[i]);
                    watch.finish()?;
                }
            }
        }
        drop(samples);
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
            decode_piece(self.store(), self.rules(), piece, &mut letters).map_err(|e| {
                self.sample(asked.sample).map_or_else(|other| other, |sample| sample.placed(e, asked.contig))
            })?;
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

/// The places of stretches in the order of their samples.
pub(super) fn by_sample(stretches: &[Stretch]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..stretches.len()).collect();
    order.sort_by_key(|&i| stretches[i].sample);
    order
}

/// What the first tasks need of one member, if it is not too much to decode at once, and how many tasks that serves: a
/// delta is walked from its beginning, so what lies between pieces costs less than walking again.
fn joined(tasks: &[Task<'_>]) -> Option<(Piece, usize)> {
    let mut joined = tasks.first()?.piece.clone();
    let mut count = 0;
    for Task { piece, .. } in tasks {
        // The first one is taken however long it is.
        if count > 0 && (piece.segment != joined.segment || piece.local.end > joined.local.start + LONG) {
            break;
        }
        joined.local.end = joined.local.end.max(piece.local.end);
        count += 1;
    }
    Some((joined, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::archive::ReadOptions;

    fn open(cache_bytes: u64) -> Archive {
        open_keeping(cache_bytes, 1 << 20)
    }

    fn open_keeping(cache_bytes: u64, collection_bytes: u64) -> Archive {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/default.agc");
        let options = ReadOptions { cache_bytes, collection_bytes, ..ReadOptions::default() };
        Archive::open(Path::new(path), &options).unwrap()
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
                    found.push(Stretch { sample: index, contig, range, reverse: contig % 2 == 1 });
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

    /// Whatever their order, each sample is looked at once or twice, not once for each stretch.
    #[test]
    fn samples_are_made_once_a_call() {
        let (roomy, narrow) = (open(1 << 20), open_keeping(1 << 20, 0));
        let mut stretches = stretches(&roomy);
        stretches.sort_by_key(|stretch| stretch.range.start * 7919 % 1009);
        let before = narrow.made();
        let found = narrow.fetch_many(&stretches, 1, &|| false).unwrap();
        assert!(narrow.made() - before <= 2 * narrow.samples().len() as u64);
        assert_eq!(found, roomy.fetch_many(&stretches, 1, &|| false).unwrap());
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
