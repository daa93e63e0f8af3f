//! BGZF read ahead: its blocks tell their size, so that others can inflate some while the reader is at earlier ones.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::gzip::{Gzip, MissingEof};
use super::raw::Raw;
use crate::error::{Error, Result};

/// Blocks that are inflated in one go.
const BLOCKS: usize = 2;

/// Bytes of a block's header, with the field of its size.
const HEADER: usize = 18;

/// Memory of the blocks of one piece of work, compressed and as text (upper bound of what is well-formed).
pub const WORK_MEMORY: usize = 2 * BLOCKS * (64 << 10);

/// Takes work that should be run soon, by anybody.
pub type Offer = Arc<dyn Fn(Arc<Work>) + Send + Sync>;

/// Some blocks to be inflated, once: by whoever comes first.
pub struct Work {
    name: String,
    /// Where the first block begins in the file.
    at: u64,
    state: Mutex<State>,
}

enum State {
    Waiting(Batch),
    Done(Batch, Result<usize>),
    Taken,
}

/// Blocks, their text, and what it takes to get from one to the other; used again and again.
struct Batch {
    blocks: Vec<u8>,
    gzip: Gzip,
    text: Vec<u8>,
}

impl Work {
    /// Inflates the blocks, unless that is done.
    pub fn run(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match mem::replace(&mut *state, State::Taken) {
            State::Waiting(mut batch) => {
                let length = batch.inflate(&self.name, self.at);
                State::Done(batch, length)
            }
            other => other,
        };
    }

    /// The text and its length; inflates it if nobody has, waits for whoever is at it.
    fn take(&self) -> Result<(Batch, usize)> {
        self.run();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *state, State::Taken) {
            State::Done(batch, length) => Ok((batch, length?)),
            _ => Err(Error::Internal(format!("{}: blocks were inflated twice, or not to their end", self.name))),
        }
    }
}

impl Batch {
    fn new() -> Batch {
        Batch { blocks: Vec::new(), gzip: Gzip::of_blocks(), text: vec![0; BLOCKS << 16] }
    }

    /// Inflates the blocks, which begin at `at` in the file; the length of the text.
    fn inflate(&mut self, name: &str, at: u64) -> Result<usize> {
        let mut raw = Raw::of_bytes(name.to_owned(), at, mem::take(&mut self.blocks));
        self.gzip.restart();
        let mut length = 0;
        loop {
            if length == self.text.len() {
                // A block may hold more than it should.
                self.text.resize(2 * length, 0);
            }
            match self.gzip.fill(&mut raw, &mut self.text[length..])? {
                0 => break,
                filled => length += filled,
            }
        }
        self.blocks = raw.into_buffer();
        Ok(length)
    }
}

/// Decoder of one BGZF file.
pub(super) struct Ahead {
    offer: Offer,
    depth: usize,
    works: VecDeque<Arc<Work>>,
    /// The batch whose text is being given: how much of it was, and how long it is.
    current: Option<Batch>,
    given: usize,
    length: usize,
    spare: Vec<Batch>,
    /// What comes behind the last block.
    rest: Option<Result<Gzip>>,
    /// Whether the last block that was given has text.
    unmarked: bool,
    missing_eof: MissingEof,
}

impl Ahead {
    /// Keeps `depth` pieces of work on offer.
    pub(super) fn new(offer: Offer, depth: usize, missing_eof: MissingEof) -> Ahead {
        Ahead {
            offer,
            depth: depth.max(1),
            works: VecDeque::new(),
            current: None,
            given: 0,
            length: 0,
            spare: Vec::new(),
            rest: None,
            unmarked: false,
            missing_eof,
        }
    }

    /// Decompresses some bytes; 0 means the end of the file.
    pub(super) fn fill(&mut self, raw: &mut Raw, out: &mut [u8]) -> Result<usize> {
        while self.given == self.length {
            self.spare.extend(self.current.take());
            self.read_ahead(raw);
            let Some(work) = self.works.pop_front() else {
                let nothing = || Err(Error::Internal(format!("{}: nothing was read ahead", raw.name())));
                let mut gzip = self.rest.take().unwrap_or_else(nothing)?;
                if std::mem::take(&mut self.unmarked) {
                    gzip.set_unmarked(true);
                }
                let filled = gzip.fill(raw, out)?;
                self.rest = Some(Ok(gzip));
                return Ok(filled);
            };
            let (batch, length) = work.take()?;
            self.unmarked = batch.gzip.unmarked();
            (self.current, self.given, self.length) = (Some(batch), 0, length);
        }
        let text = self.current.as_ref().map_or(&[][..], |batch| &batch.text[self.given..self.length]);
        let count = out.len().min(text.len());
        out[..count].copy_from_slice(&text[..count]);
        self.given += count;
        Ok(count)
    }

