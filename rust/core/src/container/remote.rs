//! A source whose bytes come from far away: few requests, each for much, and what came is kept for a while.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chunks::{Chunks, coalesced, overlay};
use super::source::ByteSource;
use crate::error::{Error, Result};
use crate::stop::given_up;

/// The least that is asked for where a read was not announced.
const LEAST: u64 = 4 << 10;

/// The most that is asked for ahead of reading.
const MOST_AHEAD: u64 = 4 << 20;

/// Ranges that are asked for at once, and their bytes: what has come stands in memory until all of them are there.
const AT_ONCE: usize = 128;
const BYTES_AT_ONCE: u64 = 32 << 20;

/// How often who waits for another's request looks whether that is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

/// Fetches ranges of bytes, several of them side by side if it can.
pub trait RangeReader: Send + Sync {
    /// The bytes of each range, which is not empty and inside the file.
    ///
    /// # Errors
    /// [`Error::Source`] or [`Error::Io`].
    fn read_ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Vec<u8>>>;

    /// Whether several ranges cost no more than one. If not, more of what lies between is taken as well.
    fn bundles(&self) -> bool {
        false
    }

    /// Called now and then by a thread that waits for what another one is fetching.
    ///
    /// # Errors
    /// Whatever is to end its waiting.
    fn look(&self) -> Result<()> {
        Ok(())
    }
}

/// A file behind a [`RangeReader`], shared by any number of threads. What one of them is fetching, no other asks for.
pub struct RemoteSource<R> {
    reader: R,
    name: String,
    length: u64,
    ahead: u64,
    state: Mutex<State>,
    arrived: Condvar,
}

struct State {
    chunks: Chunks,
    /// What is being fetched, with the number of the request.
    awaited: Vec<(u64, Range<u64>)>,
    requests: u64,
    /// A process that was forked off gets nothing of what others were fetching.
    process: u32,
}

impl<R: RangeReader> RemoteSource<R> {
    /// A file of `length` bytes, of which up to `cache_bytes` are kept. `tail` are bytes at its end that are known.
    pub fn new(reader: R, name: String, length: u64, tail: Vec<u8>, cache_bytes: u64) -> Self {
        let mut chunks = Chunks::new(cache_bytes);
        if let Some(start) = length.checked_sub(tail.len() as u64) {
            chunks.insert(start, tail);
        }
        let state = State { chunks, awaited: Vec::new(), requests: 0, process: process::id() };
        let ahead = (cache_bytes / 8).clamp(1, MOST_AHEAD);
        RemoteSource { reader, name, length, ahead, state: Mutex::new(state), arrived: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.process != process::id() {
            (state.process, state.awaited) = (process::id(), Vec::new());
        }
        state
    }

    /// Fetches ranges that were planned while `state` was held, shows and keeps them.
    fn fetch(
        &self,
        mut state: MutexGuard<'_, State>,
        ranges: &[Range<u64>],
        mut see: impl FnMut(u64, &[u8]),
    ) -> Result<()> {
        state.requests += 1;
        // Whoever waits for these ranges is woken when they are kept, or when that failed.
        let request = Request { source: self, number: state.requests };
        state.awaited.extend(ranges.iter().map(|range| (request.number, range.clone())));
        drop(state);
        for some in at_once(ranges) {
            let found = self.reader.read_ranges(some)?;
            let fits = |(range, bytes): (&Range<u64>, &Vec<u8>)| range.end - range.start == bytes.len() as u64;
            if found.len() != some.len() || !some.iter().zip(&found).all(fits) {
                return Err(
                    self.unreadable(io::Error::new(ErrorKind::InvalidData, "it gave other bytes than asked for"))
                );
            }
            for (range, bytes) in some.iter().zip(found) {
                see(range.start, &bytes);
                self.lock().chunks.insert(range.start, bytes);
            }
        }
        Ok(())
    }

    fn unreadable(&self, reason: io::Error) -> Error {
        Error::io(&self.name, "read", reason)
    }
}

/// Takes a request off the list, however it ended.
struct Request<'a, R: RangeReader> {
    source: &'a RemoteSource<R>,
    number: u64,
}

impl<R: RangeReader> Drop for Request<'_, R> {
    fn drop(&mut self) {
        self.source.lock().awaited.retain(|(number, _)| *number != self.number);
        self.source.arrived.notify_all();
    }
}

/// Ranges that are asked for one after another.
fn at_once(ranges: &[Range<u64>]) -> impl Iterator<Item = &[Range<u64>]> {
    let mut rest = ranges;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |range: &&Range<u64>| {
            bytes += range.end - range.start;
            bytes <= BYTES_AT_ONCE
        };
        let count = rest.iter().take(AT_ONCE).take_while(fits).count().max(1).min(rest.len());
        let (now, later) = rest.split_at(count);
        rest = later;
        (!now.is_empty()).then_some(now)
    })
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start < b.end && b.start < a.end
}

