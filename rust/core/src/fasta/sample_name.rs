//! What samples are called.

use std::path::Path;

/// Suffixes of FASTA files. AGC knows the first three; the others are what such files also end in.
const SEQUENCE: [&str; 5] = [".fna", ".fa", ".fasta", ".ffn", ".fas"];
/// Suffixes of compressed files, of which AGC knows the first.
const COMPRESSION: [&str; 3] = [".gz", ".bgz", ".zst"];

/// The sample's name by the file's, as AGC derives it: the directory goes, then the last extension whatever it is,
/// then every known suffix as long as something is left before it. `d/HG002.fa.gz` is `HG002`.
///
/// Standard input (`-`) gives `-`: the caller should ask for a name. What is not UTF-8 becomes U+FFFD.
pub fn sample_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut name: &str = &stem;
    let suffixes = || SEQUENCE.iter().chain(&COMPRESSION);
    while let Some(shorter) =
        suffixes().find_map(|suffix| name.strip_suffix(suffix)).filter(|shorter| !shorter.is_empty())
    {
        name = shorter;
    }
    name.into()
}

/// Whether a file's name is that of a FASTA file, compressed or not; a hidden file's is not.
pub(super) fn is_fasta_name(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let text = COMPRESSION.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(&name);
    !text.starts_with('.') && SEQUENCE.iter().any(|suffix| text.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_agc_derives_them() {
        for (path, name) in [
            ("d/HG002.fa.gz", "HG002"),
            ("HG002.v1.fa", "HG002.v1"),
            ("HG002.v1", "HG002"),
            ("s.2.fna.gz.fa", "s.2"),
            (".fa", ".fa"),
            ("a", "a"),
            ("/x.y/a.fasta", "a"),
            ("a.txt", "a"),
            ("a.fa.fa.fa", "a"),
            ("a.FA.gz", "a.FA"),
            ("a.FA", "a"),
            (".fa.gz", ".fa"),
            (".gz.fa.gz", ".gz"),
            ("x..fa", "x."),
            ("with space.fa.gz", "with space"),
            ("a.fa.", "a"),
        ] {
            assert_eq!(sample_name(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn further_suffixes() {
        for (path, name) in [
            ("a.ffn.gz", "a"),
            ("a.fas", "a"),
            ("a.fas.bgz", "a"),
            ("a.fa.bgz.gz", "a"),
            ("a.fa.zst", "a"),
            ("a.fna.zst.gz", "a"),
            (".zst.gz", ".zst"),
            ("-", "-"),
            ("..", ".."),
            ("d/", "d"),
        ] {
            assert_eq!(sample_name(Path::new(path)), name, "{path}");
        }
    }
}
