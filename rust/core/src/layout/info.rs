//! Stream `file_type_info`: version and producer (FORMAT 3.3).

use crate::error::{Error, Result};

/// Key of the streams that are none of the format's.
const STREAMS: &str = "panarc_streams";

/// Key-value pairs about the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    pairs: Vec<(String, String)>,
}

impl FileInfo {
    /// What this program writes: format 3.0, nothing that depends on content (`append` of C++ AGC keeps it for ever).
    pub fn ours() -> FileInfo {
        let version = env!("CARGO_PKG_VERSION");
        let mut parts = version.split('.');
        let mut part = || parts.next().unwrap_or("0").to_owned();
        let (major, minor, build) = (part(), part(), part());
        let pairs = [
            ("comment", format!("panarc {version}")),
            ("file_version_major", "3".into()),
            ("file_version_minor", "0".into()),
            ("producer", "panarc".into()),
            ("producer_version_build", build),
            ("producer_version_major", major),
            ("producer_version_minor", minor),
        ];
        FileInfo { pairs: pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
    }

    /// The same, with the names of the streams that are none of the format's in an archive of `samples` samples. So it is
    /// noticed if one is gone; or has another name, since bytes were changed.
    #[must_use]
    pub fn with_streams(mut self, samples: usize, names: &[&str]) -> FileInfo {
        self.pairs.retain(|(key, _)| key != STREAMS);
        if !names.is_empty() {
            self.pairs.push((STREAMS.to_owned(), format!("{samples} {}", names.join(" "))));
        }
        self
    }

    /// Whether the archive had such a stream when it had `samples` samples. Who appends without knowing of the stream may
    /// leave it out, and keeps these pairs.
    pub fn has_stream(&self, name: &str, samples: usize) -> bool {
        let mut words = self.get(STREAMS).unwrap_or_default().split(' ');
        words.next() == Some(&samples.to_string()) && words.any(|word| word == name)
    }

    /// Whether panarc was the last to write an archive that has `samples` samples. That of C++ AGC keeps these pairs when
    /// it adds some.
    pub fn written_whole(&self, samples: usize) -> bool {
        let told = self.get(STREAMS).and_then(|told| told.split(' ').next());
        told == Some(&samples.to_string())
    }

    /// The pairs in file order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Value of the first pair with this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Major version of the format.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the version is missing or no number, [`Error::Version`] when this program cannot read it.
    pub fn format(&self, archive: &str) -> Result<u32> {
        let number = |key| {
            self.get(key)
                .and_then(|text| text.parse::<u32>().ok())
                .ok_or_else(|| Error::corrupt(format!("'{key}' is missing or no number")))
        };
        let (major, minor) = (number("file_version_major")?, number("file_version_minor")?);
        match major {
            1..=3 => Ok(major),
            _ => Err(Error::Version { archive: archive.to_owned(), version: format!("{major}.{minor}") }),
        }
    }

    /// Payload and metadata of the stream's one part.
    pub fn encode(&self) -> (Vec<u8>, u64) {
        let mut payload = Vec::new();
        for text in self.pairs.iter().flat_map(|(key, value)| [key, value]) {
            payload.extend_from_slice(text.as_bytes());
            payload.push(0);
        }
        (payload, self.pairs.len() as u64)
    }

    /// Reads the stream's part.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when there are fewer strings than announced.
    pub fn decode(payload: &[u8], pairs: u64) -> Result<FileInfo> {
        let mut strings = payload.split(|&b| b == 0).map(|s| String::from_utf8_lossy(s).into_owned());
        let available = memchr::memchr_iter(0, payload).count() as u64;
        if pairs > available / 2 {
            return Err(Error::corrupt(format!("{pairs} pairs announced, {available} strings found")));
        }
        let mut next = || strings.next().unwrap_or_default();
        Ok(FileInfo { pairs: (0..pairs).map(|_| (next(), next())).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_can_be_read_back() {
        let info = FileInfo::ours();
        let (payload, pairs) = info.encode();
        assert_eq!(FileInfo::decode(&payload, pairs).unwrap(), info);
        assert_eq!(info.format("x").unwrap(), 3);
        assert_eq!(info.get("producer"), Some("panarc"));
        assert!(FileInfo::decode(&payload, pairs + 1).is_err());
    }

    #[test]
    fn streams() {
        let info = FileInfo::ours().with_streams(3, &["a", "b"]).with_streams(4, &["b", "c"]);
        assert_eq!(info.get(STREAMS), Some("4 b c"));
        assert!(info.has_stream("b", 4) && !info.has_stream("a", 4) && !info.has_stream("b", 3));
        assert!(info.written_whole(4) && !info.written_whole(5) && !FileInfo::ours().written_whole(4));
        assert_eq!(info.with_streams(5, &[]), FileInfo::ours());
        assert!(!FileInfo::ours().has_stream("b", 4));
    }

    #[test]
    fn versions() {
        let version = |text: &str| FileInfo::decode(text.as_bytes(), 2).unwrap().format("x");
        assert_eq!(version("file_version_major\x001\0file_version_minor\x000\0").unwrap(), 1);
        assert!(matches!(
            version("file_version_major\x004\0file_version_minor\x002\0"),
            Err(Error::Version { version, .. }) if version == "4.2"
        ));
        assert!(matches!(version("file_version_major\0x\0file_version_minor\x000\0"), Err(Error::Corrupt(_))));
    }
}
