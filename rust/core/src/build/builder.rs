//! The public face of the builder: samples, contigs and codes go in, an archive comes out.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashSet;

use super::base::Base;
use super::batch_limit::BatchLimit;
use super::chunk::{Chunk, Mark};
use super::engine::Engine;
use super::options::Options;
use super::place::{for_append, for_new};
use super::stats::{Clock, Stats};
use super::write::Writer;
use crate::alphabet::{CODES, INVALID, LOWER};
use crate::archive::Archive;
use crate::collection::can_follow;
use crate::error::{Error, Result, escape};
use crate::fasta::{Interrupt, first_word};
use crate::layout::Params;
use crate::output::{Output, Replace, Target};

/// Longest name of a sample or contig, in bytes.
const MAX_NAME: usize = 1 << 20;

/// Builds an archive from samples that stream by. Dropped without [`Builder::finish`], it leaves nothing behind.
pub struct Builder {
    pub(super) engine: Engine,
    output: Output,
    pub(super) interrupt: Interrupt,
    pub(super) chunk: Chunk,
    pub(super) keep_case: bool,
    samples: FxHashSet<Box<[u8]>>,
    batch: BatchLimit,
    /// Samples that are passed over.
    existing: FxHashSet<Box<[u8]>>,
    skipped: Vec<String>,
    /// Samples that were added to what was there.
    added: u64,
    /// Whether what it goes on from is what it replaces.
    in_place: bool,
    sample: Option<SampleState>,
    pid: u32,
    pub(super) bases: Arc<AtomicU64>,
    pub(super) taken: Arc<AtomicU64>,
    /// Bytes of text read from files, and the time that reading and parsing took.
    pub(super) input_bytes: u64,
    pub(super) parse: Clock,
}

/// The sample that is being added.
struct SampleState {
    name: String,
    /// Fingerprints of its contigs' names.
    contigs: FxHashSet<u128>,
    last: Option<Box<[u8]>>,
    in_contig: bool,
}

impl Builder {
    /// Begins an archive. The target is touched only when the archive is complete; what is there already is locked until
    /// then, so that two processes do not write one archive.
    ///
    /// # Errors
    /// [`Error::Parameter`] for options out of range, or a name such as `a.fa.gz`; [`Error::Io`] when nothing can be written
    /// there, or when something is there already, unless [`Options::overwrite`] allows that.
    pub fn create(target: &Target, options: Options, interrupt: Interrupt) -> Result<Builder> {
        options.params()?;
        let output = Output::create_locked(target, Replace::Empty, options.wait, &*interrupt)?;
        let output = for_new(output, options.overwrite, "; 'panarc append' adds to it")?;
        Builder::create_in(output, options, interrupt)
    }

    /// As [`Builder::create`], with an output that is open already.
    pub(crate) fn create_in(output: Output, options: Options, interrupt: Interrupt) -> Result<Builder> {
        let params = options.params()?;
        Builder::begin(output, &options, params, None, interrupt)
    }

    /// Begins an archive that has all of another one, which is not changed unless it is the target. Its parameters
    /// count, unless it is of format 1 or 2, which is written anew. The archive is opened when the target is locked: what
    /// another process has added until then is there.
    ///
    /// # Errors
    /// As [`Builder::create`], and whatever is wrong with the archive; [`Error::Io`] for an archive that is read-only.
    pub fn append(
        open: impl FnOnce() -> Result<Archive>,
        target: &Target,
        options: Options,
        interrupt: Interrupt,
    ) -> Result<Builder> {
        let replace = for_append(target, options.overwrite)?;
        let output = Output::create_locked(target, replace, options.wait, &*interrupt)?.unless_changed();
        let archive = open()?;
        let found = output.path().and_then(|path| std::fs::metadata(path).ok());
        let in_place = found.is_some_and(|found| archive.container().source().is_file(&found));
        let output = if in_place { output } else { for_new(output, options.overwrite, "")? };
        let mut builder = Builder::append_in(output, archive, options, interrupt)?;
        builder.in_place = in_place;
        Ok(builder)
    }

    /// As [`Builder::append`], with an output and an archive that are open already.
    pub(crate) fn append_in(
        output: Output,
        archive: Archive,
        options: Options,
        interrupt: Interrupt,
    ) -> Result<Builder> {
        let existing = options.skip_existing.then(|| archive.samples().iter().cloned().collect());
        let mut builder = if archive.format() < 3 {
            let mut builder = Builder::begin(output, &options, options.params()?, None, interrupt)?;
            builder.engine.expect_copies(archive.samples().len());
            builder.copy(&archive)?;
            builder
        } else {
            let base = Base::new(archive)?;
            let params = base.params();
            Builder::begin(output, &options, params, Some(base), interrupt)?
        };
        builder.existing = existing.unwrap_or_default();
        builder.added = 0;
        Ok(builder)
    }

