//! Lower case: found when bases are first read, and put on letters as they come out.

use std::sync::{Arc, OnceLock};

use super::cache::{Entry, Key};
use super::extra::Extra;
use super::open::Archive;
use super::sample::Sample;
use super::stretch::Stretch;
use crate::alphabet::LOWER;
use crate::case::{Block, Index, MOST, VERSION};
use crate::codec::Decompressor;
use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::crc32;

/// What an archive knows of lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Nothing: all bases are upper case.
    Upper,
    /// Where it was.
    Kept,
    /// Something that was written for other samples, and is not used.
    Stale,
    /// Something that a later version of panarc can read.
    Later,
}

impl Entry for Block {
    fn memory(&self) -> usize {
        Block::memory(self)
    }
}

/// The stream of lower case, if there is one.
pub(super) struct CaseStore {
    stream: Option<usize>,
    found: OnceLock<Extra<Masks>>,
}

/// Blocks of lower case, decoded when asked for.
pub(crate) struct Masks {
    stream: usize,
    index: Index,
}

impl CaseStore {
    pub(super) fn new(stream: Option<usize>) -> CaseStore {
        CaseStore { stream, found: OnceLock::new() }
    }

    fn find(&self, archive: &Archive) -> Result<Option<&Extra<Masks>>> {
        let Some(stream) = self.stream else { return Ok(None) };
        if let Some(found) = self.found.get() {
            return Ok(Some(found));
        }
        let found = archive.extra(stream, VERSION, |content, blocks| {
            let index = Index::decode(content, blocks)?;
            Ok(Masks { stream, index })
        })?;
        Ok(Some(self.found.get_or_init(|| found)))
    }
}

impl Masks {
    /// The registry's number of the stream.
    pub(crate) fn stream(&self) -> usize {
        self.stream
    }

    /// The index of blocks.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// A block by its number.
    pub(crate) fn block(&self, archive: &Archive, number: usize) -> Result<Arc<Block>> {
        let container = archive.container();
        let decode = || self.decode(container, number).map_err(|e| container.placed(e, self.stream, number));
        archive.catalog().cache().load(Key::Case(number as u32), decode)
    }

    fn decode(&self, container: &Container, number: usize) -> Result<Block> {
        let (mut payload, mut content) = (Vec::new(), Vec::new());
        let size = container.read_part(self.stream, number, &mut payload)?;
        if size > MOST {
            return Err(Error::corrupt(format!("a block of lower case of {size} bytes; {MOST} are allowed")));
        }
        Decompressor::default().decompress(&payload, size, &mut content)?;
        let entry = self.index.entries()[number];
        if crc32(&content) != entry.crc {
            return Err(Error::corrupt("a block of lower case has another checksum than the index"));
        }
        Block::decode(content, entry.first)
    }
}

/// Puts lower case on letters; holds on to the last block.
pub(super) struct Mask<'a> {
    masks: &'a Masks,
    archive: &'a Archive,
    held: Option<(usize, Arc<Block>)>,
}

impl Mask<'_> {
    /// Makes those of the upper-case `letters` lower case that were; they begin at `base` of a contig.
    pub(super) fn lower(&mut self, sample: &Sample, contig: usize, base: u64, letters: &mut [u8]) -> Result<()> {
        let (place, contig_number) = (sample.place(), contig as u32);
        let range = base..base + letters.len() as u64;
        for number in self.masks.index.touching(place, contig_number, &range) {
            drop(self.held.take_if(|(held, _)| *held != number));
            let (_, block) = match &mut self.held {
                Some(held) => held,
                none => none.insert((number, self.masks.block(self.archive, number)?)),
            };
            let Some(end) = block.end(place, contig_number) else { continue };
            if end > sample.length(contig)? {
                let error = Error::corrupt("lower case beyond the end of a contig");
                return Err(self.archive.container().placed(error, self.masks.stream, number));
            }
            for run in block.runs(place, contig_number, range.clone()) {
                let run = &mut letters[(run.start - base) as usize..(run.end - base) as usize];
                run.iter_mut().for_each(|letter| *letter |= LOWER);
            }
        }
        Ok(())
    }
}

impl Archive {
    /// What the archive knows of lower case; whether it is given back depends on
    /// [`ReadOptions::upper`](super::ReadOptions::upper) too.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when what tells it is damaged, [`Error::Io`].
    pub fn case(&self) -> Result<Case> {
        Ok(match self.case_store().find(self)? {
            None => Case::Upper,
            Some(Extra::Current(_)) => Case::Kept,
            Some(Extra::Stale) => Case::Stale,
            Some(Extra::Later) => Case::Later,
        })
    }

    /// The blocks of lower case, if they belong to the archive's samples.
    pub(crate) fn masks(&self) -> Result<Option<&Masks>> {
        Ok(match self.case_store().find(self)? {
            Some(Extra::Current(masks)) => Some(masks),
            _ => None,
        })
    }

    /// What puts lower case on letters, if there is any and it is wanted.
    pub(super) fn mask(&self) -> Result<Option<Mask<'_>>> {
        if self.upper() {
            return Ok(None);
        }
        Ok(self.masks()?.map(|masks| Mask { masks, archive: self, held: None }))
    }

    /// Puts lower case on the bases of stretches; each block is decoded once.
    pub(super) fn lower_many(&self, stretches: &[Stretch], bases: &mut [&mut [u8]]) -> Result<()> {
        let Some(mut mask) = self.mask()? else { return Ok(()) };
        let mut order: Vec<usize> = (0..stretches.len()).collect();
        order.sort_unstable_by_key(|&i| (stretches[i].sample, stretches[i].contig, stretches[i].range.start));
        let mut samples = self.recent();
        for i in order {
            let Stretch { sample, contig, range, .. } = &stretches[i];
            let sample = samples.get(*sample)?;
            mask.lower(sample, *contig, range.start, bases[i]).map_err(|e| sample.placed(e, *contig))?;
        }
        Ok(())
    }
}
