//! zstd frames, made and opened by contexts that are kept (FORMAT 1.7).

use std::io::Cursor;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};
use zstd_safe::{CCtx, CParameter, DCtx, ResetDirective, Strategy};

use crate::error::{Error, Result, size as human};
use crate::stop::go_on;

/// Most bytes that one block of a frame can decode to, and the fewest bytes that a block takes (RFC 8878, 3.1.1.2).
const BLOCK_MAX: u64 = 128 << 10;
const BLOCK_MIN: u64 = 4;

/// Content from so many bytes on may take longer at the highest levels than a signal should wait.
const SLOW: usize = 1 << 20;

/// How often a thread that waits for a frame looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

/// How hard a frame is compressed, and how large its tables may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// zstd level.
    pub level: i32,
    /// Upper bound for the base-2 logarithm of the window.
    pub window_log: u32,
    /// Upper bound for the base-2 logarithm of the entries of each match table, four bytes each.
    pub table_log: u32,
    /// How matches are found.
    pub matches: Matches,
}

/// How matches are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matches {
    /// As the level has it.
    ByLevel,
    /// Greedily, looking two positions ahead (zstd's lazy2).
    Lazy(Matching),
    /// By what the whole costs (zstd's btultra). It also tries several depths of the tree of literals, which saves a
    /// hundredth where literals are nearly all there is.
    Optimal(Matching),
}

/// Which matches are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matching {
    /// Bytes of the shortest, 3 to 7.
    pub shortest: u32,
    /// Base-2 logarithm of the candidates looked at.
    pub search_log: u32,
}

/// Makes frames.
pub struct Compressor {
    context: CCtx<'static>,
}

impl Default for Compressor {
    fn default() -> Self {
        Compressor { context: CCtx::create() }
    }
}

impl Compressor {
    /// Appends one frame holding `raw` to `out`.
    ///
    /// # Errors
    /// [`Error::Internal`] when zstd fails, which it does for want of memory only.
    pub fn compress(&mut self, raw: &[u8], effort: Effort, out: &mut Vec<u8>) -> Result<()> {
        self.try_compress(raw, effort, out)
            .map_err(|code| Error::Internal(format!("zstd cannot compress: {}", zstd_safe::get_error_name(code))))
    }

    fn try_compress(&mut self, raw: &[u8], effort: Effort, out: &mut Vec<u8>) -> std::result::Result<(), usize> {
        self.context.reset(ResetDirective::SessionAndParameters)?;
        // zstd fits a level's tables to a small input by itself; only those for a large one need a bound.
        self.context.set_parameter(CParameter::CompressionLevel(effort.level))?;
        if raw.len() as u64 > 1 << effort.window_log {
            self.context.set_parameter(CParameter::WindowLog(effort.window_log))?;
        }
        if raw.len() as u64 > 1 << effort.table_log {
            self.context.set_parameter(CParameter::HashLog(effort.table_log))?;
            self.context.set_parameter(CParameter::ChainLog(effort.table_log))?;
        }
        let chosen = match effort.matches {
            Matches::ByLevel => None,
            Matches::Lazy(matching) => Some((Strategy::ZSTD_lazy2, matching)),
            Matches::Optimal(matching) => Some((Strategy::ZSTD_btultra, matching)),
        };
        if let Some((strategy, Matching { shortest, search_log })) = chosen {
            self.context.set_parameter(CParameter::Strategy(strategy))?;
            self.context.set_parameter(CParameter::MinMatch(shortest))?;
            self.context.set_parameter(CParameter::SearchLog(search_log))?;
        }
        out.reserve(zstd_safe::compress_bound(raw.len()));
        let mut tail = Cursor::new(out);
        tail.set_position(tail.get_ref().len() as u64);
        self.context.compress2(&mut tail, raw)?;
        Ok(())
    }

