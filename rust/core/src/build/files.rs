//! FASTA files into a builder: as one sample, or as the samples that the names of their records tell.

use std::sync::atomic::Ordering;

use super::builder::Builder;
use crate::error::{Error, InputError, Result, escape};
use crate::fasta::{Parser, Source, Split};

impl Builder {
    /// Adds FASTA files as one sample, and returns how many contigs they held. A file is opened when its turn comes;
    /// none is if the sample is passed over.
    ///
    /// # Errors
    /// [`Error::Input`] naming line and record of what is wrong, or when there is no record in a file;
    /// [`Error::Duplicate`] for the sample's name, or why a file could not be opened.
    pub fn add_fasta(&mut self, sources: impl IntoIterator<Item = Result<Source>>, sample: &str) -> Result<u64> {
        if self.passes_over(sample) {
            return Ok(0);
        }
        let mut contigs = 0;
        for (number, source) in sources.into_iter().enumerate() {
            let source = source?;
            if number == 0 {
                self.begin_sample(sample.as_bytes()).map_err(|error| match error {
                    Error::Duplicate(message) => Error::Duplicate(format!("{}: {message}", source.name())),
                    other => other,
                })?;
            }
            self.feed(source, |_, _| {
                contigs += 1;
                Ok(true)
            })?;
        }
        self.end_sample()?;
        Ok(contigs)
    }

    /// Adds FASTA files whose records tell their samples, and returns how many samples there were. Consecutive records
    /// of one sample, in one file or at the seam of two, are its contigs.
    ///
    /// # Errors
    /// As [`Builder::add_fasta`]; and when a name tells no sample, or a sample comes back after another one.
    pub fn add_records(&mut self, sources: impl IntoIterator<Item = Result<Source>>, split: Split) -> Result<u64> {
        let mut samples = 0;
        let mut current = None;
        for source in sources {
            self.feed(source?, |builder, header| {
                let sample = split.sample(header)?;
                if current.as_deref() == Some(sample) {
                    return Ok(true);
                }
                if current.take().is_some() {
                    builder.end_sample()?;
                }
                if builder.passes_over(sample) {
                    return Ok(false);
                }
                builder.begin_sample(sample.as_bytes()).map_err(|error| match error {
                    Error::Duplicate(_) => Error::Duplicate(format!(
                        "there is already a sample named '{}'; the records of a sample must follow one another: sort \
                         them by name",
                        escape(sample)
                    )),
                    other => other,
                })?;
                current = Some(sample.to_owned());
                samples += 1;
                Ok(true)
            })?;
        }
        if current.is_some() {
            self.end_sample()?;
        }
        Ok(samples)
    }

    /// The source, with the crew's help if there is more than the caller's thread.
    fn helped(&self, source: Source) -> Source {
        match self.engine.offer() {
            Some((offer, depth)) => source.helped(offer, depth),
            None => source,
        }
    }

    /// Adds all contigs of a file but those that are passed over; `prepare` is called with the header before each of them,
    /// and tells which.
    fn feed(&mut self, source: Source, mut prepare: impl FnMut(&mut Builder, &str) -> Result<bool>) -> Result<()> {
        let mut parser =
            Parser::new(self.helped(source.interruptible(self.interrupt.clone()))).keep_case(self.keep_case);
        let before = self.taken.load(Ordering::Relaxed);
        while let Some(header) = parser.next_record()? {
            let begun = prepare(self, &header)
                .and_then(|taken| if taken { self.begin_contig(header.as_bytes()).map(|()| true) } else { Ok(false) });
            if !begun.map_err(|error| placed(error, &parser, header))? {
                // The parser steps over what is not read.
                continue;
            }
            loop {
                let room = self.room()?;
                let read = self.parse.time(|| parser.read_codes(&mut self.chunk.codes, room))?;
                self.chunk.weight += read;
                self.bases.fetch_add(read as u64, Ordering::Relaxed);
                self.taken.store(before + parser.bytes_taken(), Ordering::Relaxed);
                if read < room {
                    break;
                }
            }
            self.end_contig()?;
        }
        if parser.records_seen() == 0 {
            return Err(Error::input(parser.name(), "there is no FASTA record in it"));
        }
        self.input_bytes += parser.bytes_read();
        Ok(())
    }
}

