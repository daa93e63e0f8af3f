//! Files that appear under their name when they are complete, or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

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

impl Output {
    /// Opens the temporary file, in the target's folder, so that an unwritable place is known before any work.
    pub(crate) fn create(target: &Target) -> Result<Output> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".panarc-").suffix(".tmp");
        #[cfg(unix)]
        {
            // The mode that any program's new file gets; the process's mask applies.
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        let (file, target) = match target {
            Target::File(path) if !target.is_stream() => {
                let path = resolved(path)?;
                (builder.tempfile_in(folder_of(&path)), Target::File(path))
            }
            stream => (builder.tempfile(), stream.clone()),
        };
        let file = file.map_err(|e| Error::io(target.name(), "create", strip_path(e)))?;
        Ok(Output { file: Temporary { file: Some(file), pid: std::process::id() }, target })
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
    pub(crate) fn commit(mut self) -> Result<()> {
        let name = self.target.name();
        let name = &name;
        let failed = |action| move |e| Error::io(name, action, e);
        match &self.target {
            Target::File(path) if !self.target.is_stream() => {
                self.file.get().and_then(|file| file.as_file().sync_all()).map_err(failed("write"))?;
                if let Some(file) = self.file.file.take() {
                    file.persist(path).map_err(|e| Error::io(name, "write", e.error))?;
                }
                // The rename itself must reach the disk; where folders cannot be opened or synced there is no way to ask.
                if let Ok(folder) = File::open(folder_of(path)) {
                    let _ = folder.sync_all();
                }
                Ok(())
            }
            stream => {
                let mut file = self.file.get().and_then(NamedTempFile::reopen).map_err(failed("read"))?;
                let mut out = stream.stream()?;
                io::copy(&mut file, &mut out).and_then(|_| out.flush()).map_err(failed("write"))
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

    /// Opens what [`Target::is_stream`].
    pub(crate) fn stream(&self) -> Result<Box<dyn Write>> {
        match self {
            Target::Stdout => Ok(Box::new(io::stdout().lock())),
            Target::File(path) => {
                let file = File::options().write(true).open(path);
                Ok(Box::new(file.map_err(|e| Error::io(self.name(), "open", e))?))
            }
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Target::File(path) => path.display().to_string(),
            Target::Stdout => "<standard output>".to_owned(),
        }
    }
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

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The system's own reason, without the temporary name that `tempfile` adds (and with which it hides the number).
fn strip_path(error: io::Error) -> io::Error {
    let known = [libc::ENOENT, libc::EACCES, libc::ENOTDIR, libc::EROFS, libc::ENOSPC, libc::EDQUOT];
    let reason = error.raw_os_error().map(io::Error::from_raw_os_error);
    let same_kind = || known.into_iter().map(io::Error::from_raw_os_error).find(|e| e.kind() == error.kind());
    reason.or_else(same_kind).unwrap_or_else(|| error.kind().into())
}