    fn begin(
        output: Output,
        options: &Options,
        params: Params,
        base: Option<Base>,
        interrupt: Interrupt,
    ) -> Result<Builder> {
        let writer = Writer::new(output.reopen()?, output.work_name(), params);
        let samples = base.iter().flat_map(|base| base.archive().samples()).cloned().collect();
        let keep_case = options.keep_case || base.as_ref().is_some_and(|base| base.case().is_some());
        let options = Options { keep_case, ..options.clone() };
        let engine = Engine::start(&options, params, writer, base, output.folder())?;
        engine.resume(&interrupt)?;
        let batch = BatchLimit::new(params.pack_cardinality, engine.open_batch()?);
        #[cfg(test)]
        let batch = batch.with_most(options.most_names);
        Ok(Builder {
            chunk: Chunk::default(),
            keep_case,
            samples,
            batch,
            existing: FxHashSet::default(),
            skipped: Vec::new(),
            added: 0,
            in_place: false,
            sample: None,
            pid: std::process::id(),
            bases: Arc::default(),
            taken: Arc::default(),
            engine,
            output,
            interrupt,
            input_bytes: 0,
            parse: Clock::default(),
        })
    }

    /// Adds all samples of an archive.
    fn copy(&mut self, archive: &Archive) -> Result<()> {
        for index in 0..archive.samples().len() {
            let sample = archive.sample(index)?;
            self.begin_sample(&archive.samples()[index])?;
            for contig in 0..sample.len() {
                self.begin_contig(sample.header(contig))?;
                archive.read(&sample, contig, 0..sample.length(contig)?, |letters| self.write(letters))?;
                self.end_contig()?;
            }
            self.end_sample()?;
        }
        Ok(())
    }

