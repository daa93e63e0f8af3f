//! What was decoded, kept while there is room for its bytes: one type for references, packs, metadata, digests, masks.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::{Cache, DefaultLifecycle, GuardResult};
use quick_cache::{OptionsBuilder, Weighter};
use rustc_hash::FxBuildHasher;

use crate::error::{Corruption, Error, Result};
use crate::stop::given_up;

/// What an entry counts for beside its bytes.
const ENTRY_OVERHEAD: u64 = 128;

/// Share of the bytes for entries that are asked for again and again. It is also the largest entry that is kept.
const HOT: f64 = 0.9;

/// Bytes of an entry, by which the number of entries is estimated.
const USUAL_ENTRY: u64 = 32 << 10;

/// How long to wait for another thread's entry before looking whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often to wait before doing the work oneself: a forked child may wait for a thread that it does not have.
const WAITS: usize = 100;

/// Fails when whoever waits is interrupted.
pub(super) type Look = Arc<dyn Fn() -> Result<()> + Send + Sync>;

/// What an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A reference or pack: registry number of the stream, number of the part.
    Part(u32, u32),
    /// A batch of samples, as it is kept for reading.
    Batch(u32),
    /// A sample's contigs.
    Sample(u32),
    /// The digests of a batch of samples.
    Digests(u32),
    /// Those of a sample.
    SampleDigests(u32),
    /// A block of lower case.
    Case(u32),
    /// Samples by the names of their contigs.
    Names,
}

/// What can be an entry.
pub(super) trait Entry: Send + Sync + 'static {
    /// Bytes held.
    fn memory(&self) -> usize;
}

#[derive(Clone)]
struct Held {
    bytes: u64,
    value: Arc<dyn Any + Send + Sync>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Held> for Bytes {
    fn weight(&self, _: &Key, held: &Held) -> u64 {
        held.bytes
    }
}

/// A cache bounded by the bytes of its entries. It has a single shard, so that an entry may take nearly all of it; a larger
/// one passes through. Threads that miss the same entry wait for the first of them.
pub(super) struct ByteCache {
    entries: Cache<Key, Held, Bytes, FxBuildHasher, DefaultLifecycle<Key, Held>>,
    look: Look,
}

impl ByteCache {
    /// A cache of at most `bytes`. Who waits for another thread's entry calls `look` now and then.
    pub(super) fn new(bytes: u64, look: Look) -> ByteCache {
        let options = OptionsBuilder::new()
            .estimated_items_capacity((bytes / USUAL_ENTRY).clamp(16, 1 << 16) as usize)
            .weight_capacity(bytes)
            .hot_allocation(HOT)
            .shards(1)
            .build()
            .expect("both capacities are given");
        let entries = Cache::with_options(options, Bytes, FxBuildHasher, DefaultLifecycle::default());
        ByteCache { entries, look }
    }

    /// An entry, if it is there.
    pub(super) fn get<T: Entry>(&self, key: Key) -> Option<Arc<T>> {
        self.entries.get(&key).and_then(typed)
    }

    /// Whether an entry is there; that it was asked for does not count as use.
    pub(super) fn contains(&self, key: Key) -> bool {
        self.entries.contains_key(&key)
    }

    /// An entry; `make` makes it if it is not there. Other threads that want it meanwhile wait. That it cannot be made as its
    /// bytes are damaged is remembered in its place.
    ///
    /// # Errors
    /// What `make` and the look while waiting return; [`Error::Interrupted`] when nobody wants any more what this thread
    /// works for.
    pub(super) fn load<T: Entry>(&self, key: Key, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        for _ in 0..WAITS {
            match self.entries.get_value_or_guard(&key, Some(PATIENCE)) {
                GuardResult::Value(held) => {
                    if let Some(place) = held.value.downcast_ref::<Corruption>() {
                        return Err(Error::Corrupt(Box::new(place.clone())));
                    }
                    match typed(held) {
                        Some(value) => return Ok(value),
                        None => break,
                    }
                }
                GuardResult::Guard(guard) => {
                    let made = make().map(Arc::new);
                    // Too large an entry is not kept.
                    let _ = match &made {
                        Ok(value) => guard.insert(Held::new(value.clone())),
                        Err(Error::Corrupt(place)) => guard.insert(Held::failure((**place).clone())),
                        Err(_) => return made,
                    };
                    return made;
                }
                GuardResult::Timeout if given_up() => return Err(Error::Interrupted),
                GuardResult::Timeout => (self.look)()?,
            }
        }
        let value = Arc::new(make()?);
        self.entries.insert(key, Held::new(value.clone()));
        Ok(value)
    }

