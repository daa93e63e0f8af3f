//! How much the collection of a batch of samples may come to. Which samples are a batch follows from their number, so one
//! that grows too large cannot be closed early: it can only be refused, at the name with which it does.

use crate::collection::{BatchSize, MAX_NAMES};
use crate::error::{Error, Result, escape};

/// Follows samples and contigs as they are added.
#[derive(Debug)]
pub(super) struct BatchLimit {
    /// Samples of a batch.
    cardinality: usize,
    most: usize,
    /// The batch that is not full, with the sample that is being added.
    size: BatchSize,
}

impl BatchLimit {
    /// For batches of so many samples, behind what there is of the last one.
    pub(super) fn new(cardinality: u32, size: BatchSize) -> Self {
        BatchLimit { cardinality: cardinality as usize, most: MAX_NAMES, size }
    }

    #[cfg(test)]
    pub(super) fn with_most(self, most: Option<usize>) -> Self {
        BatchLimit { most: most.unwrap_or(self.most), ..self }
    }

    /// Begins a sample.
    pub(super) fn begin_sample(&mut self) {
        if self.size.samples == self.cardinality {
            self.size = BatchSize::default();
        }
        self.size.samples += 1;
    }

    /// Adds a contig of the sample.
    ///
    /// # Errors
    /// [`Error::Parameter`] when its batch could not be read back, which tells what batch size would do.
    pub(super) fn add(&mut self, sample: &str, header: &[u8]) -> Result<()> {
        self.size.contigs += 1;
        self.size.names += header.len();
        if self.size.fits(self.most) {
            return Ok(());
        }
        let sample = escape(sample);
        let most = self.most >> 20;
        Err(Error::Parameter(match self.size.samples - 1 {
            0 => format!(
                "the names of the contigs of sample '{sample}' exceed {most} MiB, which no batch of samples may; \
                 contig {} is the first that does not fit",
                self.size.contigs
            ),
            fitting => format!(
                "the names of contigs exceed {most} MiB in a batch of {} samples: sample '{sample}' is number {} of its \
                 batch and does not fit; make the archive with a batch size of at most {fitting}",
                self.cardinality,
                fitting + 1
            ),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds samples of one contig with names of so many bytes; what was said.
    fn added(limit: &mut BatchLimit, names: &[usize]) -> Option<String> {
        names.iter().enumerate().find_map(|(i, &length)| {
            limit.begin_sample();
            limit.add(&format!("s{i}"), &vec![b'x'; length]).err().map(|error| error.to_string())
        })
    }

    #[test]
    fn a_batch_begins_anew_and_the_sample_that_does_not_fit_is_named() {
        let limit = |cardinality| BatchLimit::new(cardinality, BatchSize::default()).with_most(Some(4 << 20));
        let mib = 1 << 20;
        assert_eq!(added(&mut limit(4), &[mib; 40]), None);
        let said = added(&mut limit(5), &[mib; 40]).unwrap();
        assert!(said.contains("exceed 4 MiB in a batch of 5 samples: sample 's4' is number 5"), "{said}");
        assert!(said.ends_with("batch size of at most 4"), "{said}");
        let said = added(&mut limit(3), &[1, 1, 1, 5 * mib]).unwrap();
        assert!(said.contains("of sample 's3' exceed 4 MiB") && said.contains("contig 1 is"), "{said}");
        let old = BatchSize { samples: 2, contigs: 2, names: 3 * mib };
        let mut behind = BatchLimit::new(4, old).with_most(Some(4 << 20));
        assert_eq!(added(&mut behind, &[mib, 0, 4 * mib]), None);
    }

    #[test]
    fn contigs_count_as_well_as_their_names() {
        let mut limit = BatchLimit::new(4, BatchSize::default()).with_most(Some(1000));
        limit.begin_sample();
        let taken = (0..1000).take_while(|_| limit.add("s", b"c").is_ok()).count();
        assert_eq!(taken, (2001 - 64) / 16);
    }
}
