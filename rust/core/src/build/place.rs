//! Where an archive may go: not in the place of anything that somebody may miss.

use std::io;
use std::path::Path;

use crate::archive::{Archive, ReadOptions};
use crate::error::{Error, Result};
use crate::foreign::looks_like;
use crate::output::{Output, Replace, Target, is_read_only};

/// Suffixes of FASTA, and of what is compressed. An archive is neither, and whoever calls it so means something else.
const NOT_OURS: [&str; 18] = [
    "fa", "fas", "fasta", "fna", "ffn", "faa", "frn", "fq", "fastq", "gz", "bgz", "bgzf", "zst", "zstd", "xz", "bz2",
    "zip", "fai",
];

/// How much a look at what is there may take.
const GLANCE: u64 = 64 << 20;

/// What is said of the two ways to allow it.
const FORCE: &str = "--force (in Python overwrite=True) replaces it";

/// The output of a new archive, if it does not take the place of sequence, nor, unless that is allowed, of anything else
/// that holds something. In `-o *.fa` the first file is the output.
///
/// # Errors
/// [`Error::Io`] when there is something that is not replaced, [`Error::Parameter`] for a name that no archive should have.
pub(crate) fn for_new(output: Output, overwrite: bool, advice: &str) -> Result<Output> {
    let Some(path) = output.path() else { return Ok(output) };
    let refuse =
        |reason| Err(Error::io(output.name(), "replace", io::Error::new(io::ErrorKind::AlreadyExists, reason)));
    if let Some(kind) = start_of(path).and_then(looks_like) {
        return refuse(format!("it looks like {kind}; remove it first if an archive is to take its place"));
    }
    if overwrite {
        return Ok(output.replacing(Replace::Anything));
    }
    if let Ok(found) = std::fs::metadata(path)
        && found.len() > 0
    {
        return refuse(format!("{} is there{advice}; {FORCE}", what_is(path, found.len())));
    }
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).map(str::to_ascii_lowercase);
    if let Some(suffix) = suffix.filter(|suffix| NOT_OURS.contains(&suffix.as_str())) {
        return Err(Error::Parameter(format!(
            "{}: an archive is not what '.{suffix}' stands for; call it NAME.agc, or use --force (in Python overwrite=True)",
            output.name()
        )));
    }
    Ok(output.replacing(Replace::Empty))
}

/// How much of a target may be replaced by what goes on from it, before it is known whether it does.
///
/// # Errors
/// [`Error::Io`] for a file that is read-only, unless that does not count.
pub(super) fn for_append(target: &Target, overwrite: bool) -> Result<Replace> {
    if let Target::File(path) = target
        && !overwrite
        && std::fs::metadata(path).is_ok_and(|found| is_read_only(&found))
    {
        let reason = io::Error::new(io::ErrorKind::PermissionDenied, format!("it is read-only; {FORCE}"));
        return Err(Error::io(path.display(), "replace", reason));
    }
    Ok(Replace::Anything)
}

/// The first bytes of a file, if it has them.
fn start_of(path: &Path) -> Option<[u8; 2]> {
    let mut start = [0; 2];
    std::fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut start)).ok()?;
    Some(start)
}

/// What a file is, in words.
fn what_is(path: &Path, bytes: u64) -> String {
    match Archive::open(path, &ReadOptions { verify: false, ..ReadOptions::within(GLANCE) }) {
        Ok(archive) if archive.samples().len() == 1 => "an archive of 1 sample".into(),
        Ok(archive) => format!("an archive of {} samples", archive.samples().len()),
        Err(Error::Version { version, .. }) => format!("an archive of format {version}"),
        Err(_) => format!("a file of {bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &Path, overwrite: bool) -> Result<Output> {
        let output = Output::create(&Target::File(path.to_owned()), Replace::Empty)?;
        for_new(output, overwrite, "")
    }

    #[test]
    fn what_holds_something_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, content) in [("empty", ""), ("text", "notes"), ("genome", ">c\nACGT\n")] {
            std::fs::write(at(name), content).unwrap();
        }
        assert!(place(&at("new"), false).is_ok() && place(&at("empty"), false).is_ok());
        let said = place(&at("text"), false).unwrap_err().to_string();
        assert!(
            said.ends_with(
                "cannot replace: a file of 5 bytes is there; --force (in Python overwrite=True) replaces it"
            )
        );
        assert!(place(&at("text"), true).is_ok());
        for overwrite in [false, true] {
            let said = place(&at("genome"), overwrite).unwrap_err().to_string();
            assert!(said.ends_with("it looks like FASTA; remove it first if an archive is to take its place"));
        }
    }

    #[test]
    fn names_of_something_else_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.fa", "a.FASTA", "a.fa.gz", "a.zst"] {
            assert!(matches!(place(&folder.path().join(name), false), Err(Error::Parameter(_))), "{name}");
            assert!(place(&folder.path().join(name), true).is_ok());
        }
        assert!(place(&folder.path().join("a.gz.agc"), false).is_ok());
    }

    #[test]
    fn what_appears_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.agc");
        for (content, fits) in [("", true), ("of somebody else", false)] {
            let output = place(&path, false).unwrap();
            std::fs::write(&path, content).unwrap();
            assert_eq!(output.commit(&|| false).is_ok(), fits);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            std::fs::remove_file(&path).unwrap();
        }
    }
}
