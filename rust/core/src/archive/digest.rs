//! Digests of contigs: stored, or computed from the sequence and checked with what is stored.

use std::sync::{Arc, OnceLock};

use super::cache::{self, Key};
use super::catalog::BatchOf;
use super::extra::Extra;
use super::open::Archive;
use super::sample::Sample;
use crate::container::Container;
use crate::digest::{Digests, Entry, Hasher, Headers, Part, Rule, VERSION};
use crate::error::{Error, Result};

/// Bytes that a contig takes when the digests of its batch are read, beside what is stored: its length, and its place.
const LENGTHS: usize = 12;

/// What an archive knows of digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestFacts {
    /// Nothing.
    None,
    /// Those of all contigs from some sample on.
    Kept {
        /// What is stored of them.
        rule: Rule,
        /// The first sample that has digests.
        first: usize,
    },
    /// Something that was written for other samples, and is not used.
    Stale,
    /// Something that a later version of panarc can read.
    Later,
}

/// What is known of a contig's sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    entry: Entry,
    md5: bool,
}

impl Expected {
    /// What is to be given the contig's letters, in any case and in any pieces.
    pub fn hasher(&self) -> Hasher {
        Hasher::new(self.md5)
    }

    /// Whether all letters together were the contig. Where 4 bytes of a digest are stored, one wrong contig in four
    /// billion is not noticed.
    pub fn matches(&self, found: Hasher) -> bool {
        self.entry.matches(&found.finish())
    }

    /// What is stored.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }
}

/// The digests of a batch of samples.
pub(crate) struct BatchDigests {
    part: Arc<Part>,
    /// Contigs of the batch that come before the first one with digests.
    before: usize,
}

impl BatchDigests {
    /// The part as it is stored.
    pub(crate) fn part(&self) -> &Arc<Part> {
        &self.part
    }

    /// What is stored of a contig's digests.
    fn entry(&self, sample: &Sample, contig: usize) -> Option<Entry> {
        self.part.entry(sample.number_in_batch(contig).checked_sub(self.before)?)
    }
}

/// The digests of a sample, which are kept where those of its batch are not.
struct SampleDigests(Part);

impl cache::Entry for SampleDigests {
    fn memory(&self) -> usize {
        self.0.memory()
    }
}

impl cache::Entry for BatchDigests {
    fn memory(&self) -> usize {
        self.part.memory()
    }
}

/// The stream of digests, if there is one.
pub(super) struct DigestStore {
    stream: Option<usize>,
    found: OnceLock<Extra<Stored>>,
}

/// Digests by batches of samples, read when asked for.
pub(crate) struct Stored {
    stream: usize,
    rule: Rule,
    first: usize,
    parts: usize,
}

impl DigestStore {
    pub(super) fn new(stream: Option<usize>) -> DigestStore {
        DigestStore { stream, found: OnceLock::new() }
    }

    fn find(&self, archive: &Archive) -> Result<Option<&Extra<Stored>>> {
        let Some(stream) = self.stream else { return Ok(None) };
        if let Some(found) = self.found.get() {
            return Ok(Some(found));
        }
        let stored = |rule, first, parts| Stored { stream, rule, first, parts };
        let found = archive.extra(stream, VERSION, |content, parts| {
            let (rule, first) = Rule::decode(content, archive.samples().len())?;
            Ok(stored(rule, first, parts))
        });
        let found = match found {
            Err(_) if archive.is_lenient() => {
                let parts = archive.container().parts(stream).len();
                // A rule that is none of the usual ones cannot be guessed; then no contig has a digest to compare with.
                let rule = Rule::usual().into_iter().find(|&rule| archive.follows(&stored(rule, 0, parts)));
                Extra::Current(stored(rule.unwrap_or(Rule::auto(false)), rule.map_or(usize::MAX, |_| 0), parts))
            }
            found => found?,
        };
        Ok(Some(self.found.get_or_init(|| found)))
    }
}

impl Stored {
    /// The registry's number of the stream.
    pub(crate) fn stream(&self) -> usize {
        self.stream
    }

    /// What is stored, and the first sample that has it.
    pub(crate) fn rule(&self) -> (Rule, usize) {
        (self.rule, self.first)
    }

    /// Whether the contigs of a sample have digests.
    pub(super) fn has(&self, sample: &Sample) -> bool {
        sample.place() as usize >= self.first
    }

    /// A part, for contigs of these lengths and headers.
    fn decode(&self, container: &Container, number: usize, lengths: &[u64], headers: Option<Headers>) -> Result<Part> {
        if number >= self.parts {
            return Err(Error::corrupt("there are no digests of a batch of samples"));
        }
        let mut payload = Vec::new();
        let contigs = container.read_part(self.stream, number, &mut payload)?;
        match headers {
            Some(headers) => Part::decode(contigs, payload, self.rule, lengths, headers),
            None => Part::decode_unchecked(contigs, payload, self.rule, lengths),
        }
    }
}

impl Archive {
    /// What the archive knows of digests.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when what tells it is damaged, [`Error::Io`].
    pub fn digest_facts(&self) -> Result<DigestFacts> {
        Ok(match self.digest_store().find(self)? {
            None => DigestFacts::None,
            Some(Extra::Current(Stored { rule, first, .. })) => DigestFacts::Kept { rule: *rule, first: *first },
            Some(Extra::Stale) => DigestFacts::Stale,
            Some(Extra::Later) => DigestFacts::Later,
        })
    }

