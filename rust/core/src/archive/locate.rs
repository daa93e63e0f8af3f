//! Finding contigs whose samples are not known.

use rustc_hash::FxHashMap;

use super::cache::{Entry, Key};
use super::names::{Find, hash};
use super::open::Archive;
use crate::error::Result;
use crate::fasta::first_word;

/// How many samples of a contig are listed; more are not looked for.
pub const LISTED: usize = 4;

/// Samples by hashes of the headers and first words of their contigs.
struct NameIndex {
    /// Sorted: hash, and place of the sample. None where the index would take more room than there is.
    entries: Option<Box<[(u32, u32)]>>,
}

impl Entry for NameIndex {
    fn memory(&self) -> usize {
        self.entries.as_deref().map_or(0, size_of_val)
    }
}

/// Samples of each name.
type Found<'a> = FxHashMap<&'a [u8], Vec<usize>>;

impl Archive {
    /// The samples with a contig of this header or first word, for each of some names: places in [`Archive::samples`], at
    /// most [`LISTED`]. The first call goes through the collection, once for all names, and makes an index for later ones,
    /// if there is room for it among what is kept of the collection.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted), or as [`Archive::sample`].
    pub fn locate(&self, names: &[Vec<u8>], interrupted: &dyn Fn() -> bool) -> Result<Vec<Vec<usize>>> {
        let mut found: Found<'_> = names.iter().map(|name| (name.as_slice(), Vec::new())).collect();
        let mut searched = false;
        let index = self.catalog().cache().load(Key::Names, || {
            searched = true;
            self.search(&mut found, true, interrupted)
        })?;
        match &index.entries {
            _ if searched => {}
            Some(entries) => self.look_up(entries, &mut found)?,
            None => drop(self.search(&mut found, false, interrupted)?),
        }
        Ok(names.iter().map(|name| found[name.as_slice()].clone()).collect())
    }

    /// Goes through all contigs, and makes an index of them if it is `wanted`.
    fn search(&self, found: &mut Found<'_>, wanted: bool, interrupted: &dyn Fn() -> bool) -> Result<NameIndex> {
        let most = self.catalog().cache().largest() / size_of::<(u32, u32)>() as u64;
        let mut entries = wanted.then(Vec::new);
        for (index, sample) in self.walk(interrupted).enumerate() {
            let sample = sample?;
            let before = entries.as_ref().map_or(0, Vec::len);
            for contig in 0..sample.len() {
                let header = sample.header(contig);
                let word = first_word(header);
                for name in [header, word] {
                    if let Some(samples) = found.get_mut(name)
                        && samples.last() != Some(&index)
                        && samples.len() < LISTED
                    {
                        samples.push(index);
                    }
                }
                if let Some(entries) = &mut entries {
                    entries.push((hash(header), index as u32));
                    if word != header {
                        entries.push((hash(word), index as u32));
                    }
                }
            }
            if let Some(all) = &mut entries {
                all[before..].sort_unstable();
                if all.len() as u64 > most {
                    entries = None;
                }
            }
        }
        Ok(NameIndex {
            entries: entries.map(|mut entries| {
                entries.sort_unstable();
                entries.dedup();
                entries.into_boxed_slice()
            }),
        })
    }

    /// Looks at the samples that may have contigs of these names, and at no others.
    fn look_up(&self, entries: &[(u32, u32)], found: &mut Found<'_>) -> Result<()> {
        for (name, samples) in found {
            let wanted = hash(name);
            let first = entries.partition_point(|&(hash, _)| hash < wanted);
            for &(_, index) in entries[first..].iter().take_while(|&&(hash, _)| hash == wanted) {
                if samples.len() == LISTED {
                    break;
                }
                if self.sample(index as usize)?.look_for(name) != Find::None {
                    samples.push(index as usize);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::archive::ReadOptions;
    use crate::error::Error;

    fn open(collection_bytes: u64) -> Archive {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/many.agc");
        Archive::open(Path::new(path), &ReadOptions { collection_bytes, ..ReadOptions::default() }).unwrap()
    }

    #[test]
    fn names_are_found_by_the_walk_the_index_and_without_room_for_one() {
        for collection_bytes in [1 << 20, 0] {
            let archive = open(collection_bytes);
            let header = |sample: usize| archive.sample(sample).unwrap().header(0).to_vec();
            let names = [header(0), b"nowhere".to_vec(), header(120), header(0)];
            for _ in 0..3 {
                let found = archive.locate(&names, &|| false).unwrap();
                for (name, samples) in names.iter().zip(&found) {
                    let holds = |&i: &usize| {
                        let sample = archive.sample(i).unwrap();
                        (0..sample.len()).any(|c| sample.header(c) == name || first_word(sample.header(c)) == name)
                    };
                    let expected: Vec<_> = (0..archive.samples().len()).filter(holds).take(LISTED).collect();
                    assert_eq!(samples, &expected);
                }
                assert!(found[1].is_empty() && !found[0].is_empty() && found[0] == found[3]);
            }
        }
    }

    #[test]
    fn a_second_look_goes_through_nothing() {
        let archive = open(1 << 20);
        let names = [archive.sample(7).unwrap().header(0).to_vec()];
        assert!(matches!(archive.locate(&names, &|| true), Err(Error::Interrupted)));
        let found = archive.locate(&names, &|| false).unwrap();
        // A walk would be stopped at once.
        assert_eq!(archive.locate(&names, &|| true).unwrap(), found);
    }
}
