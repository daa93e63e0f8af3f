//! What the crew does: the tasks, and the state that each of them needs.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crossbeam_channel::{Receiver, select};

use super::atlas::{Atlas, Keys};
use super::base::Base;
use super::batches::{Batch, Batches};
use super::case::{CaseBlock, CaseGatherer};
use super::chunk::{CHUNK, Chunk, Mark};
use super::crew::{Table, lock};
use super::digest::DigestGatherer;
use super::encode::{Context, Job, Shard, Tools};
use super::first_sample::first_sample;
use super::map::Mapped;
use super::memory::Memory;
use super::options::{Level, Options};
use super::pool::Pool;
use super::settle::{Cut, Settler};
use super::spill::SpillStore;
use super::stats::{Clock, Peak, Stats};
use super::write::Writer;
use crate::error::{Error, Result};
use crate::fasta::Work;
use crate::layout::{Params, RAW_GROUPS};

/// Segment buffers on their way back, for each thread, at most.
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

pub(super) enum Task {
    /// Map a chunk; whoever maps the last one of a batch settles the batch.
    Map(u64, Arc<Chunk>),
    /// Compute the digests of what waits for it.
    Digest,
    /// Encode what waits for a shard.
    Encode(usize),
    /// Finish the last packs of these groups; the first part has this sequence number.
    Finish(u64, Vec<u32>),
    /// Choose the keys of groups, when there will be no more groups.
    Keys,
    /// Inflate blocks of input, unless that is done already.
    Inflate(Arc<Work>),
}

/// What is done in input order.
pub(super) struct Sequencer {
    settler: Settler,
    /// None if case is not kept.
    case: Option<CaseGatherer>,
    pub(super) sequence: u64,
    /// Whether the size of new groups is yet to be chosen.
    pub(super) choosing: bool,
}

#[derive(Default)]
struct ShardCell {
    /// Jobs in order, and whether a task for them is on the table.
    jobs: Mutex<(VecDeque<Job>, bool)>,
    shard: Mutex<Shard>,
}

/// Greatest memory of each consumer.
#[derive(Default)]
pub(super) struct Peaks {
    pub(super) in_flight: Peak,
    pub(super) tools: Peak,
    references: Peak,
    groups: Peak,
    case: Peak,
    digests: Peak,
    writer: Peak,
}

#[derive(Default)]
struct Clocks {
    map: Clock,
    digest: Clock,
    settle: Clock,
    encode: Clock,
    write: Clock,
}

