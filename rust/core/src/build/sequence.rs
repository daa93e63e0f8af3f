//! Settling batches in input order: contigs are taken apart, and segments go to the shards that own their groups.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::atlas::Atlas;
use super::batches::Batch;
use super::case::{CaseBlock, CaseGatherer};
use super::chunk::{Chunk, Mark};
use super::crew::lock;
use super::encode::Job;
use super::first_sample::first_sample;
use super::kinship::Kinship;
use super::map::Mapped;
use super::settle::{Cut, Settler};
use super::shared::{Shared, Stage};
use super::tasks::Task;
use crate::error::{Error, Result};
use crate::stop::go_on;

/// What is done in input order.
pub(super) struct Sequencer {
    pub(super) settler: Settler,
    /// None if case is not kept.
    pub(super) case: Option<CaseGatherer>,
    pub(super) sequence: u64,
    pub(super) kinship: Kinship,
    /// Whether the size of new groups is yet to be chosen.
    pub(super) choosing: bool,
}

impl Shared {
    /// Settles a batch and goes on to the next.
    pub(super) fn settle(&self, batch: Batch) -> Result<()> {
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
                go_on()?;
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
        let Sequencer { settler, case, sequence, kinship, .. } = sequencer;
        let mut placer = Placer { shared: self, sequence, kinship, failure: None };
        let released = mapped.iter().map(Mapped::memory).sum();
        let (mut mapped, nothing) = (mapped.iter(), Mapped::default());
        let mut at = 0;
        let end = (chunk.codes.len(), None);
        for (place, mark) in chunk.marks.iter().map(|(place, mark)| (*place, Some(mark))).chain([end]) {
            if place > at {
                let mapped = mapped.next().unwrap_or(&nothing);
                settler.push(&chunk.codes[at..place], mapped, known, atlas, &mut |cut| placer.emit(cut))?;
                self.bases.fetch_add((place - at) as u64, Ordering::Relaxed);
                if let Some(case) = case {
                    case.push(&chunk.case, at..place, |block| self.case_block(*placer.sequence, block))?;
                }
                at = place;
            }
            match mark {
                Some(Mark::Sample(name)) => {
                    let next = *placer.sequence;
                    settler.begin_sample();
                    placer.kinship.begin_sample(name, atlas.len());
                    case.iter_mut().for_each(CaseGatherer::begin_sample);
                    self.with_writer(|writer| writer.begin_sample(name.clone(), next))?;
                }
                Some(Mark::Contig(name)) => {
                    case.iter_mut().for_each(CaseGatherer::begin_contig);
                    self.with_writer(|writer| writer.begin_contig(name))?;
                }
                Some(Mark::EndContig) => {
                    settler.finish(atlas, &mut |cut| placer.emit(cut))?;
                    if let Some(case) = case {
                        case.end_contig(|block| self.case_block(*placer.sequence, block))?;
                        self.peaks.case.see(case.memory());
                    }
                }
                Some(Mark::EndSample) => {
                    placer.kinship.end_sample();
                    self.with_writer(|writer| {
                        self.peaks.writer.see(writer.memory());
                        writer.end_sample()
                    })?;
                }
                None => {}
            }
        }
        // The chunk itself stays in flight until it is digested as well; its segments count by themselves.
        self.table.release(released);
        placer.failure.map_or(Ok(()), Err)
    }

    fn case_block(&self, sequence: u64, block: CaseBlock) -> Result<()> {
        self.with_writer(|writer| {
            writer.case_block(sequence, block);
            Ok(())
        })
    }
}

/// Takes segments from the settler, in input order.
struct Placer<'a> {
    shared: &'a Shared,
    sequence: &'a mut u64,
    kinship: &'a mut Kinship,
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
        let Cut { codes, group, founder, reversed, hints } = cut;
        if group >= 1 << 30 {
            return Err(Error::Parameter("the collection needs more than a billion groups".into()));
        }
        shared.with_writer(|writer| writer.add_segment(group, codes.len() as u32, reversed))?;
        self.kinship.add(group, codes.len());
        let job = Job { sequence: *self.sequence, group, founder, codes, reversed, hints };
        shared.table.burden(job.weight());
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