    /// Bytes that an entry may have to be kept.
    pub(super) fn largest(&self) -> u64 {
        (self.entries.capacity() as f64 * HOT) as u64
    }

    /// Forgets all entries.
    pub(super) fn clear(&self) {
        self.entries.clear();
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.entries.weight()
    }
}

impl Held {
    fn new<T: Entry>(value: Arc<T>) -> Held {
        Held { bytes: value.memory() as u64 + ENTRY_OVERHEAD, value }
    }

    fn failure(place: Corruption) -> Held {
        Held { bytes: size_of::<Corruption>() as u64 + 4 * ENTRY_OVERHEAD, value: Arc::new(place) }
    }
}

fn typed<T: Entry>(held: Held) -> Option<Arc<T>> {
    held.value.downcast().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    struct Blob(usize);

    impl Entry for Blob {
        fn memory(&self) -> usize {
            self.0
        }
    }

    fn cache_of(bytes: u64) -> ByteCache {
        ByteCache::new(bytes, Arc::new(|| Ok(())))
    }

    #[test]
    fn entries_are_kept_up_to_nearly_all_of_the_bytes() {
        let cache = cache_of(10_000);
        let mut made = 0;
        for _ in 0..5 {
            cache
                .load(Key::Batch(0), || {
                    Ok(Blob({
                        made += 1;
                        8_800
                    }))
                })
                .unwrap();
        }
        assert_eq!(made, 1);
        assert!(cache.contains(Key::Batch(0)) && cache.get::<Blob>(Key::Batch(0)).is_some());
        for _ in 0..3 {
            cache
                .load(Key::Batch(1), || {
                    Ok(Blob({
                        made += 1;
                        10_001
                    }))
                })
                .unwrap();
        }
        assert_eq!(made, 4, "what is larger passes through");
        assert!(cache.contains(Key::Batch(0)), "and nothing goes for it");
    }

    #[test]
    fn a_large_entry_that_is_wanted_again_gets_its_room() {
        let cache = cache_of(100_000);
        for number in 0..200 {
            cache.load(Key::Part(0, number), || Ok(Blob(1000))).unwrap();
            assert!(cache.bytes() <= 100_000);
        }
        let mut made = 0;
        for _ in 0..10 {
            cache
                .load(Key::Part(1, 0), || {
                    Ok(Blob({
                        made += 1;
                        80_000
                    }))
                })
                .unwrap();
            assert!(cache.bytes() <= 100_000);
        }
        assert!(made <= 3, "it was made {made} times");
    }

    #[test]
    fn threads_that_miss_together_make_an_entry_once() {
        for bytes in [1 << 20, 0] {
            let cache = cache_of(bytes);
            let (made, begin) = (AtomicUsize::new(0), Barrier::new(8));
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        begin.wait();
                        let make = || {
                            made.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(Duration::from_millis(200));
                            Ok(Blob(100))
                        };
                        assert_eq!(cache.load(Key::Names, make).unwrap().0, 100);
                    });
                }
            });
            if bytes > 0 {
                assert_eq!(made.load(Ordering::Relaxed), 1);
            }
        }
    }

    #[test]
    fn a_failure_is_not_kept() {
        let cache = cache_of(1 << 20);
        let failed = cache.load::<Blob>(Key::Names, || Err(Error::Internal("once".into())));
        assert!(failed.is_err());
        assert_eq!(cache.load(Key::Names, || Ok(Blob(1))).unwrap().0, 1);
    }

    #[test]
    fn damage_is_told_again_without_another_look() {
        let cache = cache_of(1 << 20);
        let mut looks = 0;
        for _ in 0..3 {
            let failed = cache.load::<Blob>(Key::Batch(7), || {
                Err(Error::corrupt(format!("look {}", {
                    looks += 1;
                    looks
                })))
            });
            assert!(matches!(failed, Err(Error::Corrupt(place)) if place.message == "look 1"));
        }
        assert!(cache.get::<Blob>(Key::Batch(7)).is_none());
    }

    #[test]
    fn who_waits_can_be_interrupted() {
        let cache = ByteCache::new(1 << 20, Arc::new(|| Err(Error::Interrupted)));
        let (making, waited) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                let make = || {
                    making.wait();
                    waited.wait();
                    Ok(Blob(1))
                };
                cache.load(Key::Names, make).unwrap();
            });
            making.wait();
            assert!(matches!(cache.load(Key::Names, || Ok(Blob(2))), Err(Error::Interrupted)));
            waited.wait();
        });
        assert_eq!(cache.load(Key::Names, || Ok(Blob(2))).unwrap().0, 1);
    }
}