    /// Number of bases taken so far, for whoever shows progress; it goes on counting while other methods run.
    pub fn bases(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bases)
    }

    /// Bytes that the process may have resident: the limit that was given, or the one that was chosen.
    pub fn memory_limit(&self) -> u64 {
        self.engine.memory_limit() as u64
    }

    /// Bytes of input files taken so far, as they are stored; counts as [`Builder::bases`] does.
    pub fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }

    #[cfg(test)]
    pub(super) fn set_hook(&self, hook: super::tests::HookFn) {
        self.engine.set_hook(hook);
    }

    /// Begins a sample; its name must be new.
    ///
    /// # Errors
    /// [`Error::Duplicate`], [`Error::Parameter`] for a name that cannot be stored, or why an earlier stage failed.
    pub fn begin_sample(&mut self, name: &[u8]) -> Result<()> {
        self.check()?;
        let shown = String::from_utf8_lossy(name).into_owned();
        if self.sample.is_some() {
            return Err(Error::Parameter(format!("sample '{}' begins inside another", escape(&shown))));
        }
        check_name("sample", name)?;
        if !self.samples.insert(name.into()) {
            return Err(Error::Duplicate(format!("there is already a sample named '{}'", escape(&shown))));
        }
        self.batch.begin_sample();
        self.added += 1;
        self.sample = Some(SampleState { name: shown, contigs: FxHashSet::default(), last: None, in_contig: false });
        self.mark(Mark::Sample(name.into()))
    }

    /// Begins a contig of the sample; `header` is the whole FASTA header without `>`.
    ///
    /// # Errors
    /// As [`Builder::begin_sample`].
    pub fn begin_contig(&mut self, header: &[u8]) -> Result<()> {
        self.check()?;
        let shown = || escape(&String::from_utf8_lossy(header));
        let sample = match &mut self.sample {
            Some(sample) if !sample.in_contig => sample,
            _ => {
                return Err(Error::Parameter(format!(
                    "contig '{}' begins outside a sample or inside a contig",
                    shown()
                )));
            }
        };
        check_name("contig", header)?;
        if !can_follow(header, sample.last.as_deref()) {
            return Err(Error::Parameter(format!(
                "the archive format cannot carry the name '{}' here: letters beyond ASCII are possible only in the first \
                 contig of a sample, or behind one with another number of words",
                shown()
            )));
        }
        if !sample.contigs.insert(fingerprint(header)) {
            return Err(Error::Duplicate(format!(
                "sample '{}' has two contigs named '{}'",
                escape(&sample.name),
                shown()
            )));
        }
        self.batch.add(&sample.name, header)?;
        sample.last = Some(header.into());
        sample.in_contig = true;
        self.mark(Mark::Contig(header.into()))
    }

    /// Adds sequence to the contig: letters of the IUPAC alphabet, in upper or lower case.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the first byte that is none, counted from 0 in `letters`; nothing is added then.
    pub fn write(&mut self, letters: &[u8]) -> Result<()> {
        self.check()?;
        if !self.sample.as_ref().is_some_and(|sample| sample.in_contig) {
            return Err(Error::Parameter("sequence comes outside a contig".into()));
        }
        if let Some(at) = letters.iter().position(|&letter| CODES[usize::from(letter)] == INVALID) {
            let shown = letters[at].escape_ascii();
            return Err(Error::Parameter(format!("byte '{shown}' at offset {at} is no IUPAC nucleotide code")));
        }
        let mut rest = letters;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.room()?));
            rest = later;
            self.bases.fetch_add(now.len() as u64, Ordering::Relaxed);
            let case = if self.keep_case { LOWER } else { 0 };
            self.chunk.codes.extend(now.iter().map(|&letter| CODES[usize::from(letter)] | letter & case));
            self.chunk.weight += now.len();
        }
        Ok(())
    }

    /// Ends the contig.
    ///
    /// # Errors
    /// [`Error::Parameter`] when there is none, or why an earlier stage failed.
    pub fn end_contig(&mut self) -> Result<()> {
        match &mut self.sample {
            Some(sample) if sample.in_contig => sample.in_contig = false,
            _ => return Err(Error::Parameter("a contig ends that was not begun".into())),
        }
        self.mark(Mark::EndContig)
    }

    /// Ends the sample.
    ///
    /// # Errors
    /// [`Error::Parameter`] when there is none or a contig is open, or why an earlier stage failed.
    pub fn end_sample(&mut self) -> Result<()> {
        match &self.sample {
            Some(sample) if !sample.in_contig => self.sample = None,
            _ => return Err(Error::Parameter("a sample ends that was not begun, or inside a contig".into())),
        }
        self.mark(Mark::EndSample)
    }

    /// Completes the archive and puts it in its place.
    ///
    /// # Errors
    /// Why any stage failed; the target is untouched then.
    pub fn finish(mut self) -> Result<Stats> {
        self.check()?;
        if self.sample.is_some() {
            return Err(Error::Parameter("the archive ends inside a sample".into()));
        }
        if self.samples.is_empty() {
            return Err(Error::Parameter("there is nothing to archive: no sample was added".into()));
        }
        self.submit()?;
        let mut stats = self.engine.finish(&self.interrupt)?;
        // A restarted job that finds all its samples there leaves the archive as it is.
        if !(self.in_place && self.added == 0 && !self.skipped.is_empty()) {
            self.output.commit(&*self.interrupt)?;
        }
        stats.input_bytes = self.input_bytes;
        stats.seconds.insert(0, ("parse", self.parse.seconds()));
        Ok(stats)
    }

    /// Whether a sample is there already and, as [`Options::skip_existing`] asks, is to be passed over; notes it then.
    pub fn passes_over(&mut self, sample: &str) -> bool {
        let passed = self.existing.contains(sample.as_bytes());
        if passed && self.skipped.last().is_none_or(|last| last != sample) {
            self.skipped.push(sample.to_owned());
        }
        passed
    }

    /// Samples that were passed over.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    fn check(&self) -> Result<()> {
        // A forked child has the builder but not its threads; the parent's files are not its own either.
        if std::process::id() != self.pid {
            return Err(Error::Parameter("a builder cannot be used in a forked process".into()));
        }
        self.engine.failure().map_or(Ok(()), Err)
    }

    /// How many codes the chunk takes, after a full one was handed on; at least one.
    pub(super) fn room(&mut self) -> Result<usize> {
        if self.chunk.room() == 0 {
            self.submit()?;
        }
        Ok(self.chunk.room())
    }

    fn mark(&mut self, mark: Mark) -> Result<()> {
        if self.chunk.room() == 0 {
            self.submit()?;
        }
        self.chunk.push_mark(mark);
        Ok(())
    }

    fn submit(&mut self) -> Result<()> {
        let next = self.engine.chunk();
        let mut full = std::mem::replace(&mut self.chunk, next);
        if self.keep_case {
            full.split_case();
        }
        self.engine.submit(full, &self.interrupt)
    }
}

fn check_name(what: &str, name: &[u8]) -> Result<()> {
    let refuse = |why: &str| {
        let shown = escape(&String::from_utf8_lossy(name));
        Err(Error::Parameter(format!("the {what} name '{shown}' cannot be stored: {why}")))
    };
    if first_word(name).is_empty() {
        return refuse("it is empty");
    }
    if name.len() > MAX_NAME {
        return refuse("it is longer than 1 MiB");
    }
    if name.iter().any(|byte| matches!(byte, 0 | b'\n' | b'\r')) {
        return refuse("it holds a line end or a zero byte");
    }
    Ok(())
}

/// 128 bits of a name, so that names themselves need not be kept to find equal ones.
fn fingerprint(name: &[u8]) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, name).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
