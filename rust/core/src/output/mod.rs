//! Files that appear under their name when they are complete, or not at all (docs/reliability.md).

mod durable;
mod file_name;
mod group;
mod lock;
mod stale;
mod target;
mod temporary;

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::time::Duration;

pub use file_name::{FileName, file_names};
pub(crate) use group::{Group, Pending};
use lock::Lock;
pub use target::Target;
pub(crate) use target::resolved_folder;
use target::{folder_of, lasting, resolved};
use temporary::Temporary;

use crate::error::{Error, Result, with_hint};

/// Bytes that are copied at once.
const PIECE: usize = 256 << 10;

/// What could not be done when a folder cannot be synced.
const UNSURE: &str = "sync the folder (the file is complete and in its place, but a power cut may undo that)";

/// What of that which is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replace {
    /// Nothing.
    Nothing,
    /// A file without contents.
    Empty,
    /// Any file that may be written to, as its mode says.
    Writable,
    /// Any file.
    Anything,
}

/// An output file under a temporary name, or none, beside its target.
#[derive(Debug)]
pub(crate) struct Output {
    file: Temporary,
    target: Target,
    /// Name for messages.
    name: String,
    replace: Replace,
    lock: Option<Lock>,
    /// What was there before; only what has not changed since may be replaced.
    before: Option<Metadata>,
}

impl Output {
    /// Opens the temporary file, in the target's folder, so that an unwritable place is known before any work.
    pub(crate) fn create(target: &Target, replace: Replace) -> Result<Output> {
        let name = target.name();
        let (file, target, name) = match target {
            Target::File(path) if !target.is_stream() => {
                let end = resolved(path)?;
                let name = target::shown(path, &end);
                let end = lasting(&end)?;
                let found = std::fs::metadata(&end).ok();
                if replace == Replace::Writable && found.as_ref().is_some_and(is_read_only) {
                    let reason = "it is read-only; remove it first, or make it writable";
                    return Err(Error::io(name, "replace", io::Error::new(io::ErrorKind::PermissionDenied, reason)));
                }
                let file = Temporary::create(folder_of(&end), found.is_some());
                (file.map_err(|e| Error::io(&name, "create", e))?, Target::File(end), name)
            }
            stream => {
                let folder = std::env::temp_dir();
                let file = Temporary::create(&folder, true).map_err(|e| in_temporary_folder("create", e))?;
                let stream = match stream {
                    Target::File(path) => Target::File(lasting(path)?),
                    Target::Stdout => Target::Stdout,
                };
                (file, stream, name)
            }
        };
        if let Ok(own) = file.metadata() {
            stale::sweep(file.folder(), &own);
        }
        Ok(Output { file, target, name, replace, lock: None, before: None })
    }

