//! What whoever goes on from an archive, or adds to it, needs: parts as they are stored, and which samples there are.

use super::open::Archive;
use super::store::Loan;
use crate::alphabet::CODES;
use crate::collection::{Batch, encode_samples};
use crate::container::Container;
use crate::error::{Error, Result};
use crate::layout::{Coverage, GroupStream, RAW_GROUPS};

impl Archive {
    pub(crate) fn container(&self) -> &Container {
        self.store().container()
    }

    /// What the headers of extra streams must say.
    pub(crate) fn coverage(&self) -> Coverage {
        self.coverage_of(self.samples().len())
    }

    /// What they would say of the first `samples` samples.
    pub(super) fn coverage_of(&self, samples: usize) -> Coverage {
        let names = self.samples()[..samples].iter();
        Coverage::new(samples, &encode_samples(names.map(|name| &**name)))
    }

    /// The registry's number of a group's stream.
    pub(crate) fn group_stream(&self, stream: GroupStream) -> Option<usize> {
        self.store().groups().stream(stream.group, stream.kind)
    }

    /// The codes of a group's reference.
    pub(crate) fn reference_codes(&self, group: u32) -> Result<Vec<u8>> {
        Ok(self.store().reference(group)?.bytes.iter().map(|&letter| CODES[usize::from(letter)]).collect())
    }

    /// The deltas in a pack of a group, in order.
    pub(crate) fn pack_entries(&self, group: u32, pack: u32) -> Result<Vec<Vec<u8>>> {
        let pack = self.whole_pack(group, pack)?;
        (0..pack.len()).map(|index| pack.entry(index).map(<[u8]>::to_vec)).collect()
    }

    /// How many there are.
    pub(super) fn pack_length(&self, group: u32, pack: u32) -> Result<usize> {
        Ok(self.whole_pack(group, pack)?.len())
    }

    fn whole_pack(&self, group: u32, pack: u32) -> Result<Loan<'_>> {
        // Number 0 is in no pack, but for raw groups.
        let before = u32::from(group >= RAW_GROUPS);
        let first = pack.checked_mul(self.params().pack_cardinality).and_then(|first| first.checked_add(before));
        let first = first.ok_or_else(|| Error::corrupt(format!("group {group} has too many packs")))?;
        Ok(self.store().pack(group, first)?.0)
    }

    /// A batch of the collection, and in how many of its samples lengths were corrected.
    pub(crate) fn batch(&self, number: usize) -> Result<(Batch, usize)> {
        self.catalog().batch(number, self.store(), self.rules())?.all()
    }
}
