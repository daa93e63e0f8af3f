//! The engine: starts the crew, feeds it chunks, and finishes the archive.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};

use super::base::Base;
use super::chunk::{CHUNK, Chunk};
use super::crew::lock;
use super::encode::Tools;
use super::memory::{BURST, Memory, Pressure};
use super::options::Options;
use super::settle::{self, Settler};
use super::shared::Shared;
use super::stats::Stats;
use super::tasks::Task;
use super::write::Writer;
use crate::collection::BatchSize;
use crate::error::{Error, Result};
use crate::fasta::{Interrupt, Offer};
use crate::layout::Params;
use crate::stop::{Asking, give_up_if};

/// Groups whose last packs one task finishes.
const GROUPS_A_TASK: usize = 16;

/// Runs the stages behind the parser.
pub(super) struct Engine {
    shared: Arc<Shared>,
    memory: Memory,
    tools: Tools,
    stop: Option<Sender<()>>,
    workers: Vec<JoinHandle<()>>,
    submitted: u64,
    started: Instant,
    threads: usize,
    pid: u32,
}

impl Engine {
    /// Starts all threads but one: the caller's is the last of the crew. What does not fit into memory goes to a
    /// temporary file in `folder`.
    pub(super) fn start(
        options: &Options,
        params: Params,
        writer: Writer,
        base: Option<Base>,
        folder: &Path,
    ) -> Result<Engine> {
        let settler = Settler::new(params.k, params.segment_size);
        let longest = settle::cap(params.segment_size.max(options.largest_segment_size()) as usize);
        let memory = Memory::plan(options, options.threads.max(1), longest)?;
        let threads = memory.threads();
        #[cfg(test)]
        let memory = memory.with_in_flight(options.in_flight);
        let shared = Arc::new(Shared::new(options, settler, params, &memory, writer, base, folder));
        let (stop, stopped) = bounded(0);
        let mut engine = Engine {
            shared,
            memory,
            tools: Tools::new(&params),
            stop: Some(stop),
            workers: Vec::new(),
            submitted: 0,
            started: Instant::now(),
            threads,
            pid: std::process::id(),
        };
        for i in 1..threads {
            let (shared, stopped) = (engine.shared.clone(), stopped.clone());
            let worker = thread::Builder::new()
                .name(format!("panarc-{i}"))
                .spawn(move || {
                    let asked = Arc::clone(&shared);
                    let _asking = give_up_if(move || asked.table.has_failed());
                    shared.serve(&stopped);
                })
                .map_err(|e| Error::io("thread", "start", e))?;
            engine.workers.push(worker);
        }
        Ok(engine)
    }

    /// Makes what the archive has that the build goes on from known; before any chunk.
    pub(super) fn resume(&self, interrupt: &Interrupt) -> Result<()> {
        // Before, so that references may stay in memory; and behind, as there are more of them now.
        self.keep_below()?;
        let _asking = self.asking(interrupt);
        self.shared.explained(self.shared.resume(&**interrupt, || self.keep_below()))?;
        self.keep_below()
    }

    /// How large the batch of samples is that the archive ends with, if it is not full.
    pub(super) fn open_batch(&self) -> Result<BatchSize> {
        self.shared.with_writer(|writer| Ok(writer.open_batch()))
    }

    /// So many samples to come are copies of what is archived already: it is not told whether they are related.
    pub(super) fn expect_copies(&self, samples: usize) {
        lock(&self.shared.sequencer).kinship.copies = samples;
    }

    #[cfg(test)]
    pub(super) fn set_hook(&self, hook: super::tests::HookFn) {
        *lock(&self.shared.hook) = Some(hook);
    }

    /// Where work on input is taken, and how much of it at a time. Two threads have no use for it: the one that reads can
    /// keep the other busy, and text is best where it was inflated.
    pub(super) fn offer(&self) -> Option<(Offer, usize)> {
        let shared = self.shared.clone();
        let offer: Offer = Arc::new(move |work| shared.table.put(Task::Inflate(work)));
        (self.threads > 2).then_some((offer, self.threads))
    }

    /// An empty chunk.
    pub(super) fn chunk(&self) -> Chunk {
        let mut chunk = self.shared.chunks.take();
        // All at once, as a vector that grows by itself ends up twice as long.
        chunk.codes.reserve_exact(CHUNK);
        chunk
    }

    /// The memory limit in bytes.
    pub(super) fn memory_limit(&self) -> usize {
        self.memory.limit()
    }

    /// Puts aside what can be, so that the process keeps to its memory limit; how near to it that is then.
    fn govern(&self) -> Result<Pressure> {
        self.memory.govern(&self.shared.store, || self.shared.shrink())
    }

    /// As [`Engine::govern`], where there is nothing to wait for.
    fn keep_below(&self) -> Result<()> {
        if self.govern()? == Pressure::Over { Err(self.memory.exceeded()) } else { Ok(()) }
    }

