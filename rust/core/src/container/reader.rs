//! Opening a container and reading its parts.

use std::ops::Range;
use std::sync::Arc;

use super::footer::{Footer, PartPlace, TRAILER};
use super::integer::{MAX_INTEGER, take_integer};
use super::source::ByteSource;
use crate::codec::{MOST, check_size};
use crate::error::{Error, Result};
use crate::foreign::{TELLING, no_archive};

/// An open container: its registry is in memory, its parts stay in the source.
pub struct Container {
    source: Arc<dyn ByteSource>,
    footer: Footer,
    most: u64,
}

/// Why a file is no archive at all, as far as its first bytes tell.
pub(crate) fn foreign(source: &dyn ByteSource) -> Option<String> {
    let mut start = [0; TELLING];
    let start = &mut start[..source.len().min(TELLING as u64) as usize];
    source.read_at(0, start).ok()?;
    no_archive(start)
}

impl Container {
    /// Reads the registry.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the bytes are no container, [`Error::Io`] when they cannot be read.
    pub fn open(source: Arc<dyn ByteSource>) -> Result<Self> {
        Container::open_within(source, MOST)
    }

    /// As [`Container::open`]; neither the registry nor a part may take more than `most` bytes. A file may be all holes:
    /// its size says nothing of what it is worth.
    ///
    /// # Errors
    /// As [`Container::open`], and [`Error::MemoryLimit`].
    pub fn open_within(source: Arc<dyn ByteSource>, most: u64) -> Result<Self> {
        let footer = Self::read_footer(&*source, most).map_err(|e| {
            e.at(|c| {
                c.archive = Some(source.name().to_owned());
                c.foreign = foreign(&*source);
            })
        })?;
        Ok(Container { source, footer, most })
    }

    fn read_footer(source: &dyn ByteSource, most: u64) -> Result<Footer> {
        let length = source.len();
        if length < TRAILER + 1 {
            return Err(Error::corrupt("the file is too short to be an archive"));
        }
        let mut trailer = [0; TRAILER as usize];
        source.read_at(length - TRAILER, &mut trailer)?;
        let size = u64::from_le_bytes(trailer);
        let Some(start) = (length - TRAILER).checked_sub(size).filter(|_| size > 0) else {
            return Err(Error::corrupt("this is no AGC archive, or its end is cut off"));
        };
        check_size(size, most)?;
        let mut bytes = vec![0; size as usize];
        source.read_at(start, &mut bytes)?;
        Footer::parse(&bytes, start, most)
    }

    /// Where the bytes come from.
    pub fn source(&self) -> &Arc<dyn ByteSource> {
        &self.source
    }

    /// Bytes that a part may take, as stored or decoded.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.footer.memory()
    }

    pub(super) fn registry(&self) -> &Footer {
        &self.footer
    }

    /// Number of streams.
    pub fn len(&self) -> usize {
        self.footer.len()
    }

    /// Whether there is no stream at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name of a stream.
    pub fn name(&self, stream: usize) -> &[u8] {
        self.footer.name(stream)
    }

    /// Places of a stream's parts.
    pub fn parts(&self, stream: usize) -> &[PartPlace] {
        self.footer.parts(stream)
    }

    /// The first stream of that name, found by looking through all of them.
    pub fn find(&self, name: &str) -> Option<usize> {
        (0..self.len()).find(|&stream| self.name(stream) == name.as_bytes())
    }

    /// Reads a part's payload into `payload` (replacing what it held) and returns its metadata.
    ///
    /// # Errors
    /// [`Error::Corrupt`] naming stream and part when there is no such part or it is malformed.
    pub fn read_part(&self, stream: usize, part: usize, payload: &mut Vec<u8>) -> Result<u64> {
        self.read_part_unplaced(stream, part, payload).map_err(|e| self.placed(e, stream, part))
    }

    /// Where a part lies with its metadata, up to a few bytes more; nothing where there is no such part.
    pub fn extent(&self, stream: usize, part: usize) -> Range<u64> {
        let place = self.parts(stream).get(part).filter(|place| place.size > 0);
        place.map_or(0..0, |place| {
            place.offset..(place.offset + MAX_INTEGER as u64).saturating_add(place.size).min(self.source.len())
        })
    }

    /// Where a part's metadata lies.
    pub fn head(&self, stream: usize, part: usize) -> Range<u64> {
        let Range { start, end } = self.extent(stream, part);
        start..end.min(start + MAX_INTEGER as u64)
    }

    /// Announces what the first of `items` need, as much of it as is worth announcing at once, and returns how many items
    /// that serves. Sources to which nothing needs to be announced serve all.
    ///
    /// # Errors
    /// As [`ByteSource::read_at`].
    pub fn prefetch<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        mut needs: impl FnMut(&T, &mut Vec<Range<u64>>),
    ) -> Result<usize> {
        let most = self.source.ahead();
        if most == 0 {
            return Ok(usize::MAX);
        }
        let (mut ranges, mut seen, mut bytes, mut served) = (Vec::new(), 0, 0, 0);
        for item in items {
            needs(&item, &mut ranges);
            bytes += ranges[seen..].iter().map(|range| range.end - range.start).sum::<u64>();
            seen = ranges.len();
            served += 1;
            if bytes >= most {
                break;
            }
        }
        self.source.prefetch(&ranges)?;
        Ok(served)
    }

    /// A part's metadata alone.
    ///
    /// # Errors
    /// As [`Container::read_part`].
    pub fn metadata(&self, stream: usize, part: usize) -> Result<u64> {
        let read = || {
            let place = self.parts(stream).get(part).ok_or_else(|| Error::corrupt("there is no such part"))?;
            let mut head = [0; MAX_INTEGER];
            let available = (self.source.len() - place.offset).min(head.len() as u64) as usize;
            self.source.read_at(place.offset, &mut head[..available])?;
            take_integer(&mut &head[..available]).ok_or_else(|| Error::corrupt("the part's metadata is malformed"))
        };
        read().map_err(|e| self.placed(e, stream, part))
    }

    fn read_part_unplaced(&self, stream: usize, part: usize, payload: &mut Vec<u8>) -> Result<u64> {
        let place = *self.parts(stream).get(part).ok_or_else(|| Error::corrupt("there is no such part"))?;
        payload.clear();
        if place.size == 0 {
            return Ok(0);
        }
        check_size(place.size, self.most)?;
        // One read for metadata and payload: the integer is at most nine bytes, its length is known only from its first.
        let available = self.source.len() - place.offset;
        let wanted = (MAX_INTEGER as u64 + place.size).min(available);
        let wanted = usize::try_from(wanted).map_err(|_| Error::corrupt("the part is too large for this machine"))?;
        payload.resize(wanted, 0);
        self.source.read_at(place.offset, payload)?;
        let mut rest = &payload[..];
        let metadata = take_integer(&mut rest).ok_or_else(|| Error::corrupt("the part's metadata is malformed"))?;
        let head = payload.len() - rest.len();
        let size = place.size as usize;
        if rest.len() < size {
            return Err(Error::corrupt("the part reaches beyond the end of the file"));
        }
        payload.copy_within(head..head + size, 0);
        payload.truncate(size);
        Ok(metadata)
    }

    /// Adds archive, stream and part to an error that does not name them yet.
    pub fn placed(&self, error: Error, stream: usize, part: usize) -> Error {
        error.at(|c| {
            c.archive = Some(self.source.name().to_owned());
            c.stream = Some(String::from_utf8_lossy(self.name(stream)).into_owned());
            c.part = Some(part as u64);
        })
    }
}
