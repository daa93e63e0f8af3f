//! Which files to read and what their samples are called: arguments and lists.

use super::source::Source;
use super::text::Text;
use crate::error::InputError;
use crate::{Error, Result};
use memchr::memchr;
use std::path::{Path, PathBuf};

/// Longest line of a list, in bytes.
pub const MAX_LINE: usize = 64 << 10;

/// One input file and, where the user gave one, the name of its sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// The file; `-` is standard input.
    pub path: PathBuf,
    /// The sample's name; without it, [`super::sample_name()`] of the path.
    pub sample: Option<String>,
    /// The line of the list that it is from, counted from 1.
    pub line: Option<u64>,
}

impl InputFile {
    /// Reads an argument: `name=path`, or just a path.
    ///
    /// It is split at the first `=`, but only if no file is called by the whole argument and there is something on
    /// either side. So a file with `=` in its name needs nothing special, and neither does a path with `=` after
    /// `name=`.
    pub fn parse(arg: &str) -> InputFile {
        InputFile::split(arg, '=').unwrap_or_else(|| InputFile { path: arg.into(), sample: None, line: None })
    }

    fn split(arg: &str, separator: char) -> Option<InputFile> {
        let (name, path) = arg.split_once(separator)?;
        if name.is_empty() || path.is_empty() || Path::new(arg).exists() {
            return None;
        }
        Some(InputFile { path: path.into(), sample: Some(name.into()), line: None })
    }
}

/// Reads a list of input files; `-` is standard input.
///
/// One entry a line: a path, `name=path` (as [`InputFile::parse`]) or name, tab, path. Lines end with LF or CR LF;
/// blank lines, lines that begin with `#` and a byte order mark are skipped; all else, spaces included, is taken as it
/// is, unless a file is there without the blanks around its path alone. Relative paths are relative to the current directory, as with AGC. The list itself may be compressed.
pub fn read_list(path: &Path) -> Result<Vec<InputFile>> {
    read_list_from(Source::from_arg(path)?)
}

/// [`read_list`] from any source.
pub fn read_list_from(source: Source) -> Result<Vec<InputFile>> {
    let mut source = Text::new(source);
    let mut files = Vec::new();
    let mut line = Vec::new();
    let mut number = 1;
    let mut buffer = vec![0; MAX_LINE];
    loop {
        let length = source.fill(&mut buffer)?;
        if length == 0 {
            files.extend(numbered(&source, number, &line)?);
            return Ok(files);
        }
        let mut text = &buffer[..length];
        while let Some(newline) = memchr(b'\n', text) {
            line.extend_from_slice(&text[..newline]);
            files.extend(numbered(&source, number, &line)?);
            line.clear();
            number += 1;
            text = &text[newline + 1..];
        }
        line.extend_from_slice(text);
        if line.len() > MAX_LINE {
            return Err(refuse(&source, number, TOO_LONG));
        }
    }
}

const TOO_LONG: &str = "the line is longer than 64 KiB; is this a list of files?";

/// What the line of a number says.
fn numbered(source: &Text, number: u64, line: &[u8]) -> Result<Option<InputFile>> {
    let file = entry(line).map_err(|message| refuse(source, number, message))?;
    Ok(file.map(|file| InputFile { line: Some(number), ..file }))
}

/// What one line says.
fn entry(line: &[u8]) -> std::result::Result<Option<InputFile>, &'static str> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > MAX_LINE {
        return Err(TOO_LONG);
    }
    if memchr(0, line).is_some() {
        return Err("a NUL byte; is this a list of files?");
    }
    let line = std::str::from_utf8(line).map_err(|_| "the line is not valid UTF-8")?;
    if line.starts_with('#') || line.trim().is_empty() {
        return Ok(None);
    }
    if line.starts_with('>') && !Path::new(line).exists() {
        return Err("the line begins with '>': this looks like FASTA, not a list of files");
    }
    if line.contains('\t') && !Path::new(line).exists() {
        let file = InputFile::split(line, '\t').ok_or("name or path is missing beside the tab")?;
        return Ok(Some(without_blanks(file)));
    }
    Ok(Some(without_blanks(InputFile::parse(line))))
}

/// A file whose path has blanks at its ends that only a careless hand can have put there.
fn without_blanks(file: InputFile) -> InputFile {
    let bare = file.path.to_str().map_or("", str::trim);
    if !file.path.exists() && Path::new(bare).exists() { InputFile { path: bare.into(), ..file } } else { file }
}

