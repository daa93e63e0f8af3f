//! Contigs and segments of some consecutive samples, in flat tables.

use super::segment::Segment;

/// The collection of a batch of samples. Contigs are numbered through the batch, segments likewise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Behind the last contig of each sample.
    sample_ends: Vec<u32>,
    /// Behind the last byte of each contig's name, in `names`.
    name_ends: Vec<u32>,
    names: Vec<u8>,
    /// Behind the last segment of each contig.
    segment_ends: Vec<u32>,
    segments: Vec<Segment>,
}

impl Batch {
    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.sample_ends.len()
    }

    /// Contigs of the `sample`-th sample.
    pub fn contigs(&self, sample: usize) -> std::ops::Range<usize> {
        range(&self.sample_ends, sample)
    }

    /// Name of a contig: its whole header.
    pub fn name(&self, contig: usize) -> &[u8] {
        &self.names[range(&self.name_ends, contig)]
    }

    /// Segments of a contig, in order.
    pub fn segments(&self, contig: usize) -> &[Segment] {
        &self.segments[range(&self.segment_ends, contig)]
    }

    /// Numbers of a contig's segments in the batch.
    pub fn segment_numbers(&self, contig: usize) -> std::ops::Range<usize> {
        range(&self.segment_ends, contig)
    }

    /// Segments of a contig, to be changed in place.
    pub fn segments_mut(&mut self, contig: usize) -> &mut [Segment] {
        &mut self.segments[range(&self.segment_ends, contig)]
    }

    /// The segment added as the `index`-th of the batch.
    pub fn segment_mut(&mut self, index: usize) -> &mut Segment {
        &mut self.segments[index]
    }

    /// Number of segments added so far.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Number of contigs added so far.
    pub fn contig_count(&self) -> usize {
        self.name_ends.len()
    }

    /// Begins the next contig of the sample that is being added.
    pub fn push_contig(&mut self, name: &[u8]) {
        self.names.extend_from_slice(name);
        self.name_ends.push(self.names.len() as u32);
        self.segment_ends.push(self.segments.len() as u32);
    }

    /// Adds a segment to the last contig.
    pub fn push_segment(&mut self, segment: Segment) {
        self.segments.push(segment);
        if let Some(end) = self.segment_ends.last_mut() {
            *end = self.segments.len() as u32;
        }
    }

    /// Ends the sample that was being added.
    pub fn end_sample(&mut self) {
        self.sample_ends.push(self.name_ends.len() as u32);
    }

    /// Bytes of all names.
    pub fn name_bytes(&self) -> usize {
        self.names.len()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        4 * (self.sample_ends.capacity() + self.name_ends.capacity() + self.segment_ends.capacity())
            + self.names.capacity()
            + self.segments.capacity() * size_of::<Segment>()
    }

    /// A batch of the `sample`-th sample alone.
    pub fn alone(&self, sample: usize) -> Batch {
        let mut batch = Batch::default();
        let contigs = self.contigs(sample);
        batch.reserve_contigs(contigs.len());
        for contig in contigs {
            batch.push_contig(self.name(contig));
            self.segments(contig).iter().for_each(|&segment| batch.push_segment(segment));
        }
        batch.end_sample();
        batch
    }

    /// Makes room for so many contigs.
    pub(crate) fn reserve_contigs(&mut self, contigs: usize) {
        self.name_ends.reserve_exact(contigs);
        self.segment_ends.reserve_exact(contigs);
    }

    /// Gives back what was asked for and is not used.
    pub(crate) fn shrink(&mut self) {
        self.names.shrink_to_fit();
        self.segments.shrink_to_fit();
    }

    /// Makes room in the segment table for what the details announce.
    pub(crate) fn reserve_segments(&mut self, segments: usize) {
        self.segments.reserve_exact(segments);
    }
}

fn range(ends: &[u32], index: usize) -> std::ops::Range<usize> {
    let start = if index == 0 { 0 } else { ends[index - 1] as usize };
    start..ends[index] as usize
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    type Contig = (String, Vec<(u32, u32, u32, bool)>);

    /// Batches with names and segments of every kind.
    pub(crate) fn batches() -> impl Strategy<Value = Batch> {
        let segment = (0u32..40, 0u32..30, 0u32..200_000, any::<bool>());
        let contig = ("[ -~]{0,20}", proptest::collection::vec(segment, 0..5));
        let sample = proptest::collection::vec(contig, 0..5);
        proptest::collection::vec(sample, 0..6).prop_map(|samples| build(&samples))
    }

    fn build(samples: &[Vec<Contig>]) -> Batch {
        let mut batch = Batch::default();
        for contigs in samples {
            for (name, segments) in contigs {
                batch.push_contig(name.as_bytes());
                for &(group, number, length, reversed) in segments {
                    batch.push_segment(Segment::new(group, number, length, reversed));
                }
            }
            batch.end_sample();
        }
        batch
    }

    #[test]
    fn contigs_without_segments_and_samples_without_contigs() {
        let batch = build(&[vec![], vec![("a".into(), vec![]), ("b".into(), vec![(1, 2, 3, true)])], vec![]]);
        assert_eq!(batch.contigs(0), 0..0);
        assert_eq!(batch.contigs(1), 0..2);
        assert_eq!(batch.segments(0), []);
        assert_eq!(batch.segments(1), [Segment::new(1, 2, 3, true)]);
        assert_eq!(batch.name(1), b"b");
    }
}