    /// As [`Output::create`], for what nobody else may write meanwhile; waits for those who do.
    ///
    /// # Errors
    /// [`Error::Io`] when somebody still does after that time; [`Error::Interrupted`].
    pub(crate) fn create_locked(
        target: &Target,
        replace: Replace,
        wait: Duration,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Output> {
        let mut output = Output::create(target, replace)?;
        if let Some(path) = output.path() {
            output.lock = Lock::take(path, wait, interrupted)?;
        }
        Ok(output)
    }

    /// The file that it is to be; a stream is none.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::File(path) if !self.target.is_stream() => Some(path),
            _ => None,
        }
    }

    /// Allows more, or less, of what is there to be replaced.
    pub(crate) fn replacing(mut self, replace: Replace) -> Output {
        self.replace = replace;
        self
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
        match self.path().map(std::fs::remove_file) {
            Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => Err(self.failed("write", e)),
            _ => Ok(()),
        }
    }

    /// Folder of the temporary file.
    pub(crate) fn folder(&self) -> &Path {
        self.file.folder()
    }

    /// A second handle on the file.
    pub(crate) fn reopen(&self) -> Result<File> {
        self.file.file().try_clone().map_err(|e| self.failed("open", e))
    }

    /// Name for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What messages name when the temporary file cannot be written.
    pub(crate) fn work_name(&self) -> String {
        if self.path().is_some() { self.name.clone() } else { temporary_name() }
    }

    fn failed(&self, action: &'static str, error: io::Error) -> Error {
        Error::io(&self.name, action, error)
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Interrupted`] when `interrupted` says so while a pipe or the like takes nothing.
    pub(crate) fn commit(mut self, interrupted: &dyn Fn() -> bool) -> Result<()> {
        if self.path().is_some() {
            self.file.file().sync_all().map_err(|e| self.failed("write", e))?;
            self.place()?;
            return self.sync_name();
        }
        let file = durable::reopened(self.file.file()).map_err(|e| self.failed("read", e))?;
        let mut out = self.target.stream(interrupted)?;
        let copied = io::copy(&mut BufReader::with_capacity(PIECE, file), &mut out).and_then(|_| out.flush());
        copied.map_err(|e| if interrupted() { Error::Interrupted } else { self.failed("write", e) })
    }

    /// Gives the file, whose contents are synced, its name.
    fn place(&mut self) -> Result<()> {
        let Target::File(path) = &self.target else { return Ok(()) };
        let path = path.clone();
        self.check_unchanged(&path).map_err(|e| self.failed("write", e))?;
        if let Ok(old) = std::fs::metadata(&path) {
            allow_as(self.file.file(), &old).map_err(|e| self.failed("write", e))?;
        }
        let placed = match self.replace {
            Replace::Writable | Replace::Anything => self.file.place_over(&path),
            Replace::Nothing => self.file.place_new(&path),
            Replace::Empty => match self.file.place_new(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && is_empty(&path) => self.file.place_over(&path),
                other => other,
            },
        };
        placed.map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                let reason = "another program has put a file there meanwhile, which stays as it is";
                self.failed("write", io::Error::new(io::ErrorKind::AlreadyExists, reason))
            }
            _ => self.failed("write", e),
        })
    }

    /// The name must reach the disk as well.
    fn sync_name(&self) -> Result<()> {
        durable::sync_folder(self.file.folder()).map_err(|e| self.failed(UNSURE, e))
    }
}

/// Writes a whole output: a file appears when it is complete, a stream gets the bytes as they are.
///
/// # Errors
/// [`Error::Io`] when it cannot be written; [`Error::Interrupted`].
pub(crate) fn write_whole(target: &Target, bytes: &[u8], interrupted: &dyn Fn() -> bool) -> Result<()> {
    if target.is_stream() {
        let mut out = target.stream(interrupted)?;
        let written = out.write_all(bytes).and_then(|()| out.flush());
        return written
            .map_err(|e| if interrupted() { Error::Interrupted } else { Error::io(target.name(), "write", e) });
    }
    let output = Output::create(target, Replace::Writable).map_err(|e| match e {
        Error::Io { path, source, .. } => Error::Io { path, action: "write", source },
        other => other,
    })?;
    output.reopen()?.write_all(bytes).map_err(|e| output.failed("write", e))?;
    output.commit(interrupted)
}

/// A file in a folder that never gets a name, and is gone when it is closed.
///
/// # Errors
/// [`Error::Io`] when there can be none.
pub(crate) fn nameless(folder: &Path) -> Result<File> {
    Temporary::nameless(folder).map_err(|e| in_folder(folder, "create", e))
}

/// Something that is wrong with a file without a name in a folder; TMPDIR is named if that tells where it is.
pub(crate) fn in_folder(folder: &Path, action: &'static str, error: io::Error) -> Error {
    if folder == std::env::temp_dir() {
        return in_temporary_folder(action, error);
    }
    Error::io(format!("temporary file in {}", folder.display()), action, error)
}

/// Something that is wrong with a file in the folder that TMPDIR names.
fn in_temporary_folder(action: &'static str, error: io::Error) -> Error {
    let hint = if std::env::var_os("TMPDIR").is_some() { "TMPDIR" } else { "TMPDIR can name another folder" };
    Error::io(temporary_name(), action, with_hint(error, hint))
}

fn temporary_name() -> String {
    format!("temporary file in {}", std::env::temp_dir().display())
}

fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// Whether nobody may write to it, as its mode says; the superuser may all the same, and to rename a file over it no such
/// right is needed.
pub(crate) fn is_read_only(found: &Metadata) -> bool {
    found.is_file() && found.permissions().readonly()
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