    /// Makes the process keep to its memory limit. Where it comes near, less is in flight at a time from then on, and no
    /// buffers are kept; where that is not enough, all that is in flight is done first.
    ///
    /// # Errors
    /// [`Error::MemoryLimit`] when even that does not do.
    fn make_room(&mut self, interrupted: impl Fn() -> bool) -> Result<()> {
        if self.govern()? == Pressure::None {
            return Ok(());
        }
        let (shared, tools) = (&*self.shared, &mut self.tools);
        shared.table.tighten(BURST);
        shared.chunks.close();
        shared.buffers.close();
        if self.memory.govern(&shared.store, || shared.shrink())? == Pressure::Over {
            shared.table.drain(|task| shared.run(task, tools), || stop_if(interrupted()))?;
            self.memory.trim();
            self.keep_below()?;
        }
        Ok(())
    }

    /// Hands a chunk to the crew, working for it while too much is in flight.
    pub(super) fn submit(&mut self, chunk: Chunk, interrupt: &Interrupt) -> Result<()> {
        let _asking = self.asking(interrupt);
        let handed = self.hand_on(chunk, &**interrupt);
        self.shared.explained(handed)
    }

    fn hand_on(&mut self, chunk: Chunk, interrupted: impl Fn() -> bool) -> Result<()> {
        if let Err(error) = self.make_room(&interrupted) {
            self.shared.table.fail(error);
        }
        let (shared, tools) = (&*self.shared, &mut self.tools);
        shared.table.acquire(chunk.burden(), |task| shared.run(task, tools), || stop_if(interrupted()))?;
        shared.peaks.in_flight.see(shared.table.weight());
        shared.submit(self.submitted, chunk);
        self.submitted += 1;
        Ok(())
    }

    /// Until the result is dropped the caller's thread gives up what it works for when the build has failed, or when it
    /// is interrupted.
    fn asking(&self, interrupt: &Interrupt) -> Asking {
        let (shared, interrupt) = (Arc::clone(&self.shared), Arc::clone(interrupt));
        give_up_if(move || shared.table.has_failed() || interrupt())
    }

    /// Why the build failed, if it has.
    pub(super) fn failure(&self) -> Option<Error> {
        self.shared.table.has_failed().then(|| self.shared.table.take_failure())
    }

    /// Finishes all work, then the archive.
    pub(super) fn finish(self, interrupt: &Interrupt) -> Result<Stats> {
        let (_asking, shared) = (self.asking(interrupt), Arc::clone(&self.shared));
        shared.explained(self.complete(&**interrupt))
    }

    fn complete(mut self, interrupted: impl Fn() -> bool) -> Result<Stats> {
        let (shared, tools, memory) = (&*self.shared, &mut self.tools, &self.memory);
        let watch = || {
            stop_if(interrupted())?;
            // Nothing more comes in, so what is in flight only gets less.
            memory.govern(&shared.store, || shared.shrink()).map(|_| ())
        };
        shared.table.drain(|task| shared.run(task, tools), watch)?;
        shared.close(self.submitted)?;
        shared.table.drain(|task| shared.run(task, tools), watch)?;
        shared.chunks.close();
        shared.buffers.close();
        memory.trim();
        if memory.govern(&shared.store, || shared.shrink())? == Pressure::Over {
            return Err(memory.exceeded());
        }
        let mut sequence = lock(&shared.sequencer).sequence;
        // While the collection is compressed, another thread can choose keys.
        shared.table.put(Task::Keys);
        shared.with_writer(Writer::finish_batches)?;
        let unfinished = shared.unfinished();
        // So few that every thread gets several tasks, if there are enough groups.
        let together = (unfinished.len() / (4 * self.threads)).clamp(1, GROUPS_A_TASK);
        for groups in unfinished.chunks(together) {
            shared.table.put(Task::Finish(sequence, groups.to_vec()));
            sequence += groups.len() as u64;
        }
        shared.table.drain(|task| shared.run(task, tools), watch)?;
        let stats = shared.finish_writer(&interrupted)?;
        shared.peaks.tools.see(self.threads * tools.memory());
        Ok(shared.report(stats, self.started.elapsed().as_secs_f64(), memory.limit()))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A forked child has this value but not the threads, and must not wait for them.
        if std::process::id() != self.pid {
            self.workers.drain(..).for_each(std::mem::forget);
            // Nor may it write what stands in the writer's buffer: the file is the parent's, and so is its position.
            std::mem::forget(Arc::clone(&self.shared));
            return;
        }
        // What is still on the table is dropped, not run.
        self.shared.table.fail(Error::Interrupted);
        self.stop = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

fn stop_if(interrupted: bool) -> Result<()> {
    if interrupted { Err(Error::Interrupted) } else { Ok(()) }
}
