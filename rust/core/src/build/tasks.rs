//! What the crew does: the tasks, and the state that each of them needs.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::chunk::{CHUNK, Chunk, Mark};
use super::crew::{Table, lock};
use super::encode::{Context, Job, Shard, Tools};
use super::key::key_of;
use super::memory::Memory;
use super::resolve::Resolver;
use super::scan::{Hit, scan};
use super::spill::SpillStore;
use super::splitters::SplitterSet;
use super::stats::{Clock, Peak, Stats};
use super::stitch::{Cut, Stitcher};
use super::write::Writer;
use crate::error::{Error, Result};
use crate::layout::{Params, SegmentKey};

/// Owners of groups for each thread: enough that two threads rarely want the same one.
const SHARDS_A_THREAD: usize = 8;

/// Segment buffers on their way back, for each thread, at most.
const BUFFERS_A_THREAD: usize = 32;

/// The stages behind the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Cut,
    Resolve,
    Encode,
    Write,
}

pub(super) enum Task {
    /// Scan a chunk, then sequence all chunks whose turn it is.
    Scan(u64, Chunk),
    /// Encode what waits for a shard.
    Encode(usize),
    /// Finish the last packs of these groups; the first part has this sequence number.
    Finish(u64, Vec<u32>),
}

/// What is done in input order: stitching and resolving.
pub(super) struct Sequencer {
    stitcher: Stitcher,
    pub(super) resolver: Resolver,
    pub(super) sequence: u64,
}

/// Scanned chunks that wait for their turn.
#[derive(Default)]
struct Waiting {
    next: u64,
    chunks: BTreeMap<u64, (Chunk, Vec<Hit>)>,
}

#[derive(Default)]
struct ShardCell {
    /// Jobs in order, and whether a task for them is on the table.
    jobs: Mutex<(VecDeque<Job>, bool)>,
    shard: Mutex<Shard>,
}

/// Emptied buffers on their way back.
pub(super) struct Pool<T> {
    back: Sender<T>,
    next: Receiver<T>,
}

impl<T: Default> Pool<T> {
    fn new(size: usize) -> Self {
        let (back, next) = bounded(size);
        Pool { back, next }
    }

    pub(super) fn take(&self) -> T {
        self.next.try_recv().unwrap_or_default()
    }

    fn give(&self, item: T) {
        let _ = self.back.try_send(item);
    }
}

/// Greatest memory of each consumer.
#[derive(Default)]
pub(super) struct Peaks {
    pub(super) splitters: Peak,
    pub(super) in_flight: Peak,
    pub(super) keys: Peak,
    pub(super) tools: Peak,
    references: Peak,
    groups: Peak,
    writer: Peak,
}

#[derive(Default)]
struct Clocks {
    cut: Clock,
    resolve: Clock,
    encode: Clock,
    write: Clock,
}

/// What all threads of the crew share.
pub(super) struct Shared {
    params: Params,
    pub(super) table: Table<Task>,
    pub(super) splitters: OnceLock<SplitterSet>,
    waiting: Mutex<Waiting>,
    pub(super) sequencer: Mutex<Sequencer>,
    shards: Vec<ShardCell>,
    writer: Mutex<Option<Writer>>,
    pub(super) store: SpillStore,
    bases: AtomicU64,
    pub(super) chunks: Pool<Chunk>,
    buffers: Pool<Vec<u8>>,
    pub(super) peaks: Peaks,
    clocks: Clocks,
    #[cfg(test)]
    pub(super) hook: super::tests::Hook,
}

impl Shared {
    pub(super) fn new(
        params: Params,
        threads: usize,
        stitcher: Stitcher,
        memory: &Memory,
        writer: Writer,
        folder: &Path,
    ) -> Shared {
        Shared {
            params,
            table: Table::new(memory.in_flight()),
            splitters: OnceLock::new(),
            waiting: Mutex::default(),
            sequencer: Mutex::new(Sequencer { stitcher, resolver: Resolver::new(), sequence: 0 }),
            shards: (0..SHARDS_A_THREAD * threads).map(|_| ShardCell::default()).collect(),
            writer: Mutex::new(Some(writer)),
            store: SpillStore::new(folder, 0),
            bases: AtomicU64::new(0),
            chunks: Pool::new(memory.in_flight().div_ceil(CHUNK)),
            buffers: Pool::new(BUFFERS_A_THREAD * threads),
            peaks: Peaks::default(),
            clocks: Clocks::default(),
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
        Context { params: &self.params, store: &self.store, shards: self.shards.len() }
    }

    /// Does something with the writer, which is one for all threads.
    pub(super) fn with_writer<R>(&self, work: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
        let mut writer = lock(&self.writer);
        let writer = writer.as_mut().ok_or_else(finished)?;
        self.reach(Stage::Write)?;
        self.clocks.write.time(|| work(writer))
    }

    /// Writes the end of the archive.
    pub(super) fn finish_writer(&self, splitters: &[u64], keys: &[(SegmentKey, u32)], groups: u32) -> Result<Stats> {
        lock(&self.writer).take().ok_or_else(finished)?.finish(splitters, keys, groups)
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
        let Peaks { splitters, in_flight, keys, tools, references, groups, writer } = &self.peaks;
        let Clocks { cut, resolve, encode, write } = &self.clocks;
        stats.bases = self.bases.load(Ordering::Relaxed);
        stats.peaks = vec![
            ("splitters", splitters.get()),
            ("in_flight", in_flight.get()),
            ("references", references.get()),
            ("groups", groups.get()),
            ("keys", keys.get()),
            ("writer", writer.get()),
            ("tools", tools.get()),
        ];
        let (write, resolve, encode) = (write.seconds(), resolve.seconds(), encode.seconds());
        stats.seconds = vec![("cut", cut.seconds()), ("resolve", resolve), ("encode", encode), ("write", write)];
        stats.waited = self.table.waited.seconds();
        stats.elapsed = elapsed;
        stats.spilled = self.store.spilled();
        stats.memory_limit = limit as u64;
        stats
    }

    /// A worker's life.
    pub(super) fn serve(&self, stopped: &Receiver<()>) {
        let mut tools = Tools::default();
        loop {
            select! {
                recv(self.table.queue()) -> task => match task {
                    Ok(task) => self.run(task, &mut tools),
                    Err(_) => return,
                },
                recv(stopped) -> _ => return,
            }
        }
    }

    /// Runs a task; errors and panics become the build's failure.
    pub(super) fn run(&self, task: Task, tools: &mut Tools) {
        if !self.table.has_failed() {
            let done = catch_unwind(AssertUnwindSafe(|| match task {
                Task::Scan(number, chunk) => self.scan(number, chunk),
                Task::Encode(shard) => self.encode(shard, tools),
                Task::Finish(sequence, groups) => self.finish_groups(sequence, &groups, tools),
            }));
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.table.fail(error),
                Err(panic) => self.table.fail(Error::Internal(message(&*panic))),
            }
        }
        self.table.done();
    }

