//! Memory of this process, as the system sees it.

/// What the system tells of the size of this process, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages {
    pub(crate) virtual_size: usize,
    pub(crate) resident: usize,
    pub(crate) data: usize,
}

/// The size of this process, where the system tells.
pub(crate) fn pages() -> Option<Pages> {
    #[cfg(target_os = "linux")]
    {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        let size = page_size();
        let mut fields =
            text.split_ascii_whitespace().map(|pages| pages.parse::<usize>().map(|pages| pages * size).ok());
        let (virtual_size, resident) = (fields.next()??, fields.next()??);
        Some(Pages { virtual_size, resident, data: fields.nth(3)?? })
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Resident size of this process in bytes, where the system tells.
pub(crate) fn resident() -> Option<usize> {
    pages().map(|pages| pages.resident)
}

#[cfg(target_os = "linux")]
fn page_size() -> usize {
    // SAFETY: sysconf reads a constant of the system and has no other effect.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// Asks the allocator to give freed pages back.
pub(crate) fn return_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim may be called at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
