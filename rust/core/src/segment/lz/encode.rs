//! From a segment to the script of its delta.

use super::block::Block;
use super::blocks::Finder;
use super::chain::Chainer;
use super::seams;
use super::write::write;
use crate::error::Result;

/// Encodes segments against references. Holds the scratch that this needs, for one reference at a time.
#[derive(Debug, Default)]
pub struct Encoder {
    finder: Finder,
    chainer: Chainer,
    chain: Vec<Block>,
}

impl Encoder {
    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.finder.memory() + self.chainer.memory() + self.chain.capacity() * size_of::<Block>()
    }

    /// Replaces what `out` holds by the script of `segment` over `reference`. A segment equal to the reference has
    /// no delta and must not be given.
    ///
    /// `hints` are blocks that are known already, in the order of the segment and without overlap; only what they
    /// leave open is searched. Those that do not fit are ignored.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants the script any more.
    pub fn encode(
        &mut self,
        segment: &[u8],
        reference: &[u8],
        hints: &[Block],
        min_match: u32,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        debug_assert!(segment != reference && !segment.is_empty());
        self.finder.find(segment, reference, hints)?;
        self.chainer.choose(segment, reference, &mut self.finder.found, &mut self.chain)?;
        seams::lay(segment, reference, &mut self.chain);
        write(segment, reference, &self.chain, min_match, out);
        Ok(())
    }
}
