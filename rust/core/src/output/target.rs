//! Where something new is to go: a file, whatever links lead to it, or a stream.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::same_file;
use crate::error::{Error, Result};
use crate::heed::Heeding;

/// Links that are followed before they are taken for a circle, as by the system.
const LINKS: usize = 40;

/// Where something new is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, replaced in one step when it is complete; a pipe or a device is written to.
    File(PathBuf),
    /// Standard output.
    Stdout,
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

/// Standard output without a buffer, so that what a signal cuts short is known.
fn standard_output() -> io::Result<File> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned();
    handle.map(File::from)
}

/// The path that means this file also when the working directory is another one.
pub(crate) fn lasting(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|e| Error::io(path.display(), "create", e))
}

/// The file behind symbolic links, so that a link stays one, also where nothing is at its end yet.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf> {
    let failed = |error| Err(Error::io(path.display(), "write", error));
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => failed(io::Error::new(io::ErrorKind::InvalidInput, "it is a directory")),
        Ok(_) => std::fs::canonicalize(path).or_else(failed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(end_of_links(path)),
        // A circle of links, or a place that may not be looked at: a link there would be lost.
        Err(error) => failed(error),
    }
}

/// The folder that is at a path or, if its parent is there, is made, also at the end of a link.
///
/// # Errors
/// [`Error::Taken`] when there is something else, [`Error::Io`] when it cannot be made.
pub(crate) fn resolved_folder(path: &Path) -> Result<PathBuf> {
    let failed = |action, error| Err(Error::io(shown(path, &end_of_links(path)), action, error));
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(path.to_owned()),
        Ok(_) => Err(Error::Taken { path: path.display().to_string(), reason: "is not a folder".to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match std::fs::create_dir(end_of_links(path)) {
            Ok(()) => Ok(path.to_owned()),
            // Another process was faster.
            Err(_) if path.is_dir() => Ok(path.to_owned()),
            Err(error) => failed("create", error),
        },
        Err(error) => failed("create", error),
    }
}

/// Where a path leads to whose end does not exist.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = std::fs::read_link(&path) else { break };
        path = folder_of(&path).join(next);
    }
    path
}

/// How messages call a file that `path` leads to.
pub(crate) fn shown(path: &Path, end: &Path) -> String {
    let link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if link && path != end {
        format!("{}, a link to {}", path.display(), end.display())
    } else {
        path.display().to_string()
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_what_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("big")).unwrap();
        symlink("big/a.agc", at("one")).unwrap();
        symlink(at("one"), at("two")).unwrap();
        symlink("circle", at("circle")).unwrap();
        assert_eq!(resolved(&at("two")).unwrap(), at("big/a.agc"));
        assert_eq!(resolved(&at("new")).unwrap(), at("new"));
        assert!(resolved(&at("circle")).is_err() && resolved(&at("big")).is_err());
        std::fs::write(at("big/a.agc"), "").unwrap();
        assert_eq!(resolved(&at("two")).unwrap(), std::fs::canonicalize(at("big/a.agc")).unwrap());
    }
}
