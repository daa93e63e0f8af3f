//! Where an archive's bytes come from: anything that can be read at an offset.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::Path;

use crate::error::{Error, Result};
use crate::output::same_file;

/// A file-like thing of known length, read at offsets by any number of threads at once.
pub trait ByteSource: Send + Sync {
    /// Name for messages.
    fn name(&self) -> &str;

    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes at `offset`.
    ///
    /// # Errors
    /// [`Error::Io`] when the bytes cannot be read, also when the source ends before them.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()>;

    /// Whether it is the file with this metadata.
    fn is_file(&self, _: &Metadata) -> bool {
        false
    }

    /// How many bytes to announce at once with [`ByteSource::prefetch`]; 0 where that gains nothing.
    fn ahead(&self) -> u64 {
        0
    }

    /// Whoever waits for a thread that reads calls this now and then.
    ///
    /// # Errors
    /// Why it should not wait any longer: it was interrupted.
    fn look(&self) -> Result<()> {
        Ok(())
    }

    /// Takes note of what will be read next. It may fetch that, all at once, or only some of it.
    ///
    /// # Errors
    /// As [`ByteSource::read_at`].
    fn prefetch(&self, _ranges: &[Range<u64>]) -> Result<()> {
        Ok(())
    }
}

/// A file read by `pread`: no shared position, no mapping that a truncation could turn into a crash.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    name: String,
    length: u64,
}

impl FileSource {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be opened or is no regular file.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| Error::io(&name, "open", e))?;
        let metadata = file.metadata().map_err(|e| Error::io(&name, "open", e))?;
        if !metadata.is_file() {
            let reason = if metadata.is_dir() { "it is a directory" } else { "it is not a regular file" };
            return Err(Error::io(&name, "open", io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        Ok(FileSource { length: metadata.len(), file, name })
    }
}

impl ByteSource for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn is_file(&self, other: &Metadata) -> bool {
        self.file.metadata().is_ok_and(|own| same_file(&own, other))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, offset, buffer).map_err(|e| Error::io(&self.name, "read", e))
    }
}

#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
pub(crate) fn write_all_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(crate) fn write_all_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_write(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                bytes = &bytes[n..];
                offset += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

impl ByteSource for Vec<u8> {
    fn name(&self) -> &str {
        "<memory>"
    }

    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or_else(|| Error::io("<memory>", "read", io::ErrorKind::UnexpectedEof.into()))?;
        buffer.copy_from_slice(found);
        Ok(())
    }
}
