//! One zstd frame from text that comes in pieces.

use std::io::{self, Write};

use zstd_safe::zstd_sys::ZSTD_EndDirective::{self, ZSTD_e_continue, ZSTD_e_end, ZSTD_e_flush};
use zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer, get_error_name};

/// Compresses what is written to it into one frame with a checksum. [`ZstdWriter::finish`] must be called: a writer that
/// is only dropped leaves an incomplete frame.
pub struct ZstdWriter<W: Write> {
    output: W,
    context: CCtx<'static>,
    buffer: Vec<u8>,
}

impl<W: Write> ZstdWriter<W> {
    /// A writer with a zstd level.
    pub fn new(output: W, level: i32) -> io::Result<Self> {
        let mut context = CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        context.set_parameter(CParameter::CompressionLevel(level)).map_err(failed)?;
        context.set_parameter(CParameter::ChecksumFlag(true)).map_err(failed)?;
        Ok(ZstdWriter { output, context, buffer: Vec::with_capacity(CCtx::out_size()) })
    }

    /// Bytes that a writer of this level takes.
    pub fn memory(level: i32) -> u64 {
        // SAFETY: it computes a number from the level and has no other effect.
        unsafe { zstd_safe::zstd_sys::ZSTD_estimateCStreamSize(level) as u64 }
    }

    /// Ends the frame, flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        self.compress(&[], ZSTD_e_end)?;
        self.output.flush()?;
        Ok(self.output)
    }

    /// Hands all of `bytes` to zstd, and what zstd gives for it to the output.
    fn compress(&mut self, bytes: &[u8], end: ZSTD_EndDirective) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        loop {
            self.buffer.clear();
            let mut output = OutBuffer::around(&mut self.buffer);
            let left = self.context.compress_stream2(&mut output, &mut input, end).map_err(failed)?;
            self.output.write_all(&self.buffer)?;
            // A part that goes on is over when its text is taken; an end or a flush, when nothing is left inside.
            if input.pos() == bytes.len() && (left == 0 || matches!(end, ZSTD_e_continue)) {
                return Ok(());
            }
        }
    }
}

impl<W: Write> Write for ZstdWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.compress(bytes, ZSTD_e_continue)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.compress(&[], ZSTD_e_flush)?;
        self.output.flush()
    }
}

fn failed(code: usize) -> io::Error {
    io::Error::other(get_error_name(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn decodes(length in 0usize..600_000, piece in 1usize..300_000, level in 1i32..10, flush in any::<bool>()) {
            let text: Vec<u8> = (0..length).map(|i| b"ACGT"[(i * i / 7) & 3]).collect();
            let mut writer = ZstdWriter::new(vec![], level).unwrap();
            for piece in text.chunks(piece) {
                writer.write_all(piece).unwrap();
                if flush {
                    writer.flush().unwrap();
                }
            }
            let frame = writer.finish().unwrap();
            let mut decoded = Vec::with_capacity(length);
            zstd_safe::decompress(&mut decoded, &frame).unwrap();
            prop_assert!(decoded == text);
        }
    }
}
