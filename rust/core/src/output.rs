//! Files that appear under their name when they are complete, or not at all.

use std::fs::{File, Metadata, TryLockError};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::foreign::looks_like;
use crate::heed::Heeding;

/// Bytes that are copied at once.
const PIECE: usize = 256 << 10;

/// Where something new is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, replaced in one step when it is complete; a pipe or a device is written to.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// An output file under a temporary name beside its target.
#[derive(Debug)]
pub(crate) struct Output {
    file: Temporary,
    target: Target,
    lock: Option<Lock>,
    /// What was there before; only what has not changed since may be replaced.
    before: Option<Metadata>,
}

/// A lock on the file that is to be replaced, which keeps others that ask for it from writing there; it goes with the
/// process. Readers do not ask.
#[derive(Debug)]
struct Lock {
    file: File,
    pid: u32,
}

impl Lock {
    /// Locks what is there, if anything is and the system can.
    fn take(path: &Path) -> Result<Option<Lock>> {
        let failed = |reason| Error::io(path.display(), "write", reason);
        loop {
            // Some network file systems lock only what is open for writing. What cannot be opened can be replaced all the
            // same.
            let opened = File::options().read(true).write(true).open(path).or_else(|_| File::open(path));
            let Ok(file) = opened else { return Ok(None) };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let reason = "another process is writing it, or adding to it";
                    return Err(failed(io::Error::new(io::ErrorKind::ResourceBusy, reason)));
                }
                // Not all file systems know locks.
                Err(TryLockError::Error(_)) => return Ok(None),
            }
            let lock = Lock { file, pid: std::process::id() };
            // Whoever held the lock until now has put another file there.
            match (lock.file.metadata(), std::fs::metadata(path)) {
                (Ok(locked), Ok(found)) if !same_file(&locked, &found) => {}
                _ => return Ok(Some(lock)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A forked child has the file open as well, and would hold the lock; the parent's is not the child's to end.
        if self.pid == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

/// A temporary file that is removed by the process that made it, not by a forked child.
#[derive(Debug)]
struct Temporary {
    file: Option<NamedTempFile>,
    pid: u32,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.file.as_mut().filter(|_| self.pid != std::process::id()) {
            file.disable_cleanup(true);
        }
    }
}

impl Temporary {
    fn get(&self) -> io::Result<&NamedTempFile> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Standard output without a buffer, so that what a signal cuts short is known.
fn standard_output() -> io::Result<File> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned();
    handle.map(File::from)
}

/// The first bytes of a file, if it has them.
fn start_of(path: &Path) -> Option<[u8; 2]> {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).ok()?;
    Some(start)
}

impl Output {
    /// Opens the temporary file, in the target's folder, so that an unwritable place is known before any work.
    pub(crate) fn create(given: &Target) -> Result<Output> {
        let (file, target) = match given {
            Target::File(path) if !given.is_stream() => {
                let path = lasting(&resolved(path)?)?;
                (temporary(folder_of(&path), path.exists()), Target::File(path))
            }
            Target::File(path) => (temporary(&std::env::temp_dir(), true), Target::File(lasting(path)?)),
            Target::Stdout => (temporary(&std::env::temp_dir(), true), Target::Stdout),
        };
        let file = file.map_err(|e| Error::io(given.name(), "create", e))?;
        Ok(Output { file: Temporary { file: Some(file), pid: std::process::id() }, target, lock: None, before: None })
    }

    /// As [`Output::create`], for what nobody else may write meanwhile.
    ///
    /// # Errors
    /// [`Error::Io`] when somebody does.
    pub(crate) fn create_locked(target: &Target) -> Result<Output> {
        let mut output = Output::create(target)?;
        if let Target::File(path) = &output.target
            && !output.target.is_stream()
        {
            output.lock = Lock::take(path)?;
        }
        Ok(output)
    }

    /// This output of an archive, if it does not take the place of sequence: in `-o *.fa` the first file is the output.
    ///
    /// # Errors
    /// [`Error::Io`] when what is there looks like FASTA, or is compressed.
    pub(crate) fn unless_sequence(self) -> Result<Output> {
        if let Target::File(path) = &self.target
            && !self.target.is_stream()
            && let Some(kind) = start_of(path).and_then(looks_like)
        {
            let reason = format!("it looks like {kind}; remove it first if an archive is to take its place");
            return Err(Error::io(path.display(), "replace", io::Error::new(io::ErrorKind::AlreadyExists, reason)));
        }
        Ok(self)
    }

    /// Replaces what is there now only if it is still the same at the end: what is written goes on from it, and a program
    /// that does not ask for locks may have changed it.
    pub(crate) fn unless_changed(mut self) -> Output {
        if let Target::File(path) = &self.target {
            let locked = self.lock.as_ref().and_then(|lock| lock.file.metadata().ok());
            self.before = locked.or_else(|| std::fs::metadata(path).ok());
        }
        self
    }

    fn check_unchanged(&self, path: &Path) -> io::Result<()> {
        match (&self.before, std::fs::metadata(path)) {
            (Some(before), Ok(now)) if !same_content(before, &now) => {
                Err(io::Error::other("another program has changed it meanwhile, so it stays as it is"))
            }
            _ => Ok(()),
        }
    }

