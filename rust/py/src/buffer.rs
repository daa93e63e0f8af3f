//! A buffer of the caller's, in pieces that are written to.

use std::ptr::NonNull;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;

/// Divides a buffer into pieces of these lengths, which together must be all of it.
pub(crate) fn divided(buffer: &mut PyBuffer<u8>, lengths: impl Iterator<Item = u64>) -> PyResult<Vec<&mut [u8]>> {
    if buffer.readonly() || !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("the buffer must be writable and contiguous"));
    }
    let (start, length) = (buffer.buf_ptr().cast::<u8>(), buffer.len_bytes());
    // An empty buffer may lie nowhere.
    let start = if length == 0 { NonNull::dangling().as_ptr() } else { start };
    // SAFETY: the exporter keeps this memory where it is as long as `buffer` is held, and it is writable, contiguous and
    // of as many bytes. Whoever writes to it from another thread meanwhile races with us, as with `readinto` of files.
    let mut rest = unsafe { std::slice::from_raw_parts_mut(start, length) };
    let mut pieces = Vec::with_capacity(lengths.size_hint().0);
    for length in lengths {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (piece, behind) = rest
            .split_at_mut_checked(length)
            .ok_or_else(|| PyBufferError::new_err("the buffer is smaller than what is to go there"))?;
        pieces.push(piece);
        rest = behind;
    }
    if rest.is_empty() {
        return Ok(pieces);
    }
    Err(PyBufferError::new_err("the buffer is larger than what is to go there"))
}