    fn scan(&self, number: u64, chunk: Chunk) -> Result<()> {
        let splitters = self.splitters.get().ok_or_else(|| Error::Internal("no splitters were chosen".into()))?;
        self.reach(Stage::Cut)?;
        let mut hits = Vec::new();
        self.clocks.cut.time(|| scan(&chunk, splitters, &mut hits));
        lock(&self.waiting).chunks.insert(number, (chunk, hits));
        // Whoever finds the sequencer free takes all chunks whose turn it is. Who finds it taken may leave: the other
        // looks again after letting go.
        loop {
            let Ok(mut sequencer) = self.sequencer.try_lock() else { return Ok(()) };
            while let Some((chunk, hits)) = self.next_chunk() {
                self.clocks.resolve.time(|| self.sequence(&mut sequencer, chunk, &hits))?;
            }
            drop(sequencer);
            let waiting = lock(&self.waiting);
            if !waiting.chunks.contains_key(&waiting.next) {
                return Ok(());
            }
        }
    }

    fn next_chunk(&self) -> Option<(Chunk, Vec<Hit>)> {
        let mut waiting = lock(&self.waiting);
        let next = waiting.next;
        let found = waiting.chunks.remove(&next)?;
        waiting.next += 1;
        Some(found)
    }

    /// Takes a chunk's contigs apart, in input order.
    fn sequence(&self, sequencer: &mut Sequencer, mut chunk: Chunk, hits: &[Hit]) -> Result<()> {
        self.reach(Stage::Resolve)?;
        let Sequencer { stitcher, resolver, sequence } = sequencer;
        let mut placer = Placer { shared: self, resolver, sequence, failure: None };
        let mut hits = hits.iter().peekable();
        let mut local = Vec::new();
        let mut at = chunk.context;
        let mut released = 0;
        let marks = std::mem::take(&mut chunk.marks);
        let end = (chunk.codes.len(), None);
        for (place, mark) in marks.into_iter().map(|(place, mark)| (place, Some(mark))).chain([end]) {
            if place > at {
                local.clear();
                while let Some(hit) = hits.next_if(|hit| hit.end <= place) {
                    local.push(Hit { end: hit.end - at, ..*hit });
                }
                stitcher.push(&chunk.codes[at..place], &local, |cut| placer.emit(cut));
                self.bases.fetch_add((place - at) as u64, Ordering::Relaxed);
                at = place;
            }
            released += mark.as_ref().map_or(0, Mark::weight);
            match mark {
                Some(Mark::Sample(name)) => {
                    let next = *placer.sequence;
                    self.with_writer(|writer| writer.begin_sample(name, next))?;
                }
                Some(Mark::Contig(name)) => self.with_writer(|writer| writer.begin_contig(&name))?,
                Some(Mark::EndContig) => stitcher.finish(|cut| placer.emit(cut)),
                Some(Mark::EndSample) => self.with_writer(|writer| {
                    self.peaks.writer.see(writer.memory());
                    writer.end_sample()
                })?,
                None => {}
            }
        }
        // Codes stay in flight with their segments; marks do not.
        self.table.release(released);
        self.chunks.give(chunk);
        placer.failure.map_or(Ok(()), Err)
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

/// Takes segments from the stitcher, in input order.
struct Placer<'a> {
    shared: &'a Shared,
    resolver: &'a mut Resolver,
    sequence: &'a mut u64,
    failure: Option<Error>,
}

impl Placer<'_> {
    /// Places a segment; an empty buffer for the next one.
    fn emit(&mut self, cut: Cut) -> Vec<u8> {
        if self.failure.is_none() {
            self.failure = self.place(cut).err();
        }
        self.shared.buffers.take()
    }

    /// Gives a segment its group and number in sequence, and puts it before its shard.
    fn place(&mut self, cut: Cut) -> Result<()> {
        let shared = self.shared;
        let (key, reversed) = key_of(&cut.codes, cut.front, cut.back, shared.params.k);
        let place = self.resolver.resolve(key)?;
        shared.with_writer(|writer| writer.add_segment(place.group(), cut.codes.len() as u32, reversed))?;
        // The overlap with the segment before was counted there.
        let weight = cut.codes.len() - if cut.first { 0 } else { shared.params.k as usize };
        let job = Job { sequence: *self.sequence, place, codes: cut.codes, reversed, weight };
        *self.sequence += 1;
        let shard = place.group() as usize % shared.shards.len();
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
