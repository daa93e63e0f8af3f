//! Batches of chunks: what is mapped to the same state of the atlas.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::chunk::Chunk;
use super::map::Mapped;

/// Chunks of a batch at most, so that all threads have some; the first batches are small, since little is known yet.
const MOST_IN_BATCH: u64 = 16;

/// Chunks of the first batch: parameters are chosen by it.
const FIRST_BATCH: u64 = 4;

/// Chunks by number, with what was found out about each of their stretches.
pub(super) type Batch = BTreeMap<u64, (Arc<Chunk>, Vec<Mapped>)>;

/// The batches: chunks of one are mapped to what was known when it began, so that the result does not depend on which
/// of them is mapped first. Sizes follow from the number of chunks alone.
pub(super) struct Batches {
    /// First chunk of the batch, and the one behind its last.
    pub(super) first: u64,
    pub(super) end: u64,
    /// Chunks of the batch that are mapped.
    pub(super) mapped: Batch,
    /// Chunks of later batches.
    pub(super) held: VecDeque<(u64, Arc<Chunk>)>,
    /// Behind the last chunk, once that is known.
    pub(super) closed: Option<u64>,
    /// Chunks of the batch that are there, in order, if digests are wanted and not on their way yet.
    arrived: Vec<Arc<Chunk>>,
    digests: bool,
}

impl Batches {
    /// With digests, if they are wanted.
    pub(super) fn new(digests: bool) -> Self {
        Batches {
            first: 0,
            end: FIRST_BATCH,
            mapped: BTreeMap::new(),
            held: VecDeque::new(),
            closed: None,
            arrived: Vec::new(),
            digests,
        }
    }

    /// Notes the next chunk of the batch. When it is the last one, all of them are to be digested.
    pub(super) fn arrive(&mut self, chunk: &Arc<Chunk>) -> Option<Vec<Arc<Chunk>>> {
        if !self.digests {
            return None;
        }
        self.arrived.push(chunk.clone());
        if self.arrived.len() as u64 == self.end - self.first { self.take_arrived() } else { None }
    }

    /// Takes the chunks that are to be digested, if there are any.
    pub(super) fn take_arrived(&mut self) -> Option<Vec<Arc<Chunk>>> {
        Some(std::mem::take(&mut self.arrived)).filter(|chunks| !chunks.is_empty())
    }

    /// Takes all chunks of the batch, if all are mapped.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let end = self.closed.map_or(self.end, |closed| self.end.min(closed));
        let complete = end > self.first && self.mapped.len() as u64 == end - self.first;
        complete.then(|| std::mem::take(&mut self.mapped))
    }

    /// Goes on to the next batch; the chunks of it that are there already.
    pub(super) fn advance(&mut self) -> Vec<(u64, Arc<Chunk>)> {
        self.first = self.end;
        self.end += (self.first / 2).clamp(1, MOST_IN_BATCH);
        let ready = self.held.iter().take_while(|(number, _)| *number < self.end).count();
        self.held.drain(..ready).collect()
    }
}
