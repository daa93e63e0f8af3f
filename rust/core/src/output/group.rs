//! Files that are put in their places together: one sync for the contents of all of them, and one for their names.

use std::collections::BTreeSet;
use std::fs::symlink_metadata;
use std::io;
use std::path::PathBuf;

use rustc_hash::FxHashMap;

use super::{Output, durable};
use crate::error::{Error, Result, escape};

/// Files and bytes that wait at most. A file is open as long as it waits.
const FILES: usize = 512;
const BYTES: u64 = 256 << 20;

/// A file with its indexes, complete but for its name.
pub(crate) struct Pending {
    /// The number and the name of the sample that it is of.
    pub(crate) number: usize,
    pub(crate) name: String,
    /// The file, and behind it what must not be older.
    pub(crate) outputs: Vec<Output>,
}

/// Files that wait for their names. Dropped, they are gone.
pub(crate) struct Group {
    pending: Vec<Pending>,
    files: usize,
    bytes: u64,
    most: usize,
    /// Which sample a file is of that has its name.
    placed: FxHashMap<(u64, u64), String>,
}

impl Group {
    pub(crate) fn new() -> Group {
        let most = FILES.min(durable::handles() / 4).max(1);
        Group { pending: Vec::new(), files: 0, bytes: 0, most, placed: FxHashMap::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Adds a file; whether it is time to [`Group::place`] what waits.
    pub(crate) fn add(&mut self, pending: Pending) -> bool {
        self.files += pending.outputs.len();
        self.bytes += pending
            .outputs
            .iter()
            .filter_map(|output| output.file.metadata().ok())
            .map(|found| found.len())
            .sum::<u64>();
        self.pending.push(pending);
        self.files >= self.most || self.bytes >= BYTES
    }

    /// Syncs what waits, gives it its names, and syncs those; the numbers of the samples that are there then.
    ///
    /// # Errors
    /// [`Error::Io`]; the samples before the one that it tells of are in their places.
    pub(crate) fn place(&mut self) -> Result<Vec<usize>> {
        let pending = std::mem::take(&mut self.pending);
        (self.files, self.bytes) = (0, 0);
        let outputs: Vec<&Output> = pending.iter().flat_map(|pending| &pending.outputs).collect();
        let files: Vec<_> = outputs.iter().map(|output| output.file.file()).collect();
        durable::sync_files(&files).map_err(|(number, error)| outputs[number].failed("write", error))?;
        let mut folders = BTreeSet::new();
        let mut done = Vec::with_capacity(pending.len());
        let mut result = Ok(());
        for Pending { number, name, outputs } in pending {
            result = self.place_one(&name, outputs, &mut folders);
            if result.is_err() {
                break;
            }
            done.push(number);
        }
        for (folder, name) in folders {
            let synced = durable::sync_folder(&folder).map_err(|e| Error::io(name, super::UNSURE, e));
            result = result.and(synced);
        }
        result.map(|()| done)
    }

    fn place_one(
        &mut self,
        sample: &str,
        outputs: Vec<Output>,
        folders: &mut BTreeSet<(PathBuf, String)>,
    ) -> Result<()> {
        // If this is interrupted, no index may be left that belongs to the file before.
        for index in outputs.iter().skip(1) {
            index.remove_old()?;
        }
        for (number, mut output) in outputs.into_iter().enumerate() {
            if number == 0 {
                self.check_other(sample, &output)?;
            }
            output.place()?;
            if number == 0
                && let Some(identity) = output.file.metadata().ok().and_then(|found| identity(&found))
            {
                self.placed.insert(identity, sample.to_owned());
            }
            let folder = output.folder().to_owned();
            if folders.iter().all(|(known, _)| *known != folder) {
                folders.insert((folder, output.name));
            }
        }
        Ok(())
    }

    /// Refuses the place of a file of this very group: the system may take names for one that differ.
    fn check_other(&self, sample: &str, output: &Output) -> Result<()> {
        let found = output.path().and_then(|path| symlink_metadata(path).ok());
        let other = found.and_then(|found| identity(&found)).and_then(|identity| self.placed.get(&identity));
        let Some(other) = other else { return Ok(()) };
        let reason = format!("samples '{}' and '{}' have the same file name here", escape(other), escape(sample));
        Err(output.failed("write", io::Error::new(io::ErrorKind::AlreadyExists, reason)))
    }
}

#[cfg(unix)]
fn identity(found: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::output::{Replace, Target};

    fn pending(path: PathBuf, sample: &str) -> Pending {
        let outputs = ["", ".fai"].map(|suffix| {
            let path = PathBuf::from(format!("{}{suffix}", path.display()));
            let output = Output::create(&Target::File(path), Replace::Anything).unwrap();
            output.reopen().unwrap().write_all(sample.as_bytes()).unwrap();
            output
        });
        Pending { number: 7, name: sample.to_owned(), outputs: outputs.into() }
    }

    #[test]
    fn a_group_appears_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut group = Group::new();
        for sample in ["a", "b", "c"] {
            assert!(!group.add(pending(folder.path().join(sample), sample)));
        }
        assert!(["a", "b", "c"].iter().all(|name| !folder.path().join(name).exists()));
        assert_eq!(group.place().unwrap(), [7, 7, 7]);
        assert!(group.is_empty());
        for sample in ["a", "b", "c", "a.fai"] {
            let content = std::fs::read_to_string(folder.path().join(sample)).unwrap();
            assert_eq!(content, sample.trim_end_matches(".fai"));
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 6);
    }

    #[test]
    fn samples_that_the_system_gives_one_name_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for between in [false, true] {
            let mut group = Group::new();
            group.add(pending(folder.path().join("s"), "s"));
            if between {
                group.place().unwrap();
            }
            group.add(pending(folder.path().join("s"), "S"));
            let said = group.place().unwrap_err().to_string();
            assert!(said.ends_with("samples 's' and 'S' have the same file name here"), "{said}");
            assert_eq!(std::fs::read_to_string(folder.path().join("s")).unwrap(), "s");
        }
    }

    #[test]
    fn not_more_waits_than_files_may_be_open() {
        let folder = tempfile::tempdir().unwrap();
        let mut group = Group { most: 4, ..Group::new() };
        assert!(!group.add(pending(folder.path().join("a"), "a")));
        assert!(group.add(pending(folder.path().join("b"), "b")));
        drop(group);
        assert!(folder.path().read_dir().unwrap().next().is_none());
    }
}