fn refuse(source: &Text, line: u64, message: &str) -> Error {
    Error::Input(Box::new(InputError {
        file: source.name().into(),
        line: Some(line),
        record: None,
        message: message.into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn list(text: &[u8]) -> Result<Vec<InputFile>> {
        read_list_from(Source::from_reader("l".into(), Box::new(Cursor::new(text.to_vec()))))
    }

    fn file(path: &str, sample: &str) -> InputFile {
        InputFile { path: path.into(), sample: (!sample.is_empty()).then(|| sample.into()), line: None }
    }

    fn line(number: u64, path: &str, sample: &str) -> InputFile {
        InputFile { line: Some(number), ..file(path, sample) }
    }

    #[test]
    fn arguments() {
        for (arg, path, sample) in [
            ("a.fa", "a.fa", ""),
            ("n=a.fa", "a.fa", "n"),
            ("n=a=b.fa", "a=b.fa", "n"),
            ("=a.fa", "=a.fa", ""),
            ("n=", "n=", ""),
            ("-", "-", ""),
            ("n=-", "-", "n"),
        ] {
            assert_eq!(InputFile::parse(arg), file(path, sample), "{arg}");
        }
    }

    #[test]
    fn a_file_that_exists_is_not_split() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["n=a.fa", "n\ta.fa"] {
            let path = dir.path().join(name).display().to_string();
            assert_ne!(list(path.as_bytes()).unwrap(), [line(1, &path, "")]);
            std::fs::write(&path, "").unwrap();
            assert_eq!(InputFile::parse(&path), file(&path, ""));
            assert_eq!(list(path.as_bytes()).unwrap(), [line(1, &path, "")]);
        }
    }

    #[test]
    fn lists() {
        let text = b"# samples\r\n\r\n a b.fa\r\nn=c.fa\n   \nmy name\td e=f.fa\n#x\nlast";
        let expected =
            [line(3, " a b.fa", ""), line(4, "c.fa", "n"), line(6, "d e=f.fa", "my name"), line(8, "last", "")];
        assert_eq!(list(text).unwrap(), expected);
        assert_eq!(list(b"").unwrap(), []);
        assert_eq!(list(b"\xef\xbb\xbfa\n\xef\xbb\xbfb").unwrap(), [line(1, "a", ""), line(2, "\u{feff}b", "")]);
        assert_eq!(list(b"\xef\xbb\xbf# x\r\n\xef\xbb\xbf").unwrap(), [line(2, "\u{feff}", "")]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l");
        std::fs::write(&path, text).unwrap();
        assert_eq!(read_list(&path).unwrap(), expected);
        assert!(read_list(dir.path()).is_err());
    }

    #[test]
    fn refused_lines() {
        for (text, message) in [
            (&b"a\nb\0\n"[..], "l, line 2: a NUL byte"),
            (b"a\n\n\xff", "l, line 3: the line is not valid UTF-8"),
            (b"\xff\xfea\0", "l: the file begins with a UTF-16 byte order mark"),
            (b"\x01\x15\x28\xb5\x2f\xfd\0", "l: this is an AGC archive"),
            (b"\x1f\x8b\x08\0", "l: gzip stream is truncated"),
            (b"\ta.fa", "l, line 1: name or path is missing"),
            (b"a.fa\t", "l, line 1: name or path is missing"),
            (b">chr1\nACGT", "l, line 1: the line begins with '>'"),
        ] {
            let error = list(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn blanks_around_paths() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b.fa").display().to_string();
        std::fs::write(&path, "").unwrap();
        for (text, sample) in [(format!("{path}  "), ""), (format!("n= {path}"), "n"), (format!("n\t{path}\t\r"), "n")]
        {
            assert_eq!(list(text.as_bytes()).unwrap(), [line(1, &path, sample)], "{text:?}");
        }
        let spaced = format!("{path} ");
        std::fs::write(&spaced, "").unwrap();
        assert_eq!(list(spaced.as_bytes()).unwrap(), [line(1, &spaced, "")]);
    }

    #[test]
    fn long_lines() {
        let mut text = vec![b'a'; MAX_LINE];
        assert_eq!(list(&text).unwrap().len(), 1);
        text.extend_from_slice(b"\nb\n");
        assert_eq!(list(&text).unwrap().len(), 2);
        text.insert(0, b'a');
        assert!(list(&text).unwrap_err().to_string().contains("line 1: the line is longer"));
    }
}
