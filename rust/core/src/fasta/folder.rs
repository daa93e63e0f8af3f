//! The FASTA files in a folder.

use super::sample_name::is_fasta_name;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The files in a folder whose names are those of FASTA files, sorted by name; folders in it are not looked into, and
/// hidden files are left out.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, [`Error::Input`] when there is no such file.
pub fn fasta_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::io(folder.display(), "read", error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_fasta_name(&path) && !path.is_dir() {
            files.push(path);
        }
    }
    if files.is_empty() {
        let message =
            "there is no FASTA file in this folder (.fa, .fasta, .fna, .fas or .ffn, also with .gz, .bgz or .zst)";
        return Err(Error::input(folder.display().to_string(), message));
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = fasta_files(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no FASTA file in this folder"), "{error}");
        for name in ["b.fa", "a.fasta.gz", "B.FNA", "c.fa.txt", ".d.fa", ".fa", "e.gz", "f.fas.zst", "README"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("g.fa")).unwrap();
        let found = fasta_files(folder.path()).unwrap();
        let wanted = ["B.FNA", "a.fasta.gz", "b.fa", "f.fas.zst"].map(|name| folder.path().join(name));
        assert_eq!(found, wanted);
        assert!(fasta_files(&folder.path().join("b.fa")).is_err());
    }
}
