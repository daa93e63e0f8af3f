//! zstd with any number of frames, skippable ones included.

use super::raw::Raw;
use crate::{Error, Result};
use zstd_safe::zstd_sys::ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name, is_error_kind};

/// Largest window accepted, as a power of two; it bounds the memory of a decoder. The `zstd` command writes
/// larger ones only with `--long=28` and above, or `--ultra -22` (2^27, still accepted).
pub(super) const WINDOW_LOG: u32 = 27;

/// Decoder of one file.
pub(super) struct Zstd {
    context: DCtx<'static>,
    /// Between two frames, all output handed out.
    between: bool,
    /// The last call filled its output, so the decoder may hold more.
    held: bool,
}

impl Zstd {
    pub(super) fn new(raw: &Raw) -> Result<Self> {
        let mut context = DCtx::try_create()
            .ok_or_else(|| Error::io(raw.name(), "decompress", std::io::ErrorKind::OutOfMemory.into()))?;
        context
            .set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .map_err(|code| corrupt(raw, get_error_name(code)))?;
        Ok(Zstd { context, between: true, held: false })
    }

    /// Decompresses some bytes; 0 means the end of the last frame and of the file.
    pub(super) fn fill(&mut self, raw: &mut Raw, out: &mut [u8]) -> Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let room = out.len();
            let mut output = OutBuffer::around(&mut *out);
            let mut input = InBuffer::around(if self.held { &[] } else { raw.available()? });
            if input.src.is_empty() && !self.held {
                return if self.between { Ok(0) } else { Err(corrupt(raw, "the data end inside a frame")) };
            }
            let status = self.context.decompress_stream(&mut output, &mut input);
            let (made, taken) = (output.pos(), input.pos());
            raw.consume(taken);
            match status {
                Ok(hint) => self.between = hint == 0,
                Err(code) if is_error_kind(code, ZSTD_error_frameParameter_windowTooLarge) => {
                    let limit = 1 << (WINDOW_LOG - 20);
                    return Err(Error::input(
                        raw.name(),
                        format!(
                            "zstd stream needs a window of more than {limit} MiB; compress it without a larger --long"
                        ),
                    ));
                }
                Err(code) => return Err(corrupt(raw, get_error_name(code))),
            }
            self.held = made == room && !self.between;
            if made > 0 {
                return Ok(made);
            }
        }
    }
}

fn corrupt(raw: &Raw, reason: &str) -> Error {
    let at = raw.taken();
    Error::input(raw.name(), format!("zstd stream is truncated or corrupt: {reason} (compressed byte {at})"))
}
