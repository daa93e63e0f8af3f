//! Writing a container front to back: parts as they come, the registry at the end.

use std::io::Write;

use super::footer::PartPlace;
use super::integer::{push_integer, write_integer};
use crate::error::{Error, Result};

/// A part in the file, remembered for the footer. `key` is the caller's number for its stream.
struct WrittenPart {
    key: u32,
    size: u32,
    offset: u64,
}

/// A stream for the registry.
#[derive(Debug, Clone)]
pub struct StreamEntry {
    /// Name, without a zero byte.
    pub name: Vec<u8>,
    /// The number under which its parts were added.
    pub key: u32,
    /// Whether it is left out when it has no part.
    pub optional: bool,
}

/// Writes parts and finally the footer.
pub struct ContainerWriter<W> {
    out: W,
    name: String,
    offset: u64,
    parts: Vec<WrittenPart>,
    /// Where the parts begin that stand before all others of their streams.
    earlier: u64,
}

impl<W: Write> ContainerWriter<W> {
    /// A container written to `out`, which is at its start; `name` is for messages.
    pub fn new(out: W, name: String) -> Self {
        ContainerWriter { out, name, offset: 0, parts: Vec::new(), earlier: u64::MAX }
    }

    /// Bytes written so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes held for the footer.
    pub fn memory(&self) -> usize {
        self.parts.capacity() * size_of::<WrittenPart>()
    }

    /// Parts that are added from here on stand before those that were added so far, in each stream.
    pub fn begin_earlier(&mut self) {
        self.earlier = self.offset;
    }

    /// Appends a part to the stream known to the caller as `key` and returns its place.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written, [`Error::Internal`] when it is larger than the format's readers take.
    pub fn add(&mut self, key: u32, metadata: u64, payload: &[u8]) -> Result<PartPlace> {
        let size = u32::try_from(payload.len()).map_err(|_| Error::Internal("a part of more than 4 GiB".into()))?;
        debug_assert!(metadata == 0 || size > 0, "metadata of an empty part is lost (FORMAT 2.3)");
        let head = write_integer(metadata, &mut self.out).map_err(|e| Error::io(&self.name, "write", e))?;
        self.out.write_all(payload).map_err(|e| Error::io(&self.name, "write", e))?;
        let place = PartPlace { offset: self.offset, size: u64::from(size) };
        self.parts.push(WrittenPart { key, size, offset: self.offset });
        self.offset += head + u64::from(size);
        Ok(place)
    }

    /// Writes the footer: the streams in registry order, those that are optional only if they have parts.
    /// Returns the sink, flushed.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written.
    pub fn finish(mut self, streams: impl Iterator<Item = StreamEntry> + Clone) -> Result<W> {
        let earlier = self.earlier;
        self.parts.sort_by_key(|part| (part.key, part.offset < earlier));
        let parts = std::mem::take(&mut self.parts);
        let range = |key| {
            let from = parts.partition_point(|part| part.key < key);
            from..from + parts[from..].partition_point(|part| part.key == key)
        };
        let listed = streams.filter(|stream| !stream.optional || !range(stream.key).is_empty());
        let mut size = 0;
        let mut buffer = Vec::new();
        push_integer(listed.clone().count() as u64, &mut buffer);
        for stream in listed {
            let range = range(stream.key);
            buffer.extend_from_slice(&stream.name);
            buffer.push(0);
            push_integer(range.len() as u64, &mut buffer);
            push_integer(0, &mut buffer);
            for part in &parts[range] {
                push_integer(part.offset, &mut buffer);
                push_integer(u64::from(part.size), &mut buffer);
            }
            if buffer.len() > 1 << 16 {
                size += self.write(&mut buffer)?;
            }
        }
        size += self.write(&mut buffer)?;
        self.out.write_all(&size.to_le_bytes()).map_err(|e| Error::io(&self.name, "write", e))?;
        self.out.flush().map_err(|e| Error::io(&self.name, "write", e))?;
        Ok(self.out)
    }

    fn write(&mut self, buffer: &mut Vec<u8>) -> Result<u64> {
        let size = buffer.len() as u64;
        self.out.write_all(buffer).map_err(|e| Error::io(&self.name, "write", e))?;
        buffer.clear();
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Container;
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    type Parts = Vec<(u32, u64, Vec<u8>)>;

    fn written(streams: u32, parts: &Parts) -> Vec<u8> {
        let mut writer = ContainerWriter::new(Vec::new(), "test".into());
        for (key, metadata, payload) in parts {
            writer.add(*key, *metadata, payload).unwrap();
        }
        let stream = |key| StreamEntry { name: format!("stream{key}").into_bytes(), key, optional: false };
        let unused = StreamEntry { name: b"unused".to_vec(), key: 77, optional: true };
        writer.finish((0..streams).map(stream).chain([unused])).unwrap()
    }

    fn parts() -> impl Strategy<Value = Parts> {
        let part = (0u32..5, any::<u64>(), proptest::collection::vec(any::<u8>(), 1..50));
        proptest::collection::vec(part, 0..40)
    }

    proptest! {
        #[test]
        fn round_trip(parts in parts()) {
            let container = Container::open(Arc::new(written(5, &parts))).unwrap();
            prop_assert_eq!(container.len(), 5);
            let mut payload = Vec::new();
            for key in 0..5 {
                let stream = container.find(&format!("stream{key}")).unwrap();
                let expected: Vec<_> = parts.iter().filter(|part| part.0 == key).collect();
                prop_assert_eq!(container.parts(stream).len(), expected.len());
                for (i, (_, metadata, bytes)) in expected.into_iter().enumerate() {
                    prop_assert_eq!(container.read_part(stream, i, &mut payload).unwrap(), *metadata);
                    prop_assert_eq!(&payload, bytes);
                }
            }
        }

        #[test]
        fn damaged_containers_never_panic(parts in parts(), at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
            let mut bytes = written(5, &parts);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            if let Ok(container) = Container::open(Arc::new(bytes)) {
                let mut payload = Vec::new();
                for stream in 0..container.len() {
                    for part in 0..container.parts(stream).len() {
                        let _ = container.read_part(stream, part, &mut payload);
                    }
                }
            }
        }
    }
}
