//! zstd frames, made and opened by contexts that are kept (FORMAT 1.7).

mod context;

use zstd_safe::DCtx;
use zstd_safe::zstd_sys::{ZSTD_cParameter as Parameter, ZSTD_strategy as Strategy};

pub(crate) use context::Context;

use crate::error::{Error, Result, size as human};

/// Input up to this size is compressed before anybody could wait for the end of it.
const QUICK: usize = 256 << 10;

/// Most bytes that one block of a frame can decode to, and the fewest bytes that a block takes (RFC 8878, 3.1.1.2).
const BLOCK_MAX: u64 = 128 << 10;
const BLOCK_MIN: u64 = 4;

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
#[derive(Debug, Default)]
pub struct Compressor {
    context: Option<Context>,
}

impl Compressor {
    /// Appends one frame holding `raw` to `out`.
    ///
    /// # Errors
    /// [`Error::Internal`] when zstd fails, which it does for want of memory only; [`Error::Interrupted`] when nobody
    /// wants the frame any more.
    pub fn compress(&mut self, raw: &[u8], effort: Effort, out: &mut Vec<u8>) -> Result<()> {
        match self.try_compress(raw, effort, raw.len() > QUICK, out) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::Interrupted),
            Err(code) => Err(Error::Internal(format!("zstd cannot compress: {}", zstd_safe::get_error_name(code)))),
        }
    }

    /// As [`Compressor::compress`], with zstd's code for what went wrong; false if the work was given up.
    fn try_compress(
        &mut self,
        raw: &[u8],
        effort: Effort,
        watched: bool,
        out: &mut Vec<u8>,
    ) -> std::result::Result<bool, usize> {
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(Context::new().ok_or(NO_MEMORY)?),
        };
        context.set(parameters(raw.len() as u64, effort))?;
        context.compress(raw, watched, out)
    }

    /// Bytes that the context holds.
    pub fn memory(&self) -> usize {
        self.context.as_ref().map_or(0, Context::memory)
    }
}

/// zstd's code for want of memory.
const NO_MEMORY: usize = 0usize.wrapping_sub(64);

/// What a context is set to for so many bytes.
fn parameters(size: u64, effort: Effort) -> impl Iterator<Item = (Parameter, i32)> {
    // zstd fits a level's tables to a small input by itself; only those for a large one need a bound.
    let window = (size > 1 << effort.window_log).then_some([(Parameter::ZSTD_c_windowLog, effort.window_log as i32)]);
    let tables = (size > 1 << effort.table_log).then_some([
        (Parameter::ZSTD_c_hashLog, effort.table_log as i32),
        (Parameter::ZSTD_c_chainLog, effort.table_log as i32),
    ]);
    let chosen = match effort.matches {
        Matches::ByLevel => None,
        Matches::Lazy(matching) => Some((Strategy::ZSTD_lazy2, matching)),
        Matches::Optimal(matching) => Some((Strategy::ZSTD_btultra, matching)),
    };
    let chosen = chosen.map(|(strategy, Matching { shortest, search_log })| {
        [
            (Parameter::ZSTD_c_strategy, strategy as i32),
            (Parameter::ZSTD_c_minMatch, shortest as i32),
            (Parameter::ZSTD_c_searchLog, search_log as i32),
        ]
    });
    let level = [(Parameter::ZSTD_c_compressionLevel, effort.level)];
    let bounds = window.into_iter().flatten().chain(tables.into_iter().flatten());
    level.into_iter().chain(bounds).chain(chosen.into_iter().flatten())
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
    use super::*;
    use proptest::prelude::*;

    const EFFORT: Effort = Effort { level: 3, window_log: 20, table_log: 17, matches: Matches::ByLevel };

    /// Text of about so many bytes with matches of all kinds.
    fn text(size: usize) -> Vec<u8> {
        let (mut state, mut text) = (5u64, Vec::new());
        while text.len() < size {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (kind, random) = (state >> 62, (state >> 40) as usize);
            match kind {
                0 => text.extend(std::iter::repeat_n(b'!', random % 400)),
                1 => text.extend_from_slice(&state.to_le_bytes()),
                _ => {
                    let from = random % (text.len() + 1);
                    text.extend_from_within(from..text.len().min(from + random % 300));
                }
            }
        }
        text
    }

    #[test]
    fn looking_whether_it_is_wanted_changes_no_frame() {
        let lazy = Matches::Lazy(Matching { shortest: 4, search_log: 6 });
        let optimal = Matches::Optimal(Matching { shortest: 4, search_log: 3 });
        let mut compressor = Compressor::default();
        for size in [10, 1000, 131_072, 131_073, 300_000, 700_000] {
            let text = text(size);
            for (level, matches) in
                [(3, Matches::ByLevel), (6, Matches::ByLevel), (19, Matches::ByLevel), (10, lazy), (16, optimal)]
            {
                let effort = Effort { level, window_log: 20, table_log: 17, matches };
                let (mut plain, mut watched) = (Vec::new(), vec![1, 2]);
                assert!(compressor.try_compress(&text, effort, false, &mut plain).unwrap());
                assert!(compressor.try_compress(&text, effort, true, &mut watched).unwrap());
                assert!(plain[..] == watched[2..], "{size} bytes at level {level}");
            }
        }
    }

    #[test]
    fn a_frame_that_nobody_wants_is_given_up() {
        let asked = std::rc::Rc::new(std::cell::Cell::new(0));
        let count = std::rc::Rc::clone(&asked);
        let (text, mut out, mut compressor) = (text(2 << 20), vec![7], Compressor::default());
        let asking = crate::stop::give_up_if(move || count.replace(count.get() + 1) == 3);
        assert!(matches!(compressor.compress(&text, EFFORT, &mut out), Err(Error::Interrupted)));
        assert_eq!((asked.get(), &out[..]), (4, &[7][..]));
        drop(asking);
        compressor.compress(&text, EFFORT, &mut out).unwrap();
        let mut back = Vec::new();
        Decompressor::default().decompress(&out[1..], text.len() as u64, &mut back).unwrap();
        assert!(back == text);
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
