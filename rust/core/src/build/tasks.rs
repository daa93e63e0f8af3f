//! What the crew does: the tasks, and how a thread runs them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use crossbeam_channel::{Receiver, select};

use super::batches::Batches;
use super::chunk::Chunk;
use super::crew::lock;
use super::encode::Tools;
use super::map::Mapped;
use super::shared::{Shared, Stage};
use crate::error::{Error, Result};
use crate::fasta::Work;
use crate::stop::go_on;

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

impl Shared {
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
    pub(super) fn take_up(&self, batches: &mut Batches, chunks: Vec<(u64, Arc<Chunk>)>) {
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
                    tools.mapper.map(&chunk.codes[at..place], &atlas.bank, &atlas.index, k, &mut mapped)?;
                    stretches.push(mapped);
                    at = place;
                }
            }
            Ok::<_, Error>(stretches)
        })?;
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
            go_on()?;
            if let Some(digests) = &mut *lock(&self.digests) {
                self.clocks.digest.time(|| {
                    digests.push(&chunks, |part| {
                        let (contigs, payload) = part;
                        let extent = self.store.append(&payload)?;
                        self.with_writer(|writer| {
                            writer.digest_part(contigs, extent);
                            Ok(())
                        })
                    })
                })?;
                self.peaks.digests.see(digests.memory());
            }
            chunks.into_iter().for_each(|chunk| self.recycle(chunk));
        }
    }

    /// Takes a chunk back and frees its weight, if nobody else needs it.
    pub(super) fn recycle(&self, chunk: Arc<Chunk>) {
        if let Some(mut chunk) = Arc::into_inner(chunk) {
            let weight = chunk.burden();
            chunk.clear();
            self.chunks.give(chunk);
            self.table.release(weight);
        }
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
            go_on()?;
            self.reach(Stage::Encode)?;
            let weight = job.weight();
            let (place, part) = self.clocks.encode.time(|| shard.store(&mut job, &context, tools))?;
            self.with_writer(|writer| writer.stored(job.sequence, place, part))?;
            self.peaks.references.see(self.store.resident());
            self.buffers.give(job.codes);
            self.table.release(weight);
        }
    }

    fn finish_groups(&self, mut sequence: u64, groups: &[u32], tools: &mut Tools) -> Result<()> {
        for &group in groups {
            go_on()?;
            let cell = &self.shards[group as usize % self.shards.len()];
            let part = self.clocks.encode.time(|| lock(&cell.shard).finish(group, &self.context(), tools))?;
            self.with_writer(|writer| writer.part(sequence, part))?;
            sequence += 1;
        }
        Ok(())
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a worker panicked".to_owned())
}