    fn read_ahead(&mut self, raw: &mut Raw) {
        while self.rest.is_none() && self.works.len() < self.depth {
            let at = raw.taken();
            let mut batch = self.spare.pop().unwrap_or_else(Batch::new);
            batch.blocks.clear();
            for _ in 0..BLOCKS {
                match next_block(raw, &mut batch.blocks) {
                    Ok(true) => {}
                    Ok(false) => self.rest = Some(Ok(Gzip::behind_members(self.missing_eof))),
                    Err(error) => self.rest = Some(Err(error)),
                }
                if self.rest.is_some() {
                    break;
                }
            }
            if !batch.blocks.is_empty() {
                let work = Arc::new(Work { name: raw.name().to_owned(), at, state: Mutex::new(State::Waiting(batch)) });
                self.works.push_back(work.clone());
                (self.offer)(work);
            }
        }
    }
}

/// Whether a block begins here.
pub(super) fn is_block(raw: &mut Raw) -> Result<bool> {
    Ok(block_size(raw.peek(HEADER)?).is_some())
}

/// Size of the block that begins with these bytes, if one does.
fn block_size(start: &[u8]) -> Option<usize> {
    let header = start.first_chunk::<HEADER>()?;
    let size = usize::from(u16::from_le_bytes([header[16], header[17]])) + 1;
    let told = header[..4] == [0x1f, 0x8b, 8, 4] && header[10..16] == [6, 0, b'B', b'C', 2, 0];
    (told && size > HEADER).then_some(size)
}

/// Appends the next block, or what is there of it, to `blocks`; false if none begins here.
fn next_block(raw: &mut Raw, blocks: &mut Vec<u8>) -> Result<bool> {
    let Some(mut left) = block_size(raw.peek(HEADER)?) else { return Ok(false) };
    while left > 0 {
        let available = raw.available()?;
        let count = available.len().min(left);
        if count == 0 {
            break;
        }
        blocks.extend_from_slice(&available[..count]);
        raw.consume(count);
        left -= count;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::sync::mpsc;
    use std::thread;

    use proptest::prelude::*;

    use super::*;
    use crate::fasta::{BgzfWriter, Source};

    fn read(bytes: &[u8], helpers: Option<(Offer, usize)>) -> Result<Vec<u8>> {
        let mut source = Source::from_reader("x".into(), Box::new(Cursor::new(bytes.to_vec())));
        if let Some((offer, depth)) = helpers {
            source = source.helped(offer, depth);
        }
        let (mut all, mut part) = (Vec::new(), vec![0; 50_000]);
        loop {
            match source.fill(&mut part)? {
                0 => return Ok(all),
                filled => all.extend_from_slice(&part[..filled]),
            }
        }
    }

    /// What comes of it with help from nobody, from somebody who is there at once, and from another thread.
    fn helped(bytes: &[u8], depth: usize) -> [Result<Vec<u8>>; 3] {
        let (send, works) = mpsc::channel::<Arc<Work>>();
        let worker = thread::spawn(move || works.iter().for_each(|work| work.run()));
        let send = Mutex::new(send);
        let offers: [Offer; 3] = [
            Arc::new(|_| {}),
            Arc::new(|work| work.run()),
            Arc::new(move |work| drop(send.lock().unwrap().send(work))),
        ];
        let found = offers.map(|offer| read(bytes, Some((offer, depth))));
        worker.join().unwrap();
        found
    }

    fn bgzf(length: usize) -> Vec<u8> {
        let text: Vec<u8> =
            (0..length as u32).map(|i| b"ACGT"[(i.wrapping_mul(2_654_435_761) >> 30) as usize]).collect();
        let mut writer = BgzfWriter::new(Vec::new(), 1);
        writer.write_all(&text).unwrap();
        writer.finish().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn help_changes_nothing(
            length in 0usize..500_000, depth in 1usize..5, tail in 0usize..4,
            flip in any::<prop::sample::Index>(), damage in any::<bool>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = bgzf(length);
            bytes.extend_from_slice([&b""[..], b"\0\0\0", b"x", &bgzf(100_000)][tail]);
            if damage {
                let at = flip.index(bytes.len());
                bytes[at] ^= 4;
                bytes.truncate(1 + cut.index(bytes.len()));
            }
            let alone = read(&bytes, None).map_err(|e| e.to_string());
            for found in helped(&bytes, depth) {
                match (&alone, found.map_err(|e| e.to_string())) {
                    (Ok(alone), found) => prop_assert!(found.as_ref() == Ok(alone) || damage && found.is_err()),
                    (Err(_), found) => prop_assert!(found.is_err()),
                }
            }
        }
    }

    #[test]
    fn damage_is_told_with_its_place() {
        let mut bytes = bgzf(400_000);
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        let alone = read(&bytes, None).unwrap_err().to_string();
        assert!(alone.contains("compressed byte"), "{alone}");
        for found in helped(&bytes, 3) {
            assert_eq!(found.unwrap_err().to_string(), alone);
        }
    }
}
