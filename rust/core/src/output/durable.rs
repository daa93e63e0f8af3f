//! What makes files outlast a power cut: contents first, then names.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;

/// From this many on, files of one folder are synced together where the system can.
const SEVERAL: usize = 4;

/// Syncs contents of files that lie on one file system. The error is that of the file with the number that comes with it.
pub(super) fn sync_files(files: &[&File]) -> Result<(), (usize, io::Error)> {
    #[cfg(target_os = "linux")]
    if files.len() >= SEVERAL && at_once::can(files) {
        return at_once::sync(files);
    }
    let _ = SEVERAL;
    for (number, file) in files.iter().enumerate() {
        file.sync_all().map_err(|e| (number, e))?;
    }
    Ok(())
}

/// Syncs names; where folders cannot be opened or synced there is no way to ask.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    folder.sync_all().or_else(|error| if means_cannot(&error) { Ok(()) } else { Err(error) })
}

/// Whether an error tells that folders are not synced here, not that it went wrong.
fn means_cannot(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, IsADirectory, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    #[cfg(unix)]
    let bad_handle = error.raw_os_error() == Some(libc::EBADF);
    #[cfg(not(unix))]
    let bad_handle = false;
    bad_handle
        || matches!(error.kind(), InvalidInput | IsADirectory | PermissionDenied | ReadOnlyFilesystem | Unsupported)
}

/// Files that the process may have open.
pub(super) fn handles() -> usize {
    #[cfg(unix)]
    {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: there is room for what the call writes.
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == 0 {
            return usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX);
        }
    }
    256
}

/// A handle on a file that reads from its start. It is the only one that is in use.
pub(super) fn reopened(file: &File) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

/// Files of one file system synced by one call.
#[cfg(target_os = "linux")]
mod at_once {
    use std::fs::File;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    /// Those whose `syncfs` writes all that was written before, to the disk: not those of a network, nor of a process, as
    /// under FUSE, which may never be told.
    const KINDS: [u32; 8] = [
        0xEF53,      // ext2, ext3, ext4
        0x5846_5342, // XFS
        0x9123_683E, // Btrfs
        0xF2F5_2010, // F2FS
        0x2FC1_2FC1, // ZFS
        0xCA45_1A4E, // bcachefs
        0x0102_1994, // tmpfs
        0x794C_7630, // overlay, of containers
    ];

    pub(super) fn can(files: &[&File]) -> bool {
        let device = |file: &File| file.metadata().ok().map(|found| found.dev());
        let Some((file, others)) = files.split_first() else { return false };
        let first = device(file);
        if first.is_none() || others.iter().any(|other| device(other) != first) {
            return false;
        }
        let mut found = MaybeUninit::<libc::statfs>::uninit();
        // SAFETY: the handle is open, and there is room for what the call writes.
        let done = unsafe { libc::fstatfs(file.as_raw_fd(), found.as_mut_ptr()) };
        // SAFETY: the call has filled it if it returned 0.
        done == 0 && KINDS.contains(&(unsafe { found.assume_init() }.f_type as u32))
    }

    pub(super) fn sync(files: &[&File]) -> Result<(), (usize, io::Error)> {
        let told = |done: i32| if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) };
        if let Some(first) = files.first() {
            // SAFETY: the handle is open.
            told(unsafe { libc::syncfs(first.as_raw_fd()) }).map_err(|e| (0, e))?;
        }
        // Not every system tells by `syncfs` what went wrong with which file. Each file knows; all is written, so this takes
        // no time.
        let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        for (number, file) in files.iter().enumerate() {
            // SAFETY: the handle is open; the call takes numbers.
            match told(unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, flags) }) {
                Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {
                    file.sync_all().map_err(|e| (number, e))?;
                }
                other => other.map_err(|e| (number, e))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_synced_one_by_one_or_together() {
        let folder = tempfile::tempdir().unwrap();
        for count in [1, 3, 4, 10] {
            let files: Vec<File> = (0..count).map(|_| tempfile::tempfile_in(folder.path()).unwrap()).collect();
            sync_files(&files.iter().collect::<Vec<_>>()).unwrap();
        }
        sync_folder(folder.path()).unwrap();
        sync_folder(&folder.path().join("absent")).unwrap();
    }

    #[test]
    fn a_disk_that_fails_is_not_one_that_cannot() {
        use io::ErrorKind::{InvalidInput, StorageFull, Unsupported};
        assert!(means_cannot(&InvalidInput.into()) && means_cannot(&Unsupported.into()));
        assert!(!means_cannot(&StorageFull.into()));
        #[cfg(unix)]
        assert!(!means_cannot(&io::Error::from_raw_os_error(libc::EIO)));
    }
}
