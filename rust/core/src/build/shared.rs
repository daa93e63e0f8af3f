//! What all threads of the crew share, from the start of a build to its end.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::atlas::{Atlas, Keys};
use super::base::Base;
use super::batches::Batches;
use super::case::CaseGatherer;
use super::chunk::{CHUNK, Chunk};
use super::crew::{Table, lock};
use super::digest::DigestGatherer;
use super::encode::{Context, Job, Shard};
use super::kinship::Kinship;
use super::memory::Memory;
use super::options::{Level, Options};
use super::pool::Pool;
use super::sequence::Sequencer;
use super::settle::Settler;
use super::spill::SpillStore;
use super::stats::{Clock, Peak, Stats};
use super::tasks::Task;
use super::write::Writer;
use crate::error::{Error, Result};
use crate::layout::{Params, RAW_GROUPS};

/// Segment buffers on their way back, for each thread, at most.
/// Codes of references that are loaded between two looks at the memory of the process.
const GOVERNED: usize = 4 << 20;

const BUFFERS_A_THREAD: usize = 32;

/// Owners of groups for each thread: enough that two threads rarely want the same one.
const SHARDS_A_THREAD: usize = 8;
/// The stages behind the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Map,
    Digest,
    Settle,
    Encode,
    Write,
}

#[derive(Default)]
pub(super) struct ShardCell {
    /// Jobs in order, and whether a task for them is on the table.
    pub(super) jobs: Mutex<(VecDeque<Job>, bool)>,
    pub(super) shard: Mutex<Shard>,
}

/// Greatest memory of each consumer.
#[derive(Default)]
pub(super) struct Peaks {
    pub(super) in_flight: Peak,
    pub(super) tools: Peak,
    pub(super) references: Peak,
    pub(super) groups: Peak,
    pub(super) case: Peak,
    pub(super) digests: Peak,
    pub(super) writer: Peak,
}

#[derive(Default)]
pub(super) struct Clocks {
    pub(super) map: Clock,
    pub(super) digest: Clock,
    pub(super) settle: Clock,
    pub(super) encode: Clock,
    pub(super) write: Clock,
}

/// What all threads of the crew share.
pub(super) struct Shared {
    pub(super) params: Params,
    pub(super) level: Level,
    pub(super) base: Option<Base>,
    pub(super) table: Table<Task>,
    pub(super) atlas: RwLock<Atlas>,
    pub(super) batches: Mutex<Batches>,
    /// None if digests are not stored.
    pub(super) digests: Mutex<Option<DigestGatherer>>,
    /// Chunks of batches that wait for their digests, in order, and whether a task for them is on the table.
    pub(super) undigested: Mutex<(VecDeque<Vec<Arc<Chunk>>>, bool)>,
    pub(super) sequencer: Mutex<Sequencer>,
    pub(super) shards: Vec<ShardCell>,
    pub(super) writer: Mutex<Option<Writer>>,
    pub(super) store: SpillStore,
    pub(super) keys: Mutex<Option<Keys>>,
    pub(super) bases: AtomicU64,
    pub(super) chunks: Pool<Chunk>,
    pub(super) buffers: Pool<Vec<u8>>,
    pub(super) peaks: Peaks,
    pub(super) clocks: Clocks,
    pub(super) waits: Clocks,
    #[cfg(test)]
    pub(super) hook: super::tests::Hook,
}

impl Shared {
    pub(super) fn new(
        options: &Options,
        settler: Settler,
        params: Params,
        memory: &Memory,
        writer: Writer,
        base: Option<Base>,
        folder: &Path,
    ) -> Shared {
        let threads = memory.threads();
        let (bank_bytes, seed_bytes) = memory.atlas();
        let (samples, old) = base.as_ref().map_or((0, None), |base| (base.archive().samples().len(), base.digests()));
        let atlas = Atlas::new(params.k, bank_bytes, seed_bytes);
        #[cfg(test)]
        let atlas = atlas.with_seeded(options.seeded);
        let rule = options.digests.rule(options.md5).or(old.map(|old| old.rule));
        let digests = rule.map(|rule| DigestGatherer::new(rule, params.pack_cardinality, samples, old));
        Shared {
            params,
            level: options.level,
            table: Table::new(memory.in_flight()),
            atlas: RwLock::new(atlas),
            batches: Mutex::new(Batches::new(digests.is_some())),
            digests: Mutex::new(digests),
            undigested: Mutex::default(),
            sequencer: Mutex::new(Sequencer {
                settler,
                case: options.keep_case.then(|| CaseGatherer::new(0, None)),
                sequence: 0,
                kinship: Kinship::default(),
                choosing: options.segment_size.is_none(),
            }),
            base,
            shards: (0..SHARDS_A_THREAD * threads).map(|_| ShardCell::default()).collect(),
            writer: Mutex::new(Some(writer)),
            store: SpillStore::new(folder, 0),
            keys: Mutex::default(),
            bases: AtomicU64::new(0),
            chunks: Pool::new(memory.in_flight().div_ceil(CHUNK)),
            buffers: Pool::new(BUFFERS_A_THREAD * threads),
            peaks: Peaks::default(),
            clocks: Clocks::default(),
            waits: Clocks::default(),
            #[cfg(test)]
            hook: super::tests::Hook::default(),
        }
    }

    /// A place where tests make a stage slow, fail or panic.
    #[inline(always)]
    pub(super) fn reach(&self, stage: Stage) -> Result<()> {
        #[cfg(test)]
        super::tests::reach(&self.hook, stage)?;
        let _ = stage;
        Ok(())
    }