    /// As [`Compressor::compress`], for content that may be large: it is compressed by a thread of its own meanwhile, as
    /// zstd cannot be stopped, and this one only asks whether that is still wanted.
    ///
    /// # Errors
    /// As [`Compressor::compress`]; [`Error::Interrupted`] when the frame is not wanted any more.
    pub fn compress_listening(&mut self, raw: Vec<u8>, effort: Effort, out: &mut Vec<u8>) -> Result<()> {
        if raw.len() < SLOW {
            return self.compress(&raw, effort, out);
        }
        let (done, result) = bounded(1);
        let mut compressor = std::mem::take(self);
        let work = move || {
            let mut frame = Vec::new();
            let made = compressor.compress(&raw, effort, &mut frame);
            drop(raw);
            let _ = done.send((compressor, made.map(|()| frame)));
        };
        thread::Builder::new().spawn(work).map_err(|e| Error::io("thread", "start", e))?;
        loop {
            match result.recv_timeout(PATIENCE) {
                Ok((compressor, frame)) => {
                    *self = compressor;
                    out.append(&mut frame?);
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => go_on()?,
                Err(RecvTimeoutError::Disconnected) => return Err(Error::Internal("zstd panicked".into())),
            }
        }
    }

    /// Bytes that the context holds.
    pub fn memory(&self) -> usize {
        self.context.sizeof()
    }
}

/// Bytes that a part of an archive may take, as stored or decoded, where the caller sets no other bound.
pub const MOST: u64 = 1 << 30;

/// Opens frames.
pub struct Decompressor {
    context: DCtx<'static>,
    most: u64,
}

impl Default for Decompressor {
    fn default() -> Self {
        Decompressor::new(MOST)
    }
}

impl Decompressor {
    /// For frames of at most so many bytes of content.
    pub fn new(most: u64) -> Self {
        Decompressor { context: DCtx::create(), most }
    }

    /// Bytes that the content of a frame may have.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Replaces what `out` holds by the content of `frame`, which must be one whole frame of exactly `size` bytes.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is not, or could not be: memory is asked for only if so few bytes can hold so many, and
    /// the frame does not tell another size; [`Error::MemoryLimit`] when that is more than may be.
    pub fn decompress(&mut self, frame: &[u8], size: u64, out: &mut Vec<u8>) -> Result<()> {
        if size > most_content(frame) {
            out.clear();
            return Err(Error::corrupt(format!("a frame of {} bytes cannot hold {size}", frame.len())));
        }
        if let Ok(Some(told)) = zstd_safe::get_frame_content_size(frame)
            && told != size
        {
            out.clear();
            return Err(Error::corrupt(format!("a frame tells of {told} bytes where {size} were announced")));
        }
        self.decompress_unknown(frame, size, out)?;
        if out.len() as u64 != size {
            return Err(Error::corrupt(format!("a frame holds {} bytes where {size} were announced", out.len())));
        }
        Ok(())
    }

    /// As [`Decompressor::decompress`], for a frame whose content is known only to be at most `most` bytes.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is not one whole frame, or holds more; [`Error::MemoryLimit`].
    pub fn decompress_unknown(&mut self, frame: &[u8], most: u64, out: &mut Vec<u8>) -> Result<()> {
        let bad = |code| Error::corrupt(format!("zstd frame: {}", zstd_safe::get_error_name(code)));
        out.clear();
        if zstd_safe::find_frame_compressed_size(frame).map_err(bad)? != frame.len() {
            return Err(Error::corrupt("something follows the zstd frame"));
        }
        let most = most.min(most_content(frame));
        check_size(most, self.most)?;
        out.try_reserve_exact(most as usize)
            .map_err(|_| Error::corrupt(format!("there is no memory for the {most} bytes of a frame")))?;
        self.context.decompress(out, frame).map_err(bad)?;
        Ok(())
    }

