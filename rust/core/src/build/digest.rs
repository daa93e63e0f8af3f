//! Computing digests of contigs as their codes stream by, in input order.

use std::sync::Arc;

use super::base::OldDigests;
use super::chunk::{Chunk, Mark};
use crate::digest::{Hasher, Job, PartWriter, Rule, advance};
use crate::error::Result;

/// Contigs that are taken further together at most. More would need memory and gain nothing.
const TOGETHER: usize = 64;

/// A part on its way to the file: its metadata and payload.
pub(super) type DigestPart = (u64, Vec<u8>);

/// Follows contigs as chunks come. Holds the part of the batch of samples that is not full yet.
pub(super) struct DigestGatherer {
    rule: Rule,
    /// The first sample that has digests.
    first: usize,
    /// Samples of a part, and samples of the archive that have ended.
    cardinality: usize,
    samples: usize,
    /// The contig that goes on in the next chunk.
    open: Option<Hasher>,
    part: PartWriter,
}

impl DigestGatherer {
    /// Behind `samples` samples, with what is known of their digests; a part is for `cardinality` samples.
    pub(super) fn new(rule: Rule, cardinality: u32, samples: usize, old: Option<&OldDigests>) -> DigestGatherer {
        DigestGatherer {
            rule: old.map_or(rule, |old| old.rule),
            first: old.map_or(samples, |old| old.first),
            cardinality: cardinality as usize,
            samples,
            open: None,
            part: old.map_or_else(PartWriter::default, OldDigests::open),
        }
    }

    /// Takes the next chunks. `done` takes parts that are full.
    pub(super) fn push(&mut self, chunks: &[Arc<Chunk>], mut done: impl FnMut(DigestPart) -> Result<()>) -> Result<()> {
        let mut jobs: Vec<Job<'_>> = Vec::with_capacity(TOGETHER);
        let mut open = self.open.is_some();
        jobs.extend(self.open.take().map(|hasher| Job { hasher, codes: Vec::new() }));
        for chunk in chunks {
            let mut at = 0;
            let marks = chunk.marks.iter().map(|(place, mark)| (*place, Some(mark)));
            for (place, mark) in marks.chain([(chunk.codes.len(), None)]) {
                if place > at
                    && let Some(job) = jobs.last_mut()
                {
                    job.codes.push(&chunk.codes[at..place]);
                }
                at = place;
                match mark {
                    Some(Mark::Contig(header)) => {
                        self.part.headers.contig(header);
                        if jobs.len() == TOGETHER {
                            self.end_contigs(&mut jobs)?;
                        }
                        jobs.push(Job { hasher: Hasher::new(self.rule.md5()), codes: Vec::new() });
                        open = true;
                    }
                    Some(Mark::EndContig) => open = false,
                    Some(Mark::EndSample) => {
                        self.samples += 1;
                        self.part.headers.end_sample();
                        if self.samples.is_multiple_of(self.cardinality) {
                            self.end_contigs(&mut jobs)?;
                            done(self.part.take())?;
                        }
                    }
                    Some(Mark::Sample(_)) | None => {}
                }
            }
        }
        advance(&mut jobs);
        self.open = if open { jobs.pop().map(|job| job.hasher) } else { None };
        self.add(&mut jobs)
    }

    /// Takes contigs to their ends, and their digests.
    fn end_contigs(&mut self, jobs: &mut Vec<Job<'_>>) -> Result<()> {
        advance(jobs);
        self.add(jobs)
    }

    fn add(&mut self, jobs: &mut Vec<Job<'_>>) -> Result<()> {
        jobs.drain(..).try_for_each(|job| self.part.push(self.rule, &job.hasher.finish()))
    }

    /// The last part, if its batch of samples is not full, and the content of the header.
    pub(super) fn finish(mut self) -> (Option<DigestPart>, Vec<u8>) {
        let last = !self.samples.is_multiple_of(self.cardinality) && self.samples > self.first;
        (last.then(|| self.part.take()), self.rule.encode(self.first))
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.part.memory() + TOGETHER * size_of::<Job<'_>>()
    }
}
