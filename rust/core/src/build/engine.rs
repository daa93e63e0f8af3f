//! The engine: tasks, who runs them, and the state that each of them needs.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::chunk::{CHUNK, Chunk, Mark};
use super::crew::{Table, lock};
use super::encode::{Job, Shard, Tools};
use super::key::key_of;
use super::resolve::Resolver;
use super::scan::{Hit, scan};
use super::splitters::SplitterSet;
use super::stats::Stats;
use super::stitch::{Cut, Stitcher};
use super::write::Writer;
use crate::error::{Error, Result};
use crate::layout::Params;

/// Owners of groups: enough that two threads rarely want the same one.
const SHARDS: usize = 64;

/// Groups whose last packs one task finishes.
const GROUPS_A_TASK: usize = 16;

/// Chunks in flight, for each thread, beside what a segment needs.
const CHUNKS_A_THREAD: usize = 8;

enum Task {
    /// Scan a chunk, then sequence all chunks whose turn it is.
    Scan(u64, Chunk),
    /// Encode what waits for a shard.
    Encode(usize),
    /// Finish the last packs of these groups; the first part has this sequence number.
    Finish(u64, Vec<u32>),
}

/// What is done in input order: stitching and resolving.
struct Sequencer {
    stitcher: Stitcher,
    resolver: Resolver,
    sequence: u64,
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

struct Shared {
    params: Params,
    table: Table<Task>,
    splitters: OnceLock<SplitterSet>,
    waiting: Mutex<Waiting>,
    sequencer: Mutex<Sequencer>,
    shards: Vec<ShardCell>,
    writer: Mutex<Option<Writer>>,
    bases: AtomicU64,
    chunks: Pool<Chunk>,
    buffers: Pool<Vec<u8>>,
}

/// Emptied buffers on their way back.
struct Pool<T> {
    back: Sender<T>,
    next: Receiver<T>,
}

impl<T: Default> Pool<T> {
    fn new(size: usize) -> Self {
        let (back, next) = bounded(size);
        Pool { back, next }
    }

    fn take(&self) -> T {
        self.next.try_recv().unwrap_or_default()
    }

    fn give(&self, item: T) {
        let _ = self.back.try_send(item);
    }
}

/// Runs the stages behind the parser.
pub(super) struct Engine {
    shared: Arc<Shared>,
    tools: Tools,
    stop: Option<Sender<()>>,
    workers: Vec<JoinHandle<()>>,
    submitted: u64,
}

impl Engine {
    /// Starts `threads - 1` threads; the caller's is the last of the crew.
    pub(super) fn start(params: Params, threads: usize, writer: Writer) -> Result<Engine> {
        let stitcher = Stitcher::new(params.k, params.segment_size);
        let in_flight = stitcher.cap() + CHUNK * (CHUNKS_A_THREAD * threads + 2);
        let shared = Arc::new(Shared {
            params,
            table: Table::new(in_flight),
            splitters: OnceLock::new(),
            waiting: Mutex::default(),
            sequencer: Mutex::new(Sequencer { stitcher, resolver: Resolver::new(), sequence: 0 }),
            shards: (0..SHARDS).map(|_| ShardCell::default()).collect(),
            writer: Mutex::new(Some(writer)),
            bases: AtomicU64::new(0),
            chunks: Pool::new(CHUNKS_A_THREAD * threads),
            buffers: Pool::new(64 * threads),
        });
        let (stop, stopped) = bounded(0);
        let mut engine =
            Engine { shared, tools: Tools::default(), stop: Some(stop), workers: Vec::new(), submitted: 0 };
        for i in 1..threads {
            let (shared, stopped) = (engine.shared.clone(), stopped.clone());
            let worker = thread::Builder::new()
                .name(format!("panarc-{i}"))
                .spawn(move || shared.serve(&stopped))
                .map_err(|e| Error::io("thread", "start", e))?;
            engine.workers.push(worker);
        }
        Ok(engine)
    }

    /// Sets the splitters; nothing may be submitted before.
    pub(super) fn set_splitters(&self, splitters: SplitterSet) {
        let _ = self.shared.splitters.set(splitters);
    }

    /// An empty chunk.
    pub(super) fn chunk(&self) -> Chunk {
        self.shared.chunks.take()
    }

    /// Hands a chunk to the crew, working for it while too much is in flight.
    pub(super) fn submit(&mut self, chunk: Chunk, interrupted: impl Fn() -> bool) -> Result<()> {
        let (shared, tools) = (&self.shared, &mut self.tools);
        shared.table.acquire(chunk.weight, |task| shared.run(task, tools), interrupted)?;
        shared.table.put(Task::Scan(self.submitted, chunk));
        self.submitted += 1;
        Ok(())
    }

