//! Which part takes which bytes of the file, so that every byte is counted once.

use super::footer::{Footer, PartPlace};
use super::integer::MAX_INTEGER;
use super::reader::Container;
use super::source::ByteSource;
use crate::error::{Error, Result};

/// Bytes of a file by what takes them; they sum up to its size.
pub struct Extents<'a> {
    registry: &'a Footer,
    parts: Vec<u64>,
    /// Bytes before the footer that are in no part. Up to eight of them behind a part count for the part, as they cannot
    /// be told from a longer metadata without reading it.
    pub gaps: u64,
    /// The footer and the size behind it.
    pub footer: u64,
}

impl Extents<'_> {
    /// Bytes of each part of a stream, metadata included. What several parts share is counted for the first of them.
    pub fn parts(&self, stream: usize) -> &[u64] {
        &self.parts[self.registry.range(stream)]
    }
}

impl Container {
    /// Divides the file among the parts of all streams.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a part's metadata is malformed, [`Error::Io`].
    pub fn extents(&self) -> Result<Extents<'_>> {
        let source = &**self.source();
        extents(source, self.registry()).map_err(|e| e.at(|c| c.archive = Some(source.name().to_owned())))
    }
}

fn extents<'a>(source: &dyn ByteSource, registry: &'a Footer) -> Result<Extents<'a>> {
    let places = registry.all_parts();
    let mut order: Vec<u32> = (0..places.len() as u32).collect();
    order.sort_unstable_by_key(|&part| (places[part as usize].offset, part));
    let mut parts = vec![0; places.len()];
    let (mut counted, mut gaps) = (0, 0);
    for (i, &part) in order.iter().enumerate() {
        let place = places[part as usize];
        let next = order.get(i + 1).map_or(registry.start(), |&next| places[next as usize].offset);
        let end = end(source, place, next)?.min(registry.start());
        gaps += place.offset.saturating_sub(counted);
        parts[part as usize] = end.saturating_sub(place.offset.max(counted));
        counted = end.max(counted);
    }
    gaps += registry.start() - counted;
    Ok(Extents { registry, parts, gaps, footer: source.len() - registry.start() })
}

/// Behind a part's last byte. Its metadata is read only where it cannot be all that is left before the next part: reading
/// that of all parts would go through the whole file.
fn end(source: &dyn ByteSource, place: PartPlace, next: u64) -> Result<u64> {
    let shortest = place.offset + place.size + 1;
    if (shortest..shortest + MAX_INTEGER as u64).contains(&next) {
        return Ok(next);
    }
    let mut length = [0];
    source.read_at(place.offset, &mut length)?;
    if usize::from(length[0]) >= MAX_INTEGER {
        return Err(Error::corrupt(format!("the metadata of the part at byte {} is malformed", place.offset)));
    }
    Ok(shortest + u64::from(length[0]))
}

#[cfg(test)]
mod tests {
    use super::super::integer::push_integer;
    use super::*;
    use std::sync::Arc;

    /// A file of `content` and a registry with one stream for each list of parts (offset, size).
    fn file(content: &[u8], streams: &[&[(u64, u64)]]) -> Container {
        let mut footer = Vec::new();
        push_integer(streams.len() as u64, &mut footer);
        for parts in streams {
            footer.extend_from_slice(b"s\0");
            push_integer(parts.len() as u64, &mut footer);
            push_integer(0, &mut footer);
            for &(offset, size) in *parts {
                push_integer(offset, &mut footer);
                push_integer(size, &mut footer);
            }
        }
        let size = footer.len() as u64;
        Container::open(Arc::new([content, &footer, &size.to_le_bytes()].concat())).unwrap()
    }

    fn sum(container: &Container) -> u64 {
        let extents = container.extents().unwrap();
        let parts: u64 = (0..container.len()).flat_map(|stream| extents.parts(stream)).sum();
        parts + extents.gaps + extents.footer
    }

    #[test]
    fn parts_side_by_side_need_no_look_at_them() {
        // The length of the second part's metadata is impossible; the footer tells its end.
        let container = file(&[0, 7, 7, 9, 1, 7, 7, 7], &[&[(3, 3)], &[(0, 2)]]);
        let extents = container.extents().unwrap();
        assert_eq!((extents.parts(0), extents.parts(1), extents.gaps), (&[5][..], &[3][..], 0));
        assert_eq!(sum(&container), container.source().len());
    }

    #[test]
    fn holes_and_shared_bytes_are_counted_once() {
        let mut content = [5; 60];
        content[20..23].copy_from_slice(&[1, 200, 0]);
        content[50] = 0;
        // A hole of 20 bytes, a part twice, one inside it, another hole, a part at the end.
        let container = file(&content, &[&[(20, 8), (20, 8)], &[(24, 1)], &[(50, 9)]]);
        let extents = container.extents().unwrap();
        assert_eq!(extents.parts(0), [10, 0]);
        assert_eq!(extents.parts(1), [1]);
        assert_eq!(extents.parts(2), [10]);
        assert_eq!(extents.gaps, 20 + 19);
        assert_eq!(sum(&container), container.source().len());
    }

    #[test]
    fn malformed_metadata_is_an_error() {
        let container = file(&[9; 40], &[&[(0, 2)]]);
        assert!(matches!(container.extents(), Err(Error::Corrupt(_))));
    }
}