    /// Removes what is there, if anything is.
    pub(crate) fn remove_old(&self) -> Result<()> {
        match &self.target {
            Target::File(path) if !self.target.is_stream() => match std::fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(path.display(), "write", e)),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Folder of the temporary file.
    pub(crate) fn folder(&self) -> &Path {
        self.file.get().map_or(Path::new("."), |file| folder_of(file.path()))
    }

    /// A second handle on the file.
    pub(crate) fn reopen(&self) -> Result<File> {
        let handle = self.file.get().and_then(|file| file.as_file().try_clone());
        handle.map_err(|e| Error::io(self.target.name(), "open", e))
    }

    /// Name for messages.
    pub(crate) fn name(&self) -> String {
        self.target.name()
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Interrupted`] when `interrupted` says so while a pipe or the like takes nothing.
    pub(crate) fn commit(mut self, interrupted: &dyn Fn() -> bool) -> Result<()> {
        let name = self.target.name();
        let name = &name;
        let failed = |action| move |e| Error::io(name, action, e);
        match &self.target {
            Target::File(path) if !self.target.is_stream() => {
                self.file.get().and_then(|file| file.as_file().sync_all()).map_err(failed("write"))?;
                self.check_unchanged(path).map_err(failed("write"))?;
                if let Some(file) = self.file.file.take() {
                    if let Ok(old) = std::fs::metadata(path) {
                        allow_as(file.as_file(), &old).map_err(failed("write"))?;
                    }
                    file.persist(path).map_err(|e| Error::io(name, "write", e.error))?;
                }
                // The rename itself must reach the disk; where folders cannot be opened or synced there is no way to ask.
                if let Ok(folder) = File::open(folder_of(path)) {
                    let _ = folder.sync_all();
                }
                Ok(())
            }
            stream => {
                let file = self.file.get().and_then(NamedTempFile::reopen).map_err(failed("read"))?;
                let mut out = stream.stream(interrupted)?;
                let copied = io::copy(&mut BufReader::with_capacity(PIECE, file), &mut out).and_then(|_| out.flush());
                copied.map_err(|e| if interrupted() { Error::Interrupted } else { failed("write")(e) })
            }
        }
    }
}

impl Target {
    /// Whether bytes go there at once, and cannot be taken back: standard output, a pipe, a device.
    pub(crate) fn is_stream(&self) -> bool {
        match self {
            Target::Stdout => true,
            Target::File(path) => std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()),
        }
    }

    /// Whether it is the file at `path`, by whatever name or link.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        let Target::File(target) = self else { return false };
        let both = std::fs::metadata(target).ok().zip(std::fs::metadata(path).ok());
        both.is_some_and(|(a, b)| same_file(&a, &b))
            || std::fs::canonicalize(target).ok().is_some_and(|a| std::fs::canonicalize(path).is_ok_and(|b| a == b))
    }

    /// Opens what [`Target::is_stream`].
    pub(crate) fn stream<'a>(&self, interrupted: &'a dyn Fn() -> bool) -> Result<Heeding<'a, File>> {
        let file = match self {
            Target::Stdout => standard_output(),
            Target::File(path) => File::options().write(true).open(path),
        };
        Ok(Heeding::new(file.map_err(|e| Error::io(self.name(), "open", e))?, interrupted))
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Target::File(path) => path.display().to_string(),
            Target::Stdout => "<standard output>".to_owned(),
        }
    }
}

/// The path that means this file also when the working directory is another one.
fn lasting(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|e| Error::io(path.display(), "create", e))
}

/// The file behind symbolic links, so that a link stays one.
fn resolved(path: &Path) -> Result<PathBuf> {
    let refuse = |reason| Err(Error::io(path.display(), "write", io::Error::new(io::ErrorKind::InvalidInput, reason)));
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refuse("it is a directory"),
        Ok(_) => std::fs::canonicalize(path).map_err(|e| Error::io(path.display(), "write", e)),
        Err(_) => Ok(path.to_owned()),
    }
}

pub(crate) fn same_file(a: &Metadata, b: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (a.dev(), a.ino()) == (b.dev(), b.ino())
    }
    #[cfg(not(unix))]
    same_content(a, b)
}

fn same_content(a: &Metadata, b: &Metadata) -> bool {
    let modified = a.len() == b.len() && a.modified().ok() == b.modified().ok();
    #[cfg(unix)]
    return modified && same_file(a, b);
    #[cfg(not(unix))]
    modified
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file in a folder, with the mode that any program's new file gets, or for its owner alone.
fn temporary(folder: &Path, private: bool) -> io::Result<NamedTempFile> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    // `tempfile` puts the temporary name into the error, and hides the system's reason behind it.
    let mut reason = None;
    tempfile::Builder::new()
        .prefix(".panarc-")
        .suffix(".tmp")
        .make_in(folder, |path| options.open(path).inspect_err(|e| reason = e.raw_os_error()))
        .map_err(|e| reason.map_or(e, io::Error::from_raw_os_error))
}

/// Lets those use a file who may use the one that it replaces.
#[cfg(unix)]
fn allow_as(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (own, mut mode) = (file.metadata()?, old.mode() & 0o777);
    if own.uid() != old.uid() {
        // Only the superuser may give files away.
        let _ = fchown(file, Some(old.uid()), None);
    }
    if own.gid() != old.gid() && fchown(file, None, Some(old.gid())).is_err() {
        // It is another group, which may do what all others may.
        mode = mode & 0o707 | (mode & 0o007) << 3;
    }
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn allow_as(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