/// What all threads of the crew share.
pub(super) struct Shared {
    params: Params,
    level: Level,
    pub(super) base: Option<Base>,
    pub(super) table: Table<Task>,
    pub(super) atlas: RwLock<Atlas>,
    batches: Mutex<Batches>,
    /// None if digests are not stored.
    digests: Mutex<Option<DigestGatherer>>,
    /// Chunks of batches that wait for their digests, in order, and whether a task for them is on the table.
    undigested: Mutex<(VecDeque<Vec<Arc<Chunk>>>, bool)>,
    pub(super) sequencer: Mutex<Sequencer>,
    shards: Vec<ShardCell>,
    writer: Mutex<Option<Writer>>,
    pub(super) store: SpillStore,
    keys: Mutex<Option<Keys>>,
    bases: AtomicU64,
    pub(super) chunks: Pool<Chunk>,
    buffers: Pool<Vec<u8>>,
    pub(super) peaks: Peaks,
    clocks: Clocks,
    waits: Clocks,
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
        let threads = options.threads.max(1);
        let (bank_bytes, seed_bytes) = memory.atlas();
        let (samples, old) = base.as_ref().map_or((0, None), |base| (base.archive().samples().len(), base.digests()));
        let rule = options.digests.rule(options.md5).or(old.map(|old| old.rule));
        let digests = rule.map(|rule| DigestGatherer::new(rule, params.pack_cardinality, samples, old));
        Shared {
            params,
            level: options.level,
            table: Table::new(memory.in_flight()),
            atlas: RwLock::new(Atlas::new(params.k, bank_bytes, seed_bytes)),
            batches: Mutex::new(Batches::new(digests.is_some())),
            digests: Mutex::new(digests),
            undigested: Mutex::default(),
            sequencer: Mutex::new(Sequencer {
                settler,
                case: options.keep_case.then(|| CaseGatherer::new(0, None)),
                sequence: 0,
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
    fn reach(&self, stage: Stage) -> Result<()> {
        #[cfg(test)]
        super::tests::reach(&self.hook, stage)?;
        let _ = stage;
        Ok(())
    }

    fn context(&self) -> Context<'_> {
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
        self.clocks.write.time(|| work(writer))
    }

    /// Makes all that the base has known: groups, and where the collection goes on.
    pub(super) fn resume(&self, interrupted: &dyn Fn() -> bool) -> Result<()> {
        let Some(base) = &self.base else { return Ok(()) };
        let mut sequencer = lock(&self.sequencer);
        sequencer.choosing = false;
        sequencer.settler.begin_sample();
        if sequencer.case.is_some() {
            sequencer.case = Some(CaseGatherer::new(base.archive().samples().len(), base.case()));
        }
        sequencer.sequence = self.with_writer(|writer| writer.resume(base))?;
        let mut atlas = self.atlas.write().unwrap_or_else(PoisonError::into_inner);
        for group in RAW_GROUPS..base.groups() {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let codes = base.reference(group)?;
            atlas.add_stored(&codes);
            let shard = &self.shards[group as usize % self.shards.len()];
            lock(&shard.shard).load(group as usize / self.shards.len(), &codes, &self.store)?;
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
        writer.finish(&keys, groups, (case, digests), self.base.as_ref(), interrupted)
    }

    fn choose_keys(&self) -> Result<()> {
        let old = self.base.as_ref().map(Base::keys).transpose()?;
        let keys = self.atlas.read().unwrap_or_else(PoisonError::into_inner).keys(old.unwrap_or_default());
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

    /// A worker's life.
    pub(super) fn serve(&self, stopped: &Receiver<()>) {
        let mut tools = Tools::new(&self.params);
        loop {
            let task = self.waits.encode.time(|| {
                select! {
                    recv(self.table.queue()) -> task => task.ok(),
                    recv(stopped) -> _ => None,
                }
            });
            match task {
                Some(task) => self.run(task, &mut tools),
                None => return,
            }
        }
    }

    /// Runs a task; errors and panics become the build's failure.
    pub(super) fn run(&self, task: Task, tools: &mut Tools) {
        if !self.table.has_failed() {
            let done = catch_unwind(AssertUnwindSafe(|| match task {
                Task::Inflate(work) => {
                    work.run();
                    Ok(())
                }
                Task::Map(number, chunk) => self.map(number, chunk, tools),
                Task::Digest => self.digest(),
                Task::Encode(shard) => self.encode(shard, tools),
                Task::Finish(sequence, groups) => self.finish_groups(sequence, &groups, tools),
                Task::Keys => self.choose_keys(),
            }));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.table.fail(error),
                Err(panic) => self.table.fail(Error::Internal(message(&*panic))),
            }
        }
        self.table.done();
    }

    /// Puts a chunk on the table, or behind those of earlier batches.
    pub(super) fn submit(&self, number: u64, chunk: Chunk) {
        let chunk = Arc::new(chunk);
        let mut batches = lock(&self.batches);
        if number < batches.end {
            self.take_up(&mut batches, vec![(number, chunk)]);
        } else {
            batches.held.push_back((number, chunk));
        }
    }

    /// Puts chunks of the batch on the table; before them what is to be done for all of the batch, when all are there.
    fn take_up(&self, batches: &mut Batches, chunks: Vec<(u64, Arc<Chunk>)>) {
        if let Some(all) = chunks.iter().find_map(|(_, chunk)| batches.arrive(chunk)) {
            self.put_undigested(all);
        }
        for (number, chunk) in chunks {
            self.table.put(Task::Map(number, chunk));
        }
    }

    fn put_undigested(&self, chunks: Vec<Arc<Chunk>>) {
        let mut waiting = lock(&self.undigested);
        waiting.0.push_back(chunks);
        if !std::mem::replace(&mut waiting.1, true) {
            self.table.put(Task::Digest);
        }
    }

    /// Tells that there are no more chunks, so that a batch which is not full may be settled.
    pub(super) fn close(&self, chunks: u64) -> Result<()> {
        let mut batches = lock(&self.batches);
        batches.closed = Some(chunks);
        if let Some(chunks) = batches.take_arrived() {
            self.put_undigested(chunks);
        }
        let batch = batches.take();
        drop(batches);
        batch.map_or(Ok(()), |batch| self.settle(batch))
    }

    fn map(&self, number: u64, chunk: Arc<Chunk>, tools: &mut Tools) -> Result<()> {
        self.reach(Stage::Map)?;
        let atlas = self.waits.map.time(|| self.atlas.read().unwrap_or_else(PoisonError::into_inner));
        let k = self.params.k as usize;
        let mapped = self.clocks.map.time(|| {
            let mut stretches = Vec::new();
            let mut at = 0;
            for place in chunk.marks.iter().map(|(place, _)| *place).chain([chunk.codes.len()]) {
                if place > at {
                    let mut mapped = Mapped::default();
                    tools.mapper.map(&chunk.codes[at..place], &atlas.bank, &atlas.index, k, &mut mapped);
                    stretches.push(mapped);
                    at = place;
                }
            }
            stretches
        });
        drop(atlas);
        self.table.burden(mapped.iter().map(Mapped::memory).sum());
        let mut batches = lock(&self.batches);
        batches.mapped.insert(number, (chunk, mapped));
        let batch = batches.take();
        drop(batches);
        batch.map_or(Ok(()), |batch| self.settle(batch))
    }

    /// Digests batches until none waits. Only one thread at a time does this.
    fn digest(&self) -> Result<()> {
        loop {
            let chunks = {
                let mut waiting = lock(&self.undigested);
                match waiting.0.pop_front() {
                    Some(chunks) => chunks,
                    None => {
                        waiting.1 = false;
                        return Ok(());
                    }
                }
            };
            self.reach(Stage::Digest)?;
            if let Some(digests) = &mut *lock(&self.digests) {
                self.clocks.digest.time(|| {
                    digests.push(&chunks, |part| {
                        self.with_writer(|writer| {
                            writer.digest_part(part);
                            Ok(())
                        })
                    })
                })?;
                self.peaks.digests.see(digests.memory());
            }
            chunks.into_iter().for_each(|chunk| self.recycle(chunk));
        }
    }

    /// Takes a chunk back, if nobody else needs it.
    fn recycle(&self, chunk: Arc<Chunk>) {
        if let Some(mut chunk) = Arc::into_inner(chunk) {
            chunk.clear();
            self.chunks.give(chunk);
        }
    }

    /// Settles a batch and goes on to the next.
    fn settle(&self, batch: Batch) -> Result<()> {
        {
            let mut sequencer = lock(&self.sequencer);
            let mut atlas = self.waits.settle.time(|| self.atlas.write().unwrap_or_else(PoisonError::into_inner));
            let known = atlas.len();
            if std::mem::take(&mut sequencer.choosing) {
                let size = self.level.segment_size(first_sample(batch.values().map(|(chunk, _)| &**chunk)));
                sequencer.settler.set_size(size);
                self.with_writer(|writer| {
                    writer.set_segment_size(size);
                    Ok(())
                })?;
            }
            for (chunk, mapped) in batch.into_values() {
                self.clocks.settle.time(|| self.sequence(&mut sequencer, &mut atlas, known, &chunk, &mapped))?;
                self.recycle(chunk);
            }
        }
        let mut batches = lock(&self.batches);
        let ready = batches.advance();
        self.take_up(&mut batches, ready);
        Ok(())
    }

    /// Takes a chunk's contigs apart, in input order.
    fn sequence(
        &self,
        sequencer: &mut Sequencer,
        atlas: &mut Atlas,
        known: usize,
        chunk: &Chunk,
        mapped: &[Mapped],
    ) -> Result<()> {
        self.reach(Stage::Settle)?;
        let Sequencer { settler, case, sequence, .. } = sequencer;
        let mut placer = Placer { shared: self, sequence, failure: None };
        let mut released = chunk.case_weight() + mapped.iter().map(Mapped::memory).sum::<usize>();
        let (mut mapped, nothing) = (mapped.iter(), Mapped::default());
        let mut at = 0;
        let end = (chunk.codes.len(), None);
        for (place, mark) in chunk.marks.iter().map(|(place, mark)| (*place, Some(mark))).chain([end]) {
            if place > at {
                let mapped = mapped.next().unwrap_or(&nothing);
                settler.push(&chunk.codes[at..place], mapped, known, atlas, &mut |cut| placer.emit(cut));
                self.bases.fetch_add((place - at) as u64, Ordering::Relaxed);
                if let Some(case) = case {
                    case.push(&chunk.case, at..place, |block| self.case_block(*placer.sequence, block))?;
                }
                at = place;
            }
            released += mark.map_or(0, Mark::weight);
            match mark {
                Some(Mark::Sample(name)) => {
                    let next = *placer.sequence;
                    settler.begin_sample();
                    case.iter_mut().for_each(CaseGatherer::begin_sample);
                    self.with_writer(|writer| writer.begin_sample(name.clone(), next))?;
                }
                Some(Mark::Contig(name)) => {
                    case.iter_mut().for_each(CaseGatherer::begin_contig);
                    self.with_writer(|writer| writer.begin_contig(name))?;
                }
                Some(Mark::EndContig) => {
                    settler.finish(atlas, &mut |cut| placer.emit(cut));
                    if let Some(case) = case {
                        case.end_contig(|block| self.case_block(*placer.sequence, block))?;
                        self.peaks.case.see(case.memory());
                    }
                }
                Some(Mark::EndSample) => self.with_writer(|writer| {
                    self.peaks.writer.see(writer.memory());
                    writer.end_sample()
                })?,
                None => {}
            }
        }
        // Codes stay in flight with their segments; marks do not.
        self.table.release(released);
        placer.failure.map_or(Ok(()), Err)
    }

    fn case_block(&self, sequence: u64, block: CaseBlock) -> Result<()> {
        self.with_writer(|writer| {
            writer.case_block(sequence, block);
            Ok(())
        })
    }

    /// Encodes a shard's jobs until none is left. Only one thread at a time does this for a shard.
    fn encode(&self, number: usize, tools: &mut Tools) -> Result<()> {
        let cell = &self.shards[number];
        let mut shard = lock(&cell.shard);
        let context = self.context();
        loop {
            let mut job = {
                let mut jobs = lock(&cell.jobs);
                match jobs.0.pop_front() {
                    Some(job) => job,
                    None => {
                        jobs.1 = false;
                        return Ok(());
                    }
                }
            };
            self.reach(Stage::Encode)?;
            let (place, part) = self.clocks.encode.time(|| shard.store(&mut job, &context, tools))?;
            self.with_writer(|writer| writer.stored(job.sequence, place, part))?;
            self.peaks.references.see(self.store.resident());
            self.buffers.give(job.codes);
            self.table.release(job.weight);
        }
    }

    fn finish_groups(&self, mut sequence: u64, groups: &[u32], tools: &mut Tools) -> Result<()> {
        for &group in groups {
            let cell = &self.shards[group as usize % self.shards.len()];
            let part = self.clocks.encode.time(|| lock(&cell.shard).finish(group, &self.context(), tools))?;
            self.with_writer(|writer| writer.part(sequence, part))?;
            sequence += 1;
        }
        Ok(())
    }
}

/// Takes segments from the settler, in input order.
struct Placer<'a> {
    shared: &'a Shared,
    sequence: &'a mut u64,
    failure: Option<Error>,
}

impl Placer<'_> {
    /// Places a segment; an emptied buffer for the next one.
    fn emit(&mut self, cut: Cut) -> Vec<u8> {
        if self.failure.is_none() {
            self.failure = self.place(cut).err();
        }
        self.shared.buffers.take()
    }

    /// Gives a segment its number in sequence, and puts it before its shard.
    fn place(&mut self, cut: Cut) -> Result<()> {
        let shared = self.shared;
        let Cut { codes, group, founder, reversed, hints, first } = cut;
        if group >= 1 << 30 {
            return Err(Error::Parameter("the collection needs more than a billion groups".into()));
        }
        shared.with_writer(|writer| writer.add_segment(group, codes.len() as u32, reversed))?;
        // The overlap with the segment before was counted there.
        let weight = codes.len() - if first { 0 } else { shared.params.k as usize };
        let job = Job { sequence: *self.sequence, group, founder, codes, reversed, hints, weight };
        *self.sequence += 1;
        let shard = group as usize % shared.shards.len();
        let mut jobs = lock(&shared.shards[shard].jobs);
        jobs.0.push_back(job);
        if !std::mem::replace(&mut jobs.1, true) {
            shared.table.put(Task::Encode(shard));
        }
        Ok(())
    }
}

fn finished() -> Error {
    Error::Internal("the archive is finished already".into())
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a worker panicked".to_owned())
}
