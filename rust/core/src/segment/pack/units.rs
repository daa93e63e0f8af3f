//! The text of a pack as units: a run of `!` is one, every other byte is one.

use super::SEPARATOR;

/// The base that the reference has (FORMAT 5.5).
pub(super) const SAME: u8 = b'!';

/// No unit.
pub(super) const NONE: u32 = u32::MAX;

/// Most units that a pack is taken apart into; each takes up to 24 bytes.
const UNITS_MAX: usize = 2 << 20;

/// A reference position behind a match to the end, which only the reference knows.
const UNKNOWN: u32 = u32::MAX;

/// A run of `!`, or a byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// Where it begins; it ends where the next one begins.
    pub(super) start: u32,
    /// Reference position predicted there.
    reference: u32,
    /// The last unit before that may stand for the same event, [`NONE`] if there is none.
    previous: u32,
    pub(super) byte: u8,
    /// How many bytes before it belong to the same reference position.
    within: u8,
}

impl Unit {
    /// Whether both stand for the same at the same place of the reference.
    fn is_like(&self, other: &Unit) -> bool {
        self.reference == other.reference && self.byte == other.byte && self.within == other.within
    }
}

/// The units of a pack, and a last one of no bytes behind them.
#[derive(Debug, Default)]
pub(super) struct Units {
    all: Vec<Unit>,
    /// The last unit of each hash.
    heads: Vec<u32>,
}

impl Units {
    /// Takes a pack apart. False if it has too many units.
    pub(super) fn split(&mut self, raw: &[u8], min_match: u32) -> bool {
        self.all.clear();
        let mut reference = 0u32;
        let mut at = 0;
        while at < raw.len() {
            if self.all.len() > UNITS_MAX {
                return false;
            }
            let start = at;
            match raw[at] {
                SAME => {
                    at += raw[at..].iter().position(|&byte| byte != SAME).unwrap_or(raw.len() - at);
                    self.push(start, SAME, reference, 0);
                    reference = reference.saturating_add((at - start) as u32);
                }
                b'-' | b'0'..=b'9' => {
                    let (length, next) = token(&raw[at..], reference, min_match);
                    at += length;
                    for (within, place) in (start..at).enumerate() {
                        self.push(place, raw[place], reference, within.min(254) as u8);
                    }
                    reference = next;
                }
                byte => {
                    at += 1;
                    self.push(start, byte, reference, 255);
                    match byte {
                        b'A'..=b'P' => reference = reference.saturating_add(1),
                        SEPARATOR => reference = 0,
                        _ => {}
                    }
                }
            }
        }
        self.push(raw.len(), SEPARATOR, UNKNOWN, 0);
        self.chain();
        true
    }

    fn push(&mut self, start: usize, byte: u8, reference: u32, within: u8) {
        self.all.push(Unit { start: start as u32, reference, previous: NONE, byte, within });
    }

    /// Links every byte to the last one before it with the same hash.
    fn chain(&mut self) {
        let bits = usize::BITS - self.all.len().leading_zeros();
        self.heads.clear();
        self.heads.resize(1 << bits, NONE);
        for (index, unit) in self.all.iter_mut().enumerate() {
            if unit.byte == SAME {
                continue;
            }
            let key = u64::from(unit.reference) << 16 | u64::from(unit.byte) << 8 | u64::from(unit.within);
            let head = &mut self.heads[(key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize];
            unit.previous = std::mem::replace(head, index as u32);
        }
    }

    /// Number of units, the one of no bytes left out.
    pub(super) fn len(&self) -> usize {
        self.all.len() - 1
    }

    pub(super) fn start(&self, unit: u32) -> u32 {
        self.all[unit as usize].start
    }

    pub(super) fn end(&self, unit: u32) -> u32 {
        self.all[unit as usize + 1].start
    }

    pub(super) fn byte(&self, unit: u32) -> u8 {
        self.all[unit as usize].byte
    }

    /// Whether a unit lies in a token and does not begin it.
    pub(super) fn is_inside(&self, unit: u32) -> bool {
        (1..255).contains(&self.all[unit as usize].within)
    }

    /// The earlier units that stand for the same at the same place of the reference, newest first, among `depth`.
    pub(super) fn alike(&self, unit: u32, depth: usize) -> impl Iterator<Item = u32> {
        let this = &self.all[unit as usize];
        let mut next = this.previous;
        std::iter::from_fn(move || {
            let index = next;
            next = self.all.get(index as usize)?.previous;
            Some(index)
        })
        .take(depth)
        .filter(move |&index| self.all[index as usize].is_like(this))
    }

    /// The unit that a place lies in, looked for from `hint` on if that is not behind it.
    pub(super) fn find(&self, place: u32, hint: u32) -> u32 {
        const NEAR: u32 = 8;
        if hint != NONE && self.start(hint) <= place {
            for unit in hint..(hint + NEAR).min(self.len() as u32) {
                if place < self.end(unit) {
                    return unit;
                }
            }
        }
        self.all.partition_point(|unit| unit.start <= place) as u32 - 1
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.all.capacity() * size_of::<Unit>() + self.heads.capacity() * size_of::<u32>()
    }
}

/// Length of the token that text begins with, and the reference position behind it. Text that is no token is one byte.
fn token(text: &[u8], reference: u32, min_match: u32) -> (usize, u32) {
    let whole = |text: &[u8]| {
        let digits = usize::from(text.first() == Some(&b'-'));
        let length = digits + text[digits..].iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
        let value = text[digits..length].iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'));
        (length, if digits == 1 { -value } else { value })
    };
    let moved = |by: i64| u32::try_from(i64::from(reference) + by).unwrap_or(UNKNOWN);
    let (first, distance) = whole(text);
    match text.get(first) {
        Some(b'.') => (first + 1, UNKNOWN),
        Some(b',') => {
            let (second, length) = whole(&text[first + 1..]);
            let end = first + 1 + second;
            if text.get(end) == Some(&b'.') {
                (end + 1, moved(distance + length + i64::from(min_match)))
            } else {
                (end, reference)
            }
        }
        _ => (first.max(1), reference),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_event_is_found_in_earlier_entries() {
        let text = b"!!!A!!0,5.C\xFF!!!A!!!!\xFF!!!B!!0,5.C!!\xFF";
        let mut units = Units::default();
        assert!(units.split(text, 20));
        let find = |place| units.find(place, NONE);
        let alike = |place| units.alike(find(place), 9).map(|unit| units.start(unit)).collect::<Vec<_>>();
        assert_eq!(alike(15), [3]);
        assert!(alike(24).is_empty());
        assert_eq!(alike(27), [6]);
        assert_eq!(alike(31), [10]);
        assert_eq!(units.end(find(12)), 15);
    }

    proptest! {
        #[test]
        fn units_cover_any_text(text in proptest::collection::vec(proptest::sample::select(b"!!!!A-1,.\xFF\x1E\x04".to_vec()), 0..90)) {
            let mut units = Units::default();
            prop_assert!(units.split(&text, 20));
            let mut back = Vec::new();
            for unit in 0..units.len() as u32 {
                prop_assert!(units.start(unit) < units.end(unit));
                back.resize(units.end(unit) as usize, units.byte(unit));
            }
            prop_assert_eq!(back, text);
        }
    }
}
