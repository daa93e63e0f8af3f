//! Finding contigs whose samples are not known.

use rustc_hash::FxHashMap;

use super::open::Archive;
use crate::error::Result;
use crate::fasta::first_word;

/// How many samples of a contig are listed; more are not looked for.
pub const LISTED: usize = 4;

impl Archive {
    /// The samples with a contig of this header or first word, for each of some names: places in [`Archive::samples`], at
    /// most [`LISTED`]. The collection is gone through once for all names.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted), or as [`Archive::sample`].
    pub fn locate(&self, names: &[Vec<u8>], interrupted: &dyn Fn() -> bool) -> Result<Vec<Vec<usize>>> {
        let mut found: FxHashMap<&[u8], Vec<usize>> = names.iter().map(|name| (name.as_slice(), Vec::new())).collect();
        for (index, sample) in self.walk(interrupted).enumerate() {
            let sample = sample?;
            for contig in 0..sample.len() {
                let header = sample.header(contig);
                for name in [header, first_word(header)] {
                    if let Some(samples) = found.get_mut(name)
                        && samples.last() != Some(&index)
                        && samples.len() < LISTED
                    {
                        samples.push(index);
                    }
                }
            }
        }
        Ok(names.iter().map(|name| found[name.as_slice()].clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::archive::ReadOptions;

    #[test]
    fn one_walk_finds_all_names() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/golden/many.agc");
        let archive = Archive::open(Path::new(path), &ReadOptions::default()).unwrap();
        let header = |sample: usize| archive.sample(sample).unwrap().header(0).to_vec();
        let names = [header(0), b"nowhere".to_vec(), header(120), header(0)];
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
