//! Contexts of zstd, for what the safe wrapper does not offer: work that can be given up, and sequences of one's own.

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::ptr::NonNull;

use zstd_safe::zstd_sys::{
    ZSTD_CCtx, ZSTD_CCtx_reset, ZSTD_CCtx_setParameter, ZSTD_ResetDirective, ZSTD_Sequence, ZSTD_cParameter,
    ZSTD_compress2, ZSTD_createCCtx, ZSTD_freeCCtx, ZSTD_isError, ZSTD_registerSequenceProducer, ZSTD_sizeof_CCtx,
};

use crate::stop::given_up;

/// How a function that makes sequences says that it made none.
const NO_SEQUENCES: usize = usize::MAX;

/// A context for compression.
#[derive(Debug)]
pub(crate) struct Context(NonNull<ZSTD_CCtx>);

// SAFETY: a context is owned by one value and is not tied to the thread that made it.
unsafe impl Send for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the pointer came from ZSTD_createCCtx and is freed once, here.
        unsafe { ZSTD_freeCCtx(self.0.as_ptr()) };
    }
}

impl Context {
    /// A new context, if there is memory for it.
    pub(crate) fn new() -> Option<Context> {
        // SAFETY: takes no arguments; null is checked for.
        NonNull::new(unsafe { ZSTD_createCCtx() }).map(Context)
    }

    /// Live as long as this value.
    pub(crate) fn as_ptr(&mut self) -> *mut ZSTD_CCtx {
        self.0.as_ptr()
    }

    /// Forgets all parameters, then sets these, in order; or zstd's code for what was wrong.
    pub(crate) fn set(&mut self, parameters: impl IntoIterator<Item = (ZSTD_cParameter, i32)>) -> Result<(), usize> {
        // SAFETY: the context is live, and `&mut self` makes this its only user.
        checked(unsafe { ZSTD_CCtx_reset(self.as_ptr(), ZSTD_ResetDirective::ZSTD_reset_session_and_parameters) })?;
        for (parameter, value) in parameters {
            // SAFETY: as before; any value may be given, and those that are none are refused.
            checked(unsafe { ZSTD_CCtx_setParameter(self.as_ptr(), parameter, value) })?;
        }
        Ok(())
    }

    /// Appends a frame that holds `raw` to `out`; false, with `out` as it was, if that was given up. Looks before each
    /// block whether it is still wanted, if `watched`. Or zstd's code for what went wrong.
    pub(crate) fn compress(&mut self, raw: &[u8], watched: bool, out: &mut Vec<u8>) -> Result<bool, usize> {
        out.reserve(zstd_safe::compress_bound(raw.len()));
        let mut stopped = false;
        if watched {
            let parameter = ZSTD_cParameter::ZSTD_c_experimentalParam17;
            // SAFETY: the context is live and ours alone. `stopped` outlives the call below, which is the only one that
            // uses the pointer to it: it is taken back behind that.
            unsafe {
                // Where the function makes no sequences zstd does, as if there were no function.
                checked(ZSTD_CCtx_setParameter(self.as_ptr(), parameter, 1))?;
                ZSTD_registerSequenceProducer(self.as_ptr(), (&raw mut stopped).cast(), Some(look));
            }
        }
        let room = out.spare_capacity_mut();
        // SAFETY: reads `raw` and writes at most `room.len()` bytes to `room`, both borrowed for the call.
        let size = unsafe {
            let (context, target) = (self.as_ptr(), room.as_mut_ptr().cast());
            let size = ZSTD_compress2(context, target, room.len(), raw.as_ptr().cast(), raw.len());
            if watched {
                ZSTD_registerSequenceProducer(context, std::ptr::null_mut(), None);
            }
            size
        };
        if stopped {
            return Ok(false);
        }
        checked(size)?;
        debug_assert!(size <= room.len());
        // SAFETY: zstd has written `size` bytes behind the ones that `out` had, inside its capacity.
        unsafe { out.set_len(out.len() + size) };
        Ok(true)
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        // SAFETY: the context is live.
        unsafe { ZSTD_sizeof_CCtx(self.0.as_ptr()) }
    }
}

fn checked(code: usize) -> Result<(), usize> {
    // SAFETY: looks at a number.
    if unsafe { ZSTD_isError(code) } == 0 { Ok(()) } else { Err(code) }
}

/// What zstd calls for the sequences of each block: makes none, so that zstd finds them; or, when the frame is not wanted
/// any more, one that is longer than the block, which ends the work.
///
/// # Safety
/// `stopped` must point to a bool, and `sequences` to room for one, as those that zstd passes do.
unsafe extern "C" fn look(
    stopped: *mut c_void,
    sequences: *mut ZSTD_Sequence,
    _: usize,
    _: *const c_void,
    size: usize,
    _: *const c_void,
    _: usize,
    _: i32,
    _: usize,
) -> usize {
    // No panic may go through the code of zstd.
    if !catch_unwind(given_up).unwrap_or(true) {
        return NO_SEQUENCES;
    }
    // SAFETY: the first pointer is that to the bool of `Context::compress`, which waits for this call. zstd gives room
    // for as many sequences as a block may have, which is one at least.
    unsafe {
        *stopped.cast::<bool>() = true;
        sequences.write(ZSTD_Sequence { offset: 0, litLength: size as u32 + 1, matchLength: 0, rep: 0 });
    }
    1
}
