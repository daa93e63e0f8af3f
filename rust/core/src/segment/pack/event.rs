//! The event that a run leads to, and where the same happened before: looked up once for all places in the run.

use super::extend::Extender;
use super::units::{NONE, SAME, Units};

/// An earlier unit that may stand for the event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// How far before the event it stands.
    pub(super) offset: u32,
    /// Bytes of the run before it.
    pub(super) run: u32,
    unit: u32,
    /// The first place behind the event that differs, and its unit; [`NONE`] while that is not known.
    stop: u32,
    stop_unit: u32,
}

/// An event, and all that may be like it.
#[derive(Debug)]
pub(super) struct Event {
    /// The unit of the event, [`NONE`] if there is none yet.
    unit: u32,
    start: u32,
    pub(super) sources: Vec<Source>,
}

impl Default for Event {
    fn default() -> Self {
        Event { unit: NONE, start: 0, sources: Vec::new() }
    }
}

impl Event {
    /// Forgets the event.
    pub(super) fn reset(&mut self) {
        self.unit = NONE;
    }

    /// Whether this is the event at hand.
    pub(super) fn is(&self, unit: u32) -> bool {
        self.unit == unit
    }

    /// Goes on to another event: `alike` are units that are like it, each once, and `seen` others that may be.
    pub(super) fn set(
        &mut self,
        units: &Units,
        unit: u32,
        alike: impl Iterator<Item = u32>,
        seen: impl Iterator<Item = u32>,
    ) {
        self.unit = unit;
        self.start = units.start(unit);
        self.sources.clear();
        alike.for_each(|source| self.add(units, source));
        for source in seen {
            if self.sources.iter().all(|other| other.unit != source) {
                self.add(units, source);
            }
        }
    }

    /// Leaves out the sources that reach no further than a nearer one.
    pub(super) fn thin(&mut self, units: &Units, extender: &mut Extender) {
        let (mut furthest, mut kept) = (0, 0);
        for index in 0..self.sources.len() {
            let (stop, _) = self.stop(index, units, extender);
            if stop > furthest {
                furthest = stop;
                self.sources[kept] = self.sources[index];
                kept += 1;
            }
        }
        self.sources.truncate(kept);
    }

    fn add(&mut self, units: &Units, source: u32) {
        let start = units.start(source);
        let before = source.checked_sub(1).filter(|&before| units.byte(before) == SAME);
        let run = before.map_or(0, |before| start - units.start(before));
        self.sources.push(Source { offset: self.start - start, run, unit: source, stop: NONE, stop_unit: NONE });
    }

    /// The first place behind the event that differs from what follows a source, and its unit.
    pub(super) fn stop(&mut self, source: usize, units: &Units, extender: &mut Extender) -> (u32, u32) {
        let source = &mut self.sources[source];
        if source.stop == NONE {
            (source.stop, source.stop_unit) = extender.extend(units, self.start, self.unit, source.offset, source.unit);
        }
        (source.stop, source.stop_unit)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.sources.capacity() * size_of::<Source>()
    }
}
