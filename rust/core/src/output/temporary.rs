//! A file that grows without its name: without any where the system has such files, so that nothing is left of it whatever
//! becomes of the process; elsewhere under a name that is its own, and locked.

use std::fs::{File, Metadata, hard_link, remove_file, rename, symlink_metadata};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use super::same_file;
use super::stale::{PREFIX, SUFFIX, boot};

/// Names that are tried before it is given up.
const TRIES: usize = 100;

/// A file that is not there yet; dropped, it is gone.
#[derive(Debug)]
pub(super) struct Temporary {
    file: File,
    folder: PathBuf,
    /// Its own name, if it has one.
    path: Option<PathBuf>,
    pid: u32,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is removed by the process that made it, not by a forked child.
        if let Some(path) = self.path.take().filter(|_| self.pid == std::process::id()) {
            let _ = remove_file(path);
        }
    }
}

impl Temporary {
    /// A new file in a folder, with the mode that any program's new file gets, or for its owner alone.
    pub(super) fn create(folder: &Path, private: bool) -> io::Result<Temporary> {
        match unnamed(folder, private) {
            Ok(file) => Ok(Temporary { file, folder: folder.to_owned(), path: None, pid: std::process::id() }),
            // Whatever the reason was: if it is not that there are no such files, it is met here again.
            Err(_) => Temporary::named(folder, private),
        }
    }

    /// A file that never gets a name.
    pub(super) fn nameless(folder: &Path) -> io::Result<File> {
        let file = Temporary::create(folder, true)?;
        file.file.try_clone()
    }

    /// As [`Temporary::create`], under a name.
    fn named(folder: &Path, private: bool) -> io::Result<Temporary> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        for _ in 0..TRIES {
            let path = own_name(folder);
            let file = match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            };
            // Held as long as the file is open: whoever finds it locked knows that somebody works on it. Between the two
            // calls it could be taken for a killed process's, and be gone.
            let _ = file.try_lock();
            match (file.metadata(), symlink_metadata(&path)) {
                (Ok(own), Ok(found)) if same_file(&own, &found) => {
                    return Ok(Temporary {
                        file,
                        folder: folder.to_owned(),
                        path: Some(path),
                        pid: std::process::id(),
                    });
                }
                _ => {}
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "no name is free for a temporary file"))
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives it a name that nothing has yet.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when something has it; it can be placed elsewhere then.
    pub(super) fn place_new(&mut self, path: &Path) -> io::Result<()> {
        let Some(own) = &self.path else {
            return match link(&self.file, path) {
                Ok(()) => Ok(()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
                Err(_) => {
                    self.take_name()?;
                    self.place_new(path)
                }
            };
        };
        match hard_link(own, path) {
            Ok(()) => {
                let _ = remove_file(own);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // There are no hard links here.
            Err(_) if symlink_metadata(path).is_ok() => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => rename(own, path)?,
        }
        self.placed();
        Ok(())
    }

    /// Gives it a name, in place of whatever has it.
    pub(super) fn place_over(&mut self, path: &Path) -> io::Result<()> {
        if self.path.is_none() {
            match self.place_new(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.take_name()?,
                other => return other,
            }
        }
        if let Some(own) = &self.path {
            rename(own, path)?;
        }
        self.placed();
        Ok(())
    }

    /// Under the name that was wanted, it is locked no more.
    fn placed(&mut self) {
        self.path = None;
        let _ = self.file.unlock();
    }

    /// Gives a file without a name one of its own: links cannot take a name that is in use. What a kill leaves at this
    /// moment the next run removes, as it is not locked any more.
    fn take_name(&mut self) -> io::Result<()> {
        let _ = self.file.try_lock();
        for _ in 0..TRIES {
            let path = own_name(&self.folder);
            match link(&self.file, &path) {
                Ok(()) => {
                    self.path = Some(path);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) => return self.copy(),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Goes on with a copy that has a name, where the system makes files without one but then refuses to name them.
    fn copy(&mut self) -> io::Result<()> {
        let copy = Temporary::named(&self.folder, true)?;
        let mut from = super::durable::reopened(&self.file)?;
        io::copy(&mut from, &mut &copy.file)?;
        copy.file.set_permissions(self.file.metadata()?.permissions())?;
        copy.file.sync_all()?;
        *self = copy;
        Ok(())
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

fn own_name(folder: &Path) -> PathBuf {
    // A hasher's keys are random, and no two are alike.
    let random = RandomState::new().hash_one(std::process::id());
    folder.join(format!("{PREFIX}{}-{random:016x}{SUFFIX}", boot()))
}

/// A file without a name, if the system has such files and can name them later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, private: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    symlink_metadata("/proc/self/fd")?;
    let mode = if private { 0o600 } else { 0o666 };
    File::options().read(true).write(true).custom_flags(libc::O_TMPFILE).mode(mode).open(folder)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: bool) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Names a file that has no name.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    let from = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let to = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: both are strings that end in a zero byte and live until the call returns; it keeps nothing.
    let done =
        unsafe { libc::linkat(libc::AT_FDCWD, from.as_ptr(), libc::AT_FDCWD, to.as_ptr(), libc::AT_SYMLINK_FOLLOW) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// With a name and, where there are such files, without.
    fn each(work: impl Fn(&Path, Temporary)) {
        for make in [Temporary::named, Temporary::create] {
            let folder = tempfile::tempdir().unwrap();
            let temporary = make(folder.path(), false).unwrap();
            temporary.file().write_all(b"new").unwrap();
            work(folder.path(), temporary);
        }
    }

    #[test]
    fn a_new_name_is_taken_from_nobody() {
        each(|folder, mut temporary| {
            let (old, new) = (folder.join("old"), folder.join("new"));
            std::fs::write(&old, "old").unwrap();
            assert_eq!(temporary.place_new(&old).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            temporary.place_new(&new).unwrap();
            drop(temporary);
            assert_eq!(names(folder), ["new", "old"]);
            assert_eq!(std::fs::read(old).unwrap(), b"old");
            assert_eq!(std::fs::read(new).unwrap(), b"new");
        });
    }

    #[test]
    fn what_is_there_is_replaced() {
        each(|folder, mut temporary| {
            let old = folder.join("old");
            std::fs::write(&old, "old").unwrap();
            temporary.place_over(&old).unwrap();
            // The lock is gone, though the file is open.
            File::open(&old).unwrap().try_lock().unwrap();
            drop(temporary);
            assert_eq!(names(folder), ["old"]);
            assert_eq!(std::fs::read(old).unwrap(), b"new");
        });
    }

    #[test]
    fn what_cannot_be_placed_leaves_nothing() {
        each(|folder, mut temporary| {
            assert!(temporary.place_over(&folder.join("absent/new")).is_err());
            drop(temporary);
            assert_eq!(names(folder), [""; 0]);
        });
    }

    #[test]
    fn a_copy_stands_in_where_names_are_refused() {
        each(|folder, mut temporary| {
            temporary.copy().unwrap();
            assert_eq!(names(folder).len(), 1);
            temporary.place_new(&folder.join("new")).unwrap();
            drop(temporary);
            assert_eq!(names(folder), ["new"]);
            assert_eq!(std::fs::read(folder.join("new")).unwrap(), b"new");
        });
    }
}
