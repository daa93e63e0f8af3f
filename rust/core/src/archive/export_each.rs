//! FASTA of many samples, a file for each of them, put in their places some at a time.

use std::io;
use std::path::{Path, PathBuf};

use super::export::ExportOptions;
use super::open::Archive;
use super::packing::Packing;
use super::records::Region;
use crate::error::{Error, Result, escape, os_error};
use crate::output::{Group, Pending, Replace, Target, file_names, resolved_folder};

/// A sample that is in its file.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The number of the sample among those that were asked for.
    pub number: usize,
    /// Its file.
    pub path: PathBuf,
    /// Whether the file's name tells the sample's only in part, as it is too long.
    pub shortened: bool,
}

impl Archive {
    /// Writes samples as FASTA, each to a file of its own in a folder, which is made if its parent is there. Nothing is
    /// written unless all of them can have their names. Files appear when they are complete and synced, some at a time;
    /// `tell` is called for each that is there, and its error ends the work.
    ///
    /// `regions` gives what a sample's file holds, by the sample's number among `names`.
    ///
    /// # Errors
    /// As [`Archive::export`]; [`Error::Taken`] when a file is there, unless `replace` allows that, when it is a link, or when
    /// the system takes the names of two samples' files for one.
    #[allow(clippy::too_many_arguments, reason = "one call for a whole verb")]
    pub fn export_each<R>(
        &self,
        folder: &Path,
        names: &[Vec<u8>],
        mut regions: impl FnMut(usize) -> R,
        options: &ExportOptions,
        replace: bool,
        interrupted: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Exported) -> Result<()>,
    ) -> Result<()>
    where
        R: IntoIterator<Item = Result<Region>>,
    {
        self.check_packing(options.packing)?;
        let suffixes = suffixes(options);
        let longest = suffixes.iter().map(|suffix| suffix.len()).max().unwrap_or_default();
        let stems = file_names(names.iter().map(Vec::as_slice), longest)?;
        let inside = resolved_folder(folder)?;
        let path = |number: usize, suffix: &str| {
            let mut name = stems[number].stem.clone();
            name.push(suffix);
            inside.join(name)
        };
        for (number, name) in names.iter().enumerate() {
            for suffix in &suffixes {
                check_free(&path(number, suffix), name, replace)?;
            }
        }
        let replace = if replace { Replace::Anything } else { Replace::Nothing };
        let mut group = Group::new();
        let mut place = |group: &mut Group| -> Result<()> {
            for number in group.place()? {
                tell(Exported { number, path: path(number, suffixes[0]), shortened: stems[number].shortened })?;
            }
            Ok(())
        };
        for (number, name) in names.iter().enumerate() {
            let target = Target::File(path(number, suffixes[0]));
            let mut made = self.prepare(regions(number), &target, options, replace, interrupted);
            if matches!(&made, Err(error) if means_too_many(error)) && !group.is_empty() {
                place(&mut group)?;
                made = self.prepare(regions(number), &target, options, replace, interrupted);
            }
            let outputs = match made {
                Ok(outputs) => outputs,
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) => {
                    // What was complete before stays so.
                    let _ = place(&mut group);
                    return Err(error);
                }
            };
            let name = String::from_utf8_lossy(name).into_owned();
            if group.add(Pending { number, name, outputs }) {
                place(&mut group)?;
            }
        }
        place(&mut group)
    }
}

/// Suffix of a sample's file, and those of its indexes.
fn suffixes(options: &ExportOptions) -> Vec<&'static str> {
    match (options.packing, options.index) {
        (Packing::Plain, false) => vec![".fa"],
        (Packing::Plain, true) => vec![".fa", ".fa.fai"],
        (Packing::Bgzf(_), false) => vec![".fa.gz"],
        (Packing::Bgzf(_), true) => vec![".fa.gz", ".fa.gz.fai", ".fa.gz.gzi"],
        (Packing::Zstd(_), _) => vec![".fa.zst"],
    }
}

/// Refuses a path that is a link, or that something has which must not be replaced, or that cannot be any file's.
fn check_free(path: &Path, sample: &[u8], replace: bool) -> Result<()> {
    let refuse = |reason: &str| Err(Error::Taken { path: path.display().to_string(), reason: reason.to_owned() });
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => refuse("is a link; remove it first"),
        Ok(found) if found.is_dir() => refuse("is a folder"),
        Ok(_) if !replace => refuse("is there already; --force replaces it"),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let what = format!("{}, for sample '{}'", path.display(), escape(&String::from_utf8_lossy(sample)));
            Err(Error::io(what, "write", error))
        }
        _ => Ok(()),
    }
}

/// Whether more files are open than may be.
fn means_too_many(error: &Error) -> bool {
    #[cfg(unix)]
    let many = [Some(libc::EMFILE), Some(libc::ENFILE)];
    #[cfg(not(unix))]
    let many = [Some(4)];
    matches!(error, Error::Io { source, .. } if many.contains(&os_error(source)))
}
