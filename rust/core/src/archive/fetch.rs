//! Reading bases: one stretch of a contig.

use std::ops::Range;

use super::decode::{Piece, decode_piece};
use super::open::Archive;
use super::sample::Sample;
use super::stretch::Stretch;
use super::watch::Watch;
use crate::alphabet::other_strand;
use crate::error::{Error, Result};

/// Longer stretches are read by themselves, piece by piece: they gain nothing from being read with others, and no memory
/// is asked for before there are bases for it.
pub(super) const LONG: u64 = 256 << 10;

/// Bases that are decoded in about the time that it takes to wake another thread.
const SHORT: u64 = 16 << 10;

impl Archive {
    /// A stretch by names: of the sample, and of the contig in it as [`Sample::find`] takes it.
    ///
    /// # Errors
    /// As [`Archive::find_sample`], [`Archive::sample`] and [`Sample::find`]; [`Error::Range`].
    pub fn stretch(&self, sample: &[u8], contig: &[u8], range: Range<u64>, reverse: bool) -> Result<Stretch> {
        let index = self.find_sample(sample)?;
        let sample = self.sample(index)?;
        let contig = sample.find(contig)?;
        check(&sample, contig, &range)?;
        Ok(Stretch { sample: index, contig, range, reverse })
    }

    /// Gives `sink` the bases of a contig in `range` (0-based, half-open) as letters, in pieces: upper case, but
    /// for what is known to have been lower case ([`Archive::case`]), if that is wanted. Where bases are to be verified
    /// and all of the contig is read, what is wrong with it is known only at the end.
    ///
    /// # Errors
    /// [`Error::Range`] when the range is not inside the contig, [`Error::Corrupt`], [`Error::Io`], or what `sink` returns.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn read(
        &self,
        sample: &Sample,
        contig: usize,
        range: Range<u64>,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        check(sample, contig, &range)?;
        let mut watch = self.watch(sample, contig, &range)?;
        let mut mask = self.mask()?;
        let mut base = range.start;
        self.decode(sample, contig, range, |letters| {
            if let Some(watch) = &mut watch {
                watch.see(letters);
            }
            if let Some(mask) = &mut mask {
                mask.lower(sample, contig, base, letters).map_err(|e| sample.placed(e, contig))?;
            }
            base += letters.len() as u64;
            sink(letters)
        })?;
        watch.map_or(Ok(()), Watch::finish)
    }

    /// Gives `sink` all bases of a contig, in upper case or as [`Archive::read`] gives them.
    pub(crate) fn read_as(
        &self,
        sample: &Sample,
        contig: usize,
        upper: bool,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let all = 0..sample.length(contig)?;
        if upper {
            self.decode(sample, contig, all, |letters| sink(letters))
        } else {
            self.read(sample, contig, all, sink)
        }
    }

    /// Gives `sink` the bases of a contig in `range`, which must be inside it, in upper case and not checked.
    pub(super) fn decode(
        &self,
        sample: &Sample,
        contig: usize,
        range: Range<u64>,
        mut sink: impl FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let mut letters = Vec::new();
        self.each_piece(sample, contig, range, |piece| {
            letters.clear();
            decode_piece(self.store(), self.rules(), piece, &mut letters).map_err(|e| sample.placed(e, contig))?;
            sink(&mut letters)
        })
    }

    /// Goes through the pieces of a range, which must be inside the contig; what they need is announced.
    fn each_piece(
        &self,
        sample: &Sample,
        contig: usize,
        mut range: Range<u64>,
        mut each: impl FnMut(Piece) -> Result<()>,
    ) -> Result<()> {
        let mut served = 0;
        for piece in sample.pieces(contig, range.clone()) {
            if served == 0 {
                served = self.prefetch_pieces(sample, contig, range.clone())?.0;
            }
            let piece = piece.map_err(|e| sample.placed(e, contig))?;
            range.start += piece.local.end - piece.local.start;
            served = served.saturating_sub(1);
            each(piece)?;
        }
        Ok(())
    }

    /// Announces what a range needs, as far as it is worth announcing at once; returns the pieces that this serves, and
    /// where they end.
    fn prefetch_pieces(&self, sample: &Sample, contig: usize, range: Range<u64>) -> Result<(usize, u64)> {
        let mut end = range.start;
        let pieces = sample.pieces(contig, range).map_while(Result::ok);
        let segments = pieces.map(|Piece { segment, local }| {
            end += local.end - local.start;
            segment
        });
        let served = self.store().prefetch(segments)?;
        Ok((served, end))
    }

    /// Announces what a stretch needs, from its start as far as it is worth announcing at once, and returns where that is.
    /// Where nothing needs to be announced it is the end.
    pub(super) fn prefetch(&self, stretch: &Stretch) -> Result<u64> {
        let Stretch { sample, contig, range, .. } = stretch;
        match self.prefetch_pieces(&self.sample(*sample)?, *contig, range.clone())? {
            (usize::MAX, _) => Ok(range.end),
            (_, end) => Ok(end),
        }
    }

    /// The bases of a stretch, in case as [`Archive::read`] gives them.
    ///
    /// # Errors
    /// As [`Archive::read`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch(&self, stretch: &Stretch) -> Result<Vec<u8>> {
        let mut bases = Vec::with_capacity(stretch.length().min(LONG) as usize);
        self.fetch_into(stretch, &mut bases)?;
        Ok(bases)
    }

    /// Whether a stretch is short, and all that it is made of is decoded already: to read it takes some microseconds.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn is_at_hand(&self, stretch: &Stretch) -> bool {
        if stretch.length() > SHORT || self.verified().is_some() {
            return false;
        }
        let Some(sample) = self.sample_at_hand(stretch.sample) else { return false };
        let mut pieces = sample.pieces(stretch.contig, stretch.range.clone());
        pieces.all(|piece| piece.is_ok_and(|piece| self.store().holds(piece.segment)))
    }

    /// Appends the bases of a stretch, in case as [`Archive::read`] gives them.
    ///
    /// # Errors
    /// As [`Archive::read`]; what `bases` holds behind its old end is nothing to rely on then.
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn fetch_into(&self, stretch: &Stretch, bases: &mut Vec<u8>) -> Result<()> {
        let Stretch { sample, contig, range, reverse } = stretch;
        let sample = &self.sample(*sample)?;
        check(sample, *contig, range)?;
        let watch = self.watch(sample, *contig, range)?;
        let before = bases.len();
        self.each_piece(sample, *contig, range.clone(), |piece| {
            decode_piece(self.store(), self.rules(), piece, bases).map_err(|e| sample.placed(e, *contig))
        })?;
        let letters = &mut bases[before..];
        if let Some(mut watch) = watch {
            watch.see(letters);
            watch.finish()?;
        }
        if let Some(mut mask) = self.mask()? {
            mask.lower(sample, *contig, range.start, letters).map_err(|e| sample.placed(e, *contig))?;
        }
        if *reverse {
            other_strand(letters);
        }
        Ok(())
    }
}

pub(super) fn check(sample: &Sample, contig: usize, range: &Range<u64>) -> Result<()> {
    let length = sample.length(contig)?;
    if range.start > range.end || range.end > length {
        let contig = String::from_utf8_lossy(sample.header(contig)).into_owned();
        return Err(Error::Range { contig, start: range.start, end: range.end, length });
    }
    Ok(())
}