impl<R: RangeReader> ByteSource for RemoteSource<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|&end| end <= self.length);
        let end = end.ok_or_else(|| self.unreadable(ErrorKind::UnexpectedEof.into()))?;
        let mut state = self.lock();
        loop {
            let missing = state.chunks.copy(offset, buffer);
            if missing.is_empty() {
                return Ok(());
            }
            if !state.awaited.iter().any(|(_, range)| overlap(range, &(offset..end))) {
                break;
            }
            let waited = self.arrived.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            if waited.1.timed_out() {
                drop(state);
                if given_up() {
                    return Err(Error::Interrupted);
                }
                self.reader.look()?;
                state = self.lock();
            }
        }
        let around = offset..end.max(offset.saturating_add(LEAST).min(self.length));
        let wanted = coalesced(state.chunks.missing(around), true);
        self.fetch(state, &wanted, |start, bytes| overlay(start, bytes, offset, buffer))
    }

    fn look(&self) -> Result<()> {
        self.reader.look()
    }

    fn ahead(&self) -> u64 {
        self.ahead
    }

    fn prefetch(&self, ranges: &[Range<u64>]) -> Result<()> {
        let state = self.lock();
        let mut missing = Vec::new();
        // What does not stay until it is read would be fetched twice.
        let mut room = state.chunks.most() / 2;
        for range in ranges {
            let inside = range.start.min(self.length)..range.end.min(self.length);
            let new = state.chunks.missing(inside);
            let size = new.iter().map(|range| range.end - range.start).sum();
            if let Some(left) = room.checked_sub(size) {
                missing.extend(new);
                room = left;
            }
        }
        missing.retain(|range| !state.awaited.iter().any(|(_, awaited)| overlap(range, awaited)));
        let wanted = coalesced(missing, self.reader.bundles());
        if wanted.is_empty() {
            return Ok(());
        }
        self.fetch(state, &wanted, |_, _| {})
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    /// A file that counts what is asked of it.
    #[derive(Clone)]
    pub(crate) struct Far {
        bytes: Arc<Vec<u8>>,
        asked: Arc<Mutex<Vec<Vec<Range<u64>>>>>,
        slow: bool,
        pub(crate) fails: Arc<Mutex<u32>>,
    }

    impl Far {
        pub(crate) fn new(bytes: Vec<u8>) -> Far {
            Far { bytes: Arc::new(bytes), asked: Arc::default(), slow: false, fails: Arc::default() }
        }

        pub(crate) fn source(&self, tail: usize, cache_bytes: u64) -> RemoteSource<Far> {
            let length = self.bytes.len();
            let tail = self.bytes[length - tail.min(length)..].to_vec();
            RemoteSource::new(self.clone(), "far".into(), length as u64, tail, cache_bytes)
        }

        fn asked(&self) -> Vec<Range<u64>> {
            std::mem::take(&mut *self.asked.lock().unwrap()).into_iter().flatten().collect()
        }
    }

    impl RangeReader for Far {
        fn read_ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Vec<u8>>> {
            self.asked.lock().unwrap().push(ranges.to_vec());
            if self.slow {
                thread::sleep(Duration::from_millis(20));
            }
            let mut fails = self.fails.lock().unwrap();
            if *fails > 0 {
                *fails -= 1;
                return Err(Error::Source("the line is dead".into()));
            }
            Ok(ranges.iter().map(|r| self.bytes[r.start as usize..r.end as usize].to_vec()).collect())
        }
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    fn read(source: &impl ByteSource, offset: u64, length: usize) -> Vec<u8> {
        let mut buffer = vec![0; length];
        source.read_at(offset, &mut buffer).unwrap();
        buffer
    }

    #[test]
    fn what_is_known_is_not_asked_for() {
        let far = Far::new(bytes(100_000));
        let source = far.source(1000, 1 << 20);
        assert_eq!(read(&source, 99_500, 500), far.bytes[99_500..]);
        assert!(far.asked().is_empty());
        assert_eq!(read(&source, 98_000, 1500), far.bytes[98_000..99_500]);
        assert_eq!(far.asked(), std::slice::from_ref(&(98_000..99_000)));
        source.prefetch(&[0..10, 40_000..50_000, 20..2000]).unwrap();
        assert_eq!(far.asked(), [0..2000, 40_000..50_000]);
        assert_eq!(read(&source, 41_000, 4000), far.bytes[41_000..45_000]);
        assert_eq!(read(&source, 5, 1995), far.bytes[5..2000]);
        assert!(far.asked().is_empty());
    }

    #[test]
    fn what_has_no_room_is_not_fetched_ahead() {
        let far = Far::new(bytes(100_000));
        let source = far.source(0, 10_000);
        source.prefetch(std::slice::from_ref(&(0..6000))).unwrap();
        assert!(far.asked().is_empty());
        assert_eq!(read(&source, 0, 60_000), far.bytes[..60_000]);
        assert!(!source.lock().chunks.missing(0..60_000).is_empty());
        assert!(source.read_at(99_999, &mut [0; 2]).is_err());
    }

    #[test]
    fn failures_pass_and_leave_nothing_behind() {
        let far = Far::new(bytes(10_000));
        let source = far.source(0, 1 << 20);
        *far.fails.lock().unwrap() = 2;
        assert!(matches!(source.read_at(0, &mut [0; 10]), Err(Error::Source(_))));
        assert!(matches!(source.prefetch(std::slice::from_ref(&(0..6))), Err(Error::Source(_))));
        assert_eq!(read(&source, 0, 10), far.bytes[..10]);
    }

    #[test]
    fn threads_do_not_ask_for_the_same() {
        let far = Far { slow: true, ..Far::new(bytes(100_000)) };
        let source = far.source(0, 1 << 20);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(read(&source, 5000, 5000), far.bytes[5000..10_000]));
            }
        });
        assert_eq!(far.asked().len(), 1);
    }
}
