//! Where an archive's bytes went, as the registry and the collection tell; no sequence is decoded for it.

use super::along::{Along, Detail, Strips};
use super::open::Archive;
use super::shares::{GroupUsage, SampleUsage, Shares};
use crate::container::Extents;
use crate::error::Result;
use crate::layout::{self, GroupStream, StreamKind};

/// Where an archive's bytes went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// All bytes of the file by what they hold.
    pub bytes: BytesByKind,
    /// Groups that have a stream, in order.
    pub groups: Vec<GroupUsage>,
    /// Samples in the archive's order.
    pub samples: Vec<SampleUsage>,
    /// What was spent along the first sample, if that was asked for and there is one.
    pub along: Option<Along>,
}

/// Bytes of the file by what they hold; they sum up to its size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BytesByKind {
    /// References of groups.
    pub references: u64,
    /// Packs of deltas, those of plain members in raw groups among them.
    pub deltas: u64,
    /// Names of samples (format 3).
    pub samples: u64,
    /// Names of contigs; in format 2 of samples too.
    pub contigs: u64,
    /// Rows of segments; in format 1 the whole collection.
    pub details: u64,
    /// Keys of groups.
    pub keys: u64,
    /// Splitter k-mers.
    pub splitters: u64,
    /// Parameters.
    pub params: u64,
    /// Version and producer.
    pub info: u64,
    /// Where lower case was.
    pub case: u64,
    /// Digests of contigs.
    pub digests: u64,
    /// Streams that are none of the format.
    pub other: u64,
    /// What lies between the parts and is in none.
    pub gaps: u64,
    /// The registry of streams.
    pub footer: u64,
}

impl BytesByKind {
    /// Names and numbers, in the order of the fields.
    pub fn by_name(&self) -> [(&'static str, u64); 14] {
        [
            ("references", self.references),
            ("deltas", self.deltas),
            ("samples", self.samples),
            ("contigs", self.contigs),
            ("details", self.details),
            ("keys", self.keys),
            ("splitters", self.splitters),
            ("params", self.params),
            ("info", self.info),
            ("case", self.case),
            ("digests", self.digests),
            ("other", self.other),
            ("gaps", self.gaps),
            ("footer", self.footer),
        ]
    }

    /// Where the bytes of a stream that is no group's belong.
    fn of_stream(&mut self, name: &[u8]) -> &mut u64 {
        match std::str::from_utf8(name).unwrap_or_default() {
            layout::COLLECTION_SAMPLES => &mut self.samples,
            layout::COLLECTION_CONTIGS | layout::COLLECTION_MAIN => &mut self.contigs,
            layout::COLLECTION_DETAILS | layout::COLLECTION_DESC => &mut self.details,
            layout::SEGMENT_SPLITTERS => &mut self.keys,
            layout::SPLITTERS => &mut self.splitters,
            layout::PARAMS => &mut self.params,
            layout::FILE_TYPE_INFO => &mut self.info,
            layout::CASE => &mut self.case,
            layout::DIGEST => &mut self.digests,
            _ => &mut self.other,
        }
    }
}

impl Archive {
    /// Finds out where the bytes went. A reference is its first user's. Bytes of a pack are divided evenly over the
    /// deltas in use, and each delta's are its first user's. The collection is read twice, a batch at a time. With
    /// `detail` it is also told where along the first sample the bytes went.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the collection is damaged or a segment is in no group,
    /// [`Error::Io`](crate::Error::Io), [`Error::Interrupted`](crate::Error::Interrupted).
    pub fn usage(&self, detail: Option<Detail>, interrupted: &dyn Fn() -> bool) -> Result<Usage> {
        let extents = self.store().container().extents()?;
        let bytes = self.bytes_by_kind(&extents);
        let mut shares = Shares::new(self.store().groups(), &extents, self.params().pack_cardinality);
        drop(extents);
        for sample in self.walk(interrupted) {
            shares.count(&sample?)?;
        }
        let groups = shares.groups();
        let (mut samples, mut strips) = (Vec::with_capacity(self.samples().len()), None);
        for (place, sample) in self.walk(interrupted).enumerate() {
            let sample = sample?;
            if let (0, Some(detail)) = (place, detail) {
                strips = Some(Strips::new(&sample, self.params().k, self.samples().len(), detail)?);
            }
            if let Some(strips) = &mut strips {
                strips.begin(place);
            }
            samples.push(shares.take(&sample, |segment, bytes| {
                if let Some(strips) = &mut strips {
                    strips.add(segment, bytes);
                }
            })?);
        }
        Ok(Usage { bytes, groups, samples, along: strips.map(Strips::finish) })
    }

    fn bytes_by_kind(&self, extents: &Extents<'_>) -> BytesByKind {
        let (container, groups) = (self.store().container(), self.store().groups());
        let mut bytes = BytesByKind { gaps: extents.gaps, footer: extents.footer, ..BytesByKind::default() };
        for stream in 0..container.len() {
            let name = container.name(stream);
            let group = GroupStream::parse(name, self.format());
            *match group.filter(|found| groups.stream(found.group, found.kind) == Some(stream)) {
                Some(GroupStream { kind: StreamKind::Reference, .. }) => &mut bytes.references,
                Some(GroupStream { kind: StreamKind::Deltas, .. }) => &mut bytes.deltas,
                None => bytes.of_stream(name),
            } += extents.parts(stream).iter().sum::<u64>();
        }
        bytes
    }
}
