//! Files that appear under their name when they are complete, or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Where something new is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, replaced in one step when it is complete.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// An output file under a temporary name beside its target.
#[derive(Debug)]
pub(crate) struct Output {
    file: NamedTempFile,
    target: Target,
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
            Target::Stdout => (builder.tempfile(), Target::Stdout),
            Target::File(path) => {
                let path = resolved(path)?;
                (builder.tempfile_in(folder_of(&path)), Target::File(path))
            }
        };
        let file = file.map_err(|e| Error::io(target.name(), "create", strip_path(e)))?;
        Ok(Output { file, target })
    }

    /// Folder of the temporary file.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(self.file.path())
    }

    /// A second handle on the file.
    pub(crate) fn reopen(&self) -> Result<File> {
        self.file.as_file().try_clone().map_err(|e| Error::io(self.target.name(), "open", e))
    }

    /// Name for messages.
    pub(crate) fn name(&self) -> String {
        self.target.name()
    }

    /// Puts the complete file in its place.
    pub(crate) fn commit(self) -> Result<()> {
        let name = self.target.name();
        let failed = |action| move |e| Error::io(&name, action, e);
        match &self.target {
            Target::Stdout => {
                let mut file = self.file.reopen().map_err(failed("read"))?;
                let mut out = io::stdout().lock();
                io::copy(&mut file, &mut out)
                    .and_then(|_| out.flush())
                    .map_err(|e| Error::io("<standard output>", "write", e))
            }
            Target::File(path) => {
                self.file.as_file().sync_all().map_err(|e| Error::io(self.target.name(), "write", e))?;
                let path = path.clone();
                self.file.persist(&path).map_err(|e| Error::io(path.display(), "write", e.error))?;
                // The rename itself must reach the disk; where folders cannot be opened or synced there is no way to ask.
                if let Ok(folder) = File::open(folder_of(&path)) {
                    let _ = folder.sync_all();
                }
                Ok(())
            }
        }
    }
}

impl Target {
    fn name(&self) -> String {
        match self {
            Target::File(path) => path.display().to_string(),
            Target::Stdout => "<standard output>".to_owned(),
        }
    }
}

/// The file behind symbolic links, so that a link stays one; what is there already must be a plain file.
fn resolved(path: &Path) -> Result<PathBuf> {
    let refuse = |reason| Err(Error::io(path.display(), "write", io::Error::new(io::ErrorKind::InvalidInput, reason)));
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refuse("it is a directory"),
        Ok(metadata) if !metadata.is_file() => refuse("it is not a regular file"),
        Ok(_) => std::fs::canonicalize(path).map_err(|e| Error::io(path.display(), "write", e)),
        Err(_) => Ok(path.to_owned()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The system's own reason, without the temporary name that `tempfile` adds.
fn strip_path(error: io::Error) -> io::Error {
    error.raw_os_error().map(io::Error::from_raw_os_error).unwrap_or_else(|| error.kind().into())
}