    /// The result of work on the caller's thread. Where that was given up as another thread failed, it is the failure.
    pub(super) fn explained<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Err(Error::Interrupted) if self.table.has_failed() => Err(self.table.reason()),
            result => result,
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            params: &self.params,
            level: self.level,
            store: &self.store,
            base: self.base.as_ref(),
            shards: self.shards.len(),
        }
    }

    /// Does something with the writer, which is one for all threads.
    pub(super) fn with_writer<R>(&self, work: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
        let mut writer = self.waits.write.time(|| lock(&self.writer));
        let writer = writer.as_mut().ok_or_else(finished)?;
        self.reach(Stage::Write)?;
        let before = writer.waiting();
        let result = self.clocks.write.time(|| work(writer));
        // What waits for its turn is in flight as well.
        match writer.waiting().checked_sub(before) {
            Some(more) => self.table.burden(more),
            None => self.table.release(before - writer.waiting()),
        }
        result
    }

    /// Makes all that the base has known: groups, and where the collection goes on.
    /// `govern` is called now and then.
    pub(super) fn resume(&self, interrupted: &dyn Fn() -> bool, govern: impl Fn() -> Result<()>) -> Result<()> {
        let Some(base) = &self.base else { return Ok(()) };
        let mut sequencer = lock(&self.sequencer);
        sequencer.choosing = false;
        sequencer.settler.begin_sample();
        if sequencer.case.is_some() {
            sequencer.case = Some(CaseGatherer::new(base.archive().samples().len(), base.case()));
        }
        sequencer.sequence = self.with_writer(|writer| writer.resume(base))?;
        let mut atlas = self.atlas.write().unwrap_or_else(PoisonError::into_inner);
        let mut loaded = 0;
        for group in RAW_GROUPS..base.groups() {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let codes = base.reference(group)?;
            atlas.add_stored(&codes);
            let shard = &self.shards[group as usize % self.shards.len()];
            lock(&shard.shard).load(group as usize / self.shards.len(), &codes, &self.store)?;
            loaded += codes.len();
            if loaded > GOVERNED {
                loaded = 0;
                govern()?;
            }
        }
        Ok(())
    }

    /// Writes the end of the archive.
    pub(super) fn finish_writer(&self, interrupted: &dyn Fn() -> bool) -> Result<Stats> {
        let keys = lock(&self.keys).take().ok_or_else(finished)?;
        let groups = self.atlas.read().unwrap_or_else(PoisonError::into_inner).len() as u32 + RAW_GROUPS;
        let writer = lock(&self.writer).take().ok_or_else(finished)?;
        let case = lock(&self.sequencer).case.take().map(CaseGatherer::finish).transpose()?;
        let digests = lock(&self.digests).take().map(DigestGatherer::finish);
        writer.finish(&keys, groups, (case, digests), (self.base.as_ref(), &self.store), interrupted)
    }

    pub(super) fn choose_keys(&self) -> Result<()> {
        let old = self.base.as_ref().map(Base::keys).transpose()?;
        let keys = self.atlas.read().unwrap_or_else(PoisonError::into_inner).keys(old.unwrap_or_default())?;
        *lock(&self.keys) = Some(keys);
        Ok(())
    }

    /// Groups with an unfinished pack, in order.
    pub(super) fn unfinished(&self) -> Vec<u32> {
        let mut groups = Vec::new();
        for (i, cell) in self.shards.iter().enumerate() {
            groups.extend(lock(&cell.shard).unfinished(i, self.shards.len()));
        }
        groups.sort_unstable();
        groups
    }

    /// Makes the shards keep no more in memory than the store may.
    pub(super) fn shrink(&self) -> Result<()> {
        self.shards.iter().try_for_each(|cell| lock(&cell.shard).shrink(&self.store))
    }

    /// Completes the figures of a finished build.
    pub(super) fn report(&self, mut stats: Stats, elapsed: f64, limit: usize) -> Stats {
        let groups = self.shards.iter().map(|cell| lock(&cell.shard).memory()).sum();
        self.peaks.groups.see(groups);
        let Peaks { in_flight, tools, references, groups, case, digests, writer } = &self.peaks;
        let atlas = self.atlas.read().unwrap_or_else(PoisonError::into_inner);
        let (bank, seeds, known) = atlas.memory();
        stats.mapped_sparsely = atlas.is_sparse();
        let kinship = std::mem::take(&mut lock(&self.sequencer).kinship);
        (stats.unrelated_samples, stats.unrelated) = (kinship.unrelated, kinship.names);
        let Clocks { map, digest, settle, encode, write } = &self.clocks;
        stats.bases = self.bases.load(Ordering::Relaxed);
        stats.peaks = vec![
            ("in_flight", in_flight.get()),
            ("references", references.get()),
            ("groups", groups.get()),
            ("bank", bank as u64),
            ("seeds", seeds as u64),
            ("keys", known as u64),
            ("writer", writer.get()),
            ("tools", tools.get()),
        ];
        stats
            .peaks
            .extend([("case", case.get()), ("digests", digests.get())].into_iter().filter(|(_, peak)| *peak > 0));
        stats.seconds = vec![
            ("map", map.seconds()),
            ("digest", digest.seconds()),
            ("settle", settle.seconds()),
            ("encode", encode.seconds()),
            ("write", write.seconds()),
        ];
        let Clocks { map, settle, encode, write, .. } = &self.waits;
        stats.waited = vec![
            ("parse", self.table.waited.seconds()),
            ("map", map.seconds()),
            ("settle", settle.seconds()),
            ("encode", encode.seconds()),
            ("write", write.seconds()),
        ];
        stats.elapsed = elapsed;
        stats.spilled = self.store.spilled();
        stats.memory_limit = limit as u64;
        stats
    }
}

fn finished() -> Error {
    Error::Internal("the archive is finished already".into())
}
