//! How far the text at a place and the text before it agree.

use super::units::{NONE, SAME, Units};

const SLOTS: usize = 1 << 12;

/// Where a comparison at some offset ended.
#[derive(Debug, Clone, Copy)]
struct Slot {
    offset: u32,
    /// Where it began.
    start: u32,
    /// The first place that differs, and its unit.
    end: u32,
    unit: u32,
    /// The unit compared with it.
    source: u32,
}

const EMPTY: Slot = Slot { offset: 0, start: 0, end: 0, unit: 0, source: NONE };

/// Compares unit by unit, and remembers the ends.
#[derive(Debug, Default)]
pub(super) struct Extender {
    slots: Vec<Slot>,
}

impl Extender {
    /// Forgets everything: for a new text, or to begin again.
    pub(super) fn reset(&mut self) {
        self.slots.clear();
        self.slots.resize(SLOTS, EMPTY);
    }

    /// The first place from `place` (in `unit`) on that differs from the text `offset` before, and its unit.
    /// `source` is the unit of `place - offset` if that is known.
    pub(super) fn extend(&mut self, units: &Units, place: u32, unit: u32, offset: u32, source: u32) -> (u32, u32) {
        let slot = &mut self.slots[(offset.wrapping_mul(0x9E37_79B1) >> 20) as usize];
        if slot.offset == offset && slot.start <= place && place <= slot.end {
            return (slot.end, slot.unit);
        }
        let hint = if slot.offset == offset { slot.source } else { NONE };
        let source = if source == NONE { units.find(place - offset, hint) } else { source };
        *slot = compare(units, place, unit, offset, source);
        (slot.end, slot.unit)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }
}

fn compare(units: &Units, place: u32, unit: u32, offset: u32, source: u32) -> Slot {
    let mut slot = Slot { offset, start: place, end: place, unit, source };
    while (slot.unit as usize) < units.len() && units.byte(slot.unit) == units.byte(slot.source) {
        let here = units.end(slot.unit) - slot.end;
        let there = units.end(slot.source) - (slot.end - offset);
        debug_assert!(here == there || units.byte(slot.unit) == SAME);
        slot.end += here.min(there);
        if here <= there {
            slot.unit += 1;
        }
        if here != there {
            break;
        }
        slot.source += 1;
    }
    slot
}