    /// The stored digests, if they belong to the archive's samples.
    pub(crate) fn stored_digests(&self) -> Result<Option<&Stored>> {
        Ok(match self.digest_store().find(self)? {
            Some(Extra::Current(stored)) => Some(stored),
            _ => None,
        })
    }

    /// What is stored of a contig's digests; none if there is nothing that belongs to it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the digests are damaged, [`Error::Io`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn expected(&self, sample: &Sample, contig: usize) -> Result<Option<Expected>> {
        let Some(stored) = self.stored_digests()? else { return Ok(None) };
        if (sample.place() as usize) < stored.first {
            return Ok(None);
        }
        let digests = self.catalog().cache().load(Key::SampleDigests(sample.place()), || {
            let digests = self.batch_digests(stored, sample)?;
            let first = sample.number_in_batch(0).checked_sub(digests.before).ok_or_else(no_place)?;
            Ok(SampleDigests(digests.part.only(first..first + sample.len())))
        });
        let digests = digests.map_err(|e| sample.placed(e, contig))?;
        let entry = digests.0.entry(contig).ok_or_else(no_place)?;
        Ok(Some(Expected { entry, md5: stored.rule.md5() }))
    }

    /// As [`Archive::expected`], where the digests of the sample's batch are at hand.
    pub(super) fn expected_of(
        &self,
        stored: &Stored,
        digests: &BatchDigests,
        sample: &Sample,
        contig: usize,
    ) -> Result<Expected> {
        let entry = digests.entry(sample, contig).ok_or_else(no_place)?;
        Ok(Expected { entry, md5: stored.rule.md5() })
    }

    /// The digests of the batch that a sample is in.
    pub(crate) fn batch_digests(&self, stored: &Stored, sample: &Sample) -> Result<Arc<BatchDigests>> {
        let (batch, _) = self.catalog().place(sample.place() as usize, self.rules());
        let key = Key::Digests(batch as u32);
        if let Some(found) = self.catalog().cache().get(key) {
            return Ok(found);
        }
        let checked = !self.is_lenient();
        let rows = self.catalog().batch(batch, self.store(), self.rules())?;
        let most = rows.contig_count().saturating_mul(LENGTHS + stored.rule.entry(u64::MAX));
        let _pass = self.store().enter(most as u64)?;
        self.catalog().cache().load(key, || self.read_digests(stored, batch, &rows, checked))
    }

    fn read_digests(&self, stored: &Stored, batch: usize, rows: &BatchOf<'_>, checked: bool) -> Result<BatchDigests> {
        let (first_batch, first_within) = self.catalog().place(stored.first, self.rules());
        let first = if batch == first_batch { first_within } else { 0 };
        let before = rows.first_contig(first.min(rows.samples()));
        let mut lengths = Vec::with_capacity(rows.contig_count() - before);
        let mut headers = Headers::default();
        for sample in first..rows.samples() {
            let page = rows.page(sample, self.params().k)?;
            for contig in 0..page.len() {
                lengths.push(page.length(contig)?);
                headers.contig(page.header(contig));
            }
            headers.end_sample();
        }
        let number = batch - first_batch;
        let headers = checked.then_some(headers);
        let part = stored.decode(self.container(), number, &lengths, headers);
        let part = part.map_err(|e| self.container().placed(e, stored.stream, number))?;
        Ok(BatchDigests { part: Arc::new(part), before })
    }

    /// Whether the part of some batch of samples is one of that rule.
    fn follows(&self, stored: &Stored) -> bool {
        let cardinality = self.params().pack_cardinality as usize;
        (0..self.samples().len()).step_by(cardinality).take(stored.parts).any(|index| {
            let (batch, _) = self.catalog().place(index, self.rules());
            let rows = self.catalog().batch(batch, self.store(), self.rules());
            rows.is_ok_and(|rows| self.read_digests(stored, batch, &rows, true).is_ok())
        })
    }

    /// The digests of a contig, with an MD5 if it is wanted or stored. What is not stored whole is computed from the
    /// sequence, and checked with what is.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the sequence is not the one that the stored digests are of; as [`Archive::read`].
    ///
    /// # Panics
    /// If there is no such contig.
    pub fn contig_digests(&self, sample: &Sample, contig: usize, md5: bool) -> Result<Digests> {
        let expected = self.expected(sample, contig)?;
        let length = sample.length(contig)?;
        if let Some(Expected { entry, .. }) = &expected
            && let Some(digest) = entry.whole()
            && (!md5 || entry.md5.is_some())
        {
            return Ok(Digests { digest, md5: entry.md5, length });
        }
        let mut hasher = Hasher::new(md5 || expected.is_some_and(|expected| expected.md5));
        self.decode(sample, contig, 0..length, |letters| {
            hasher.update(letters);
            Ok(())
        })?;
        let found = hasher.finish();
        match expected {
            Some(expected) if !expected.entry.matches(&found) => Err(differs(sample, contig)),
            _ => Ok(found),
        }
    }
}

fn no_place() -> Error {
    Error::Internal("a contig has no place among the digests".into())
}

/// Says that a contig is not what was stored.
pub(super) fn differs(sample: &Sample, contig: usize) -> Error {
    sample.placed(Error::corrupt("the sequence is not the one that its stored digest is of"), contig)
}