    /// Whether a stage has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.table.has_failed()
    }

    /// Why it failed.
    pub(super) fn failure(&self) -> Error {
        self.shared.table.take_failure()
    }

    /// Finishes all work, then the archive.
    pub(super) fn finish(mut self, interrupted: impl Fn() -> bool) -> Result<Stats> {
        let (shared, tools) = (&*self.shared, &mut self.tools);
        shared.table.drain(|task| shared.run(task, tools), &interrupted)?;
        let groups = lock(&shared.sequencer).resolver.groups();
        let mut sequence = lock(&shared.sequencer).sequence;
        with_writer(shared, Writer::finish_batches)?;
        let mut unfinished: Vec<u32> = Vec::new();
        for cell in &shared.shards {
            unfinished.extend(lock(&cell.shard).unfinished());
        }
        unfinished.sort_unstable();
        for groups in unfinished.chunks(GROUPS_A_TASK) {
            shared.table.put(Task::Finish(sequence, groups.to_vec()));
            sequence += groups.len() as u64;
        }
        shared.table.drain(|task| shared.run(task, tools), &interrupted)?;
        let splitters = shared.splitters.get();
        let keys = lock(&shared.sequencer).resolver.stored_keys(|kmer| splitters.is_some_and(|set| set.contains(kmer)));
        let sorted = splitters.map(SplitterSet::sorted).unwrap_or_default();
        let writer = lock(&shared.writer).take().ok_or_else(finished)?;
        let mut stats = writer.finish(&sorted, &keys, groups)?;
        stats.bases = shared.bases.load(Ordering::Relaxed);
        Ok(stats)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What is still on the table is dropped, not run.
        self.shared.table.fail(Error::Interrupted);
        self.stop = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

fn finished() -> Error {
    Error::Internal("the archive is finished already".into())
}

fn with_writer<R>(shared: &Shared, f: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
    f(lock(&shared.writer).as_mut().ok_or_else(finished)?)
}

impl Shared {
    /// A worker's life.
    fn serve(&self, stopped: &Receiver<()>) {
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
    fn run(&self, task: Task, tools: &mut Tools) {
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
        let mut hits = Vec::new();
        scan(&chunk, splitters, &mut hits);
        lock(&self.waiting).chunks.insert(number, (chunk, hits));
        // Whoever finds the sequencer free takes all chunks whose turn it is. Who finds it taken may leave: the other
        // looks again after letting go.
        loop {
            let Ok(mut sequencer) = self.sequencer.try_lock() else { return Ok(()) };
            while let Some((chunk, hits)) = self.next_chunk() {
                self.sequence(&mut sequencer, chunk, &hits)?;
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
                    with_writer(self, |writer| writer.begin_sample(name, next))?;
                }
                Some(Mark::Contig(name)) => with_writer(self, |writer| writer.begin_contig(&name))?,
                Some(Mark::EndContig) => stitcher.finish(|cut| placer.emit(cut)),
                Some(Mark::EndSample) => with_writer(self, Writer::end_sample)?,
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
            let (place, part) = shard.store(&mut job, &self.params, tools)?;
            with_writer(self, |writer| writer.stored(job.sequence, place, part))?;
            self.buffers.give(job.codes);
            self.table.release(job.weight);
        }
    }

    fn finish_groups(&self, mut sequence: u64, groups: &[u32], tools: &mut Tools) -> Result<()> {
        for &group in groups {
            let part = lock(&self.shards[group as usize % SHARDS].shard).finish(group, tools)?;
            with_writer(self, |writer| writer.part(sequence, part))?;
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
        with_writer(shared, |writer| writer.add_segment(place.group(), cut.codes.len() as u32, reversed))?;
        // The overlap with the segment before was counted there.
        let weight = cut.codes.len() - if cut.first { 0 } else { shared.params.k as usize };
        let job = Job { sequence: *self.sequence, place, codes: cut.codes, reversed, weight };
        *self.sequence += 1;
        let shard = place.group() as usize % SHARDS;
        let mut jobs = lock(&shared.shards[shard].jobs);
        jobs.0.push_back(job);
        if !std::mem::replace(&mut jobs.1, true) {
            shared.table.put(Task::Encode(shard));
        }
        Ok(())
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a worker panicked".to_owned())
}
