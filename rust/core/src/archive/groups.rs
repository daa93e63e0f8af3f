//! Which streams a group has.

use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::{GroupStream, StreamKind};

const NO_STREAM: u32 = u32::MAX;

/// The streams of all groups, by group number.
#[derive(Debug)]
pub(super) struct GroupTable {
    streams: Vec<[u32; 2]>,
}

impl GroupTable {
    /// Finds the streams of all groups in the registry.
    pub(super) fn new(container: &Container, format: u32) -> Result<GroupTable> {
        // Groups are numbered without holes and each has a stream, so no number can be greater than this.
        let most = container.len() as u64 + 16;
        let mut streams = Vec::new();
        for stream in 0..container.len() {
            let Some(found) = GroupStream::parse(container.name(stream), format) else { continue };
            let group = found.group as usize;
            if u64::from(found.group) >= most {
                return Err(Error::corrupt(format!("there is a group {group}, but only {} streams", container.len())));
            }
            if group >= streams.len() {
                streams.resize(group + 1, [NO_STREAM; 2]);
            }
            let slot = &mut streams[group][usize::from(found.kind == StreamKind::Deltas)];
            // As everywhere in the format, the first of several counts.
            if *slot == NO_STREAM {
                *slot = stream as u32;
            }
        }
        Ok(GroupTable { streams })
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.streams.capacity() * size_of::<[u32; 2]>()
    }

    /// Behind the last group.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// The registry's number of a group's stream.
    pub(super) fn stream(&self, group: u32, kind: StreamKind) -> Option<usize> {
        let stream = self.streams.get(group as usize)?[usize::from(kind == StreamKind::Deltas)];
        (stream != NO_STREAM).then_some(stream as usize)
    }
}
