//! How text is compressed: as it is asked for, or as the name of its file says.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::fasta::{BgzfWriter, ZstdWriter};
use crate::output::{Target, write_whole};

/// How the text is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// BGZF of a level from 1 to 9.
    Bgzf(u32),
    /// One zstd frame of this level.
    Zstd(i32),
}

/// Levels where a name alone asks for compression.
const BGZF: Packing = Packing::Bgzf(6);
const ZSTD: Packing = Packing::Zstd(3);

/// Compressed or packed files that are not written here.
const OTHERS: [&str; 12] = ["xz", "lzma", "bz2", "lz4", "br", "z", "zip", "7z", "tar", "tgz", "txz", "rar"];

impl Packing {
    /// The packing that a name says.
    ///
    /// # Errors
    /// [`Error::Parameter`] when it says one that there is not.
    pub fn named(path: &Path) -> Result<Option<Packing>> {
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).map(str::to_ascii_lowercase);
        match suffix.as_deref() {
            Some("gz" | "bgz" | "bgzf") => Ok(Some(BGZF)),
            Some("zst" | "zstd") => Ok(Some(ZSTD)),
            Some(other) if OTHERS.contains(&other) => Err(Error::Parameter(format!(
                "{}: a file of this name cannot be written; plain text, .gz and .zst can",
                path.display()
            ))),
            _ => Ok(None),
        }
    }

    /// This packing, or the one that the target's name says if it is none. Name and contents always agree.
    ///
    /// # Errors
    /// [`Error::Parameter`] when the name says another one, or one that there is not.
    pub fn agreeing(self, target: &Target) -> Result<Packing> {
        let Target::File(path) = target else { return Ok(self) };
        let refuse = |what: &str| Err(Error::Parameter(format!("{}: {what}", target.name())));
        match (self, Packing::named(path)?) {
            (Packing::Plain, Some(named)) => Ok(named),
            (Packing::Bgzf(_), Some(ZSTD)) => refuse("BGZF is asked for, but the name stands for zstd"),
            (Packing::Zstd(_), Some(BGZF)) => refuse("zstd is asked for, but the name stands for gzip, as BGZF is"),
            (asked, _) => Ok(asked),
        }
    }
}

/// Writes a whole text, compressed as the name of its file says: a file appears when it is complete.
///
/// # Errors
/// [`Error::Io`] when it cannot be written, [`Error::Parameter`] for a name such as `a.xz`; [`Error::Interrupted`].
pub fn write_text(target: &Target, text: &[u8], interrupted: &dyn Fn() -> bool) -> Result<()> {
    let failed = |e| Error::io(target.name(), "write", e);
    let packed = match Packing::Plain.agreeing(target)? {
        Packing::Plain => return write_whole(target, text, interrupted),
        Packing::Bgzf(level) => {
            let mut out = BgzfWriter::new(Vec::new(), level);
            out.write_all(text).and_then(|()| out.finish_indexed()).map_err(failed)?.0
        }
        Packing::Zstd(level) => {
            let mut out = ZstdWriter::new(Vec::new(), level).map_err(failed)?;
            out.write_all(text).and_then(|()| out.finish()).map_err(failed)?
        }
    };
    write_whole(target, &packed, interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreeing(asked: Packing, name: &str) -> std::result::Result<Packing, String> {
        asked.agreeing(&Target::File(name.into())).map_err(|e| e.to_string())
    }

    #[test]
    fn names_and_contents_agree() {
        use Packing::{Bgzf, Plain, Zstd};
        for (name, packing) in [
            ("a.fa", Plain),
            ("gz", Plain),
            ("a.gz.fa", Plain),
            ("a.fa.gz", Bgzf(6)),
            ("a.BGZ", Bgzf(6)),
            ("x.gz/a.fa.zst", Zstd(3)),
            ("a.zstd", Zstd(3)),
        ] {
            assert_eq!(agreeing(Plain, name), Ok(packing), "{name}");
        }
        assert_eq!(agreeing(Bgzf(1), "a.fa.gz"), Ok(Bgzf(1)));
        assert_eq!(agreeing(Bgzf(1), "a.fa"), Ok(Bgzf(1)));
        assert_eq!(agreeing(Zstd(1), "a.zst"), Ok(Zstd(1)));
        assert_eq!(Bgzf(1).agreeing(&Target::Stdout).unwrap(), Bgzf(1));
        assert!(agreeing(Bgzf(1), "a.zst").unwrap_err().contains("a.zst: BGZF is asked for"));
        assert!(agreeing(Zstd(1), "a.gz").unwrap_err().contains("a.gz: zstd is asked for"));
        for asked in [Plain, Bgzf(1), Zstd(1)] {
            assert!(agreeing(asked, "a.fa.xz").unwrap_err().starts_with("a.fa.xz: a file of this name"));
        }
    }
}