    /// Bytes that the context holds.
    pub fn memory(&self) -> usize {
        self.context.sizeof()
    }
}

/// Refuses what would take more memory than may be.
///
/// # Errors
/// [`Error::MemoryLimit`].
pub(crate) fn check_size(size: u64, most: u64) -> Result<()> {
    if size > most {
        let reason = format!("a part of the archive needs {} at once", human(size));
        return Err(Error::MemoryLimit { limit: most, needed: size, reason });
    }
    Ok(())
}

fn most_content(frame: &[u8]) -> u64 {
    (frame.len() as u64 / BLOCK_MIN + 1) * BLOCK_MAX
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stop::asking;
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 3, window_log: 20, table_log: 17, matches: Matches::ByLevel };

    #[test]
    fn large_content_is_given_up_when_nobody_wants_it_and_else_the_same() {
        let raw: Vec<u8> = (0..3 * SLOW as u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 27) as u8).collect();
        let mut compressor = Compressor::default();
        let (mut expected, mut frame) = (b"before".to_vec(), b"before".to_vec());
        compressor.compress(&raw, EFFORT, &mut expected).unwrap();
        compressor.compress_listening(raw.clone(), EFFORT, &mut frame).unwrap();
        assert!(frame == expected);
        let slow = Effort { level: 19, ..EFFORT };
        let (ask, flag): (Arc<dyn Fn() -> bool + Send + Sync>, _) = (Arc::new(|| true), Arc::default());
        let given_up = asking(&ask, &flag, || compressor.compress_listening(raw.repeat(8), slow, &mut frame));
        assert!(matches!(given_up, Err(Error::Interrupted)));
        assert!(frame == expected, "nothing was appended");
        // The compressor can be used again.
        frame.truncate(6);
        compressor.compress_listening(raw, EFFORT, &mut frame).unwrap();
        assert!(frame == expected);
    }

    #[test]
    fn announced_sizes_are_checked_before_memory_is_asked_for() {
        let mut frame = Vec::new();
        Compressor::default().compress(&[7; 100], EFFORT, &mut frame).unwrap();
        let mut out = Vec::new();
        let mut open =
            |frame: &[u8], size| Decompressor::default().decompress(frame, size, &mut out).map(|()| out.len());
        assert_eq!(open(&frame, 100).unwrap(), 100);
        for size in [0, 99, 101, 1 << 31, u64::MAX / 2] {
            assert!(matches!(open(&frame, size), Err(Error::Corrupt(_))), "{size}");
        }
        assert!(open(&frame[..frame.len() - 1], 100).is_err());
        frame.push(0);
        assert!(open(&frame, 100).is_err());
        assert!(open(&[], 0).is_err());
    }

    #[test]
    fn what_is_larger_than_may_be_is_refused() {
        let (mut frame, mut out) = (Vec::new(), Vec::new());
        Compressor::default().compress(&[7; 1000], EFFORT, &mut frame).unwrap();
        assert!(Decompressor::new(1000).decompress(&frame, 1000, &mut out).is_ok());
        let mut small = Decompressor::new(999);
        for found in [small.decompress(&frame, 1000, &mut out), small.decompress_unknown(&frame, 1000, &mut out)] {
            assert!(matches!(found, Err(Error::MemoryLimit { limit: 999, needed: 1000, .. })));
        }
    }

    proptest! {
        #[test]
        fn round_trip_behind_other_bytes(raw: Vec<u8>, before: Vec<u8>, level in 1..19) {
            let mut out = before.clone();
            Compressor::default().compress(&raw, Effort { level, ..EFFORT }, &mut out).unwrap();
            prop_assert_eq!(&out[..before.len()], &before[..]);
            let mut back = Vec::new();
            Decompressor::default().decompress(&out[before.len()..], raw.len() as u64, &mut back).unwrap();
            prop_assert_eq!(back, raw);
        }

        #[test]
        fn garbage_never_panics(frame: Vec<u8>, size in 0u64..10_000) {
            let _ = Decompressor::default().decompress(&frame, size, &mut Vec::new());
        }
    }
}