/// What is wrong with a record's name, with the place of the record.
fn placed(error: Error, parser: &Parser, header: String) -> Error {
    match error {
        Error::Parameter(message) | Error::Duplicate(message) => Error::Input(Box::new(InputError {
            file: parser.name().to_owned(),
            line: Some(parser.record_line()),
            record: Some(header),
            message,
        })),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use super::*;
    use crate::archive::{Archive, ReadOptions};
    use crate::build::Options;
    use crate::output::Target;

    fn split(files: &[&'static str], split: Split) -> Result<(u64, u64, u64)> {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::File(folder.path().join("a.agc"));
        let mut builder = Builder::create(&target, Options { threads: 1, ..Options::default() }, Arc::new(|| false))?;
        let sources = files.iter().zip(1..).map(|(text, number)| {
            Ok(Source::from_reader(format!("{number}.fa"), Box::new(Cursor::new(text.as_bytes()))))
        });
        let told = builder.add_records(sources, split)?;
        let stats = builder.finish()?;
        Ok((told, stats.samples, stats.contigs))
    }

    #[test]
    fn neighbours_are_one_sample() {
        let files = [">a#1#x\nACGT\n>a#1#y\nAC\n", ">a#1#z\nA\n>a#2#x\nA\n>b#1#x\n"];
        assert_eq!(split(&files, Split::Record).unwrap(), (5, 5, 5));
        assert_eq!(split(&files, Split::Haplotype).unwrap(), (3, 3, 5));
        assert_eq!(split(&files, Split::Individual).unwrap(), (2, 2, 5));
    }

    #[test]
    fn samples_that_are_there_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.agc");
        let target = Target::File(path.clone());
        let options = Options { threads: 1, skip_existing: true, ..Options::default() };
        let source =
            |text: &'static str| Ok(Source::from_reader("x.fa".into(), Box::new(Cursor::new(text.as_bytes()))));
        let mut builder = Builder::create(&target, options.clone(), Arc::new(|| false)).unwrap();
        builder.add_records([source(">a\nACGT\n>b\nA\n")], Split::Record).unwrap();
        builder.finish().unwrap();
        let append = || {
            let open = || Archive::open(&path, &ReadOptions::default());
            Builder::append(open, &target, options.clone(), Arc::new(|| false)).unwrap()
        };

        let before = std::fs::metadata(&path).unwrap().modified().unwrap();
        let mut builder = append();
        assert_eq!(builder.add_records([source(">a\nACGT\n>b\nA\n")], Split::Record).unwrap(), 0);
        assert_eq!(builder.add_fasta([Err(Error::Internal("opened".into()))], "b").unwrap(), 0);
        assert_eq!(builder.skipped(), ["a", "b"]);
        builder.finish().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before, "it is as it was");

        let mut builder = append();
        assert_eq!(builder.add_records([source(">a\nACGT\n>c\nGG\n>b\nA\n>d\nC\n")], Split::Record).unwrap(), 2);
        assert_eq!(builder.skipped(), ["a", "b"]);
        // What comes twice in one run is an error all the same.
        let error = builder.add_records([source(">c\nGG\n")], Split::Record).unwrap_err();
        assert!(matches!(error, Error::Duplicate(_) | Error::Input(_)), "{error}");
        drop(builder);

        let mut builder = append();
        assert_eq!(builder.add_records([source(">b\nA\n>c\nGG\n>a\nACGT\n")], Split::Record).unwrap(), 1);
        builder.finish().unwrap();
        let archive = Archive::open(&path, &ReadOptions::default()).unwrap();
        assert_eq!(archive.samples().iter().map(|name| &**name).collect::<Vec<_>>(), [&b"a"[..], b"b", b"c"]);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let said = |files: &[&'static str]| split(files, Split::Haplotype).unwrap_err().to_string();
        assert!(said(&[">a#1#x\nA\n", ">b#1#x\nA\n>a#1#y\nA\n"]).starts_with("2.fa, line 3, record 'a#1#y': there is"));
        assert!(said(&[">a#1#x\nA\n>b\nA\n"]).starts_with("1.fa, line 3, record 'b': the name is not of the form"));
        assert!(said(&[">a#1#x\nA\n", ""]).starts_with("2.fa: there is no FASTA record"));
    }
}
