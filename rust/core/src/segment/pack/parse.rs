//! The cheapest sequences for a block: dynamic programming over the places where something may begin or end.

use super::event::{Event, Source};
use super::extend::Extender;
use super::frame::Sequence;
use super::nodes::Nodes;
use super::price::{Counts, Prices, Repeats};
use super::recent::Recent;
use super::units::{NONE, SAME, Units};
use crate::error::Result;
use crate::stop::go_on;

/// zstd has no shorter match.
const MATCH_MIN: u32 = 3;

/// How many earlier events a pass may look at before it becomes thrifty, and for how many bytes it may look at one more.
/// Only packs of very many deltas that differ everywhere come so far.
const LOOKS: usize = 6 << 20;
const BYTES_A_LOOK: usize = 4;

/// How many earlier entries a thrifty pass looks at for the same event.
const THRIFTY: usize = 12;

/// Nodes that are visited between two looks whether the work is still wanted.
const VISITS: u32 = 1 << 12;

/// How thoroughly a pass looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Care {
    /// How many earlier entries are looked at for the same event.
    pub(super) depth: usize,
    /// Units in a match that is taken without looking at anything else.
    pub(super) enough: u32,
}

/// A block of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) to: u32,
    /// The units that `from` and `to` lie in.
    pub(super) first: u32,
    pub(super) last: u32,
}

/// An offset, and the first place that differs, with its unit.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    offset: u32,
    stop: u32,
    stop_unit: u32,
}

impl Candidate {
    const NONE: Candidate = Candidate { offset: 0, stop: 0, stop_unit: 0 };
}

/// What was offered on the way from one place, as far as there is room: places, and the least price for each.
#[derive(Debug)]
struct Offers {
    slots: [(u32, u32, u32); 64],
}

impl Default for Offers {
    fn default() -> Self {
        Offers { slots: [(NONE, 0, 0); 64] }
    }
}

impl Offers {
    /// Whether this is less than what was offered before, if that is known.
    fn improve(&mut self, from: u32, to: u32, price: u32) -> bool {
        let slot = &mut self.slots[to as usize % 64];
        if slot.0 == from && slot.1 == to && slot.2 <= price {
            return false;
        }
        *slot = (from, to, price);
        true
    }
}

/// Finds sequences, block after block.
#[derive(Debug, Default)]
pub(super) struct Parser {
    extender: Extender,
    recent: Recent,
    nodes: Nodes,
    event: Event,
    candidates: Vec<Candidate>,
    furthest: Candidate,
    offers: Offers,
    /// How many earlier events were looked at.
    pub(super) looked_at: usize,
    visits: u32,
    way: Vec<u32>,
}

/// What a parse looks at.
pub(super) struct Text<'a> {
    pub(super) raw: &'a [u8],
    pub(super) units: &'a Units,
    pub(super) care: Care,
}

impl Parser {
    /// Goes back to the beginning of a text, or to another text.
    pub(super) fn reset(&mut self) {
        self.extender.reset();
        self.recent.reset();
        self.event.reset();
        self.looked_at = 0;
        self.offers = Offers::default();
    }

    /// Appends the sequences of a block, the last of them its end, and counts their symbols.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::error::Error::Interrupted) when nobody wants them any more.
    pub(super) fn block(
        &mut self,
        text: &Text<'_>,
        span: Span,
        repeats: Repeats,
        prices: &Prices,
        counts: &mut Counts,
        out: &mut Vec<Sequence>,
    ) -> Result<Repeats> {
        self.nodes.begin(span.first, span.from, span.last, repeats);
        for unit in span.first..=span.last.min(text.units.len() as u32 - 1) {
            let mut next = self.nodes.first(unit);
            while let Some(node) = next {
                self.visits = self.visits.wrapping_add(1);
                if self.visits.is_multiple_of(VISITS) {
                    go_on()?;
                }
                if self.nodes.get(node).place < span.to {
                    self.visit(text, span, unit, node, prices);
                }
                next = self.nodes.next(node);
            }
        }
        let mut end = self.nodes.first(span.last);
        while let Some(next) = end.and_then(|node| self.nodes.next(node)) {
            end = Some(next);
        }
        // Literals and runs always lead to the end. Were it not so, the block would be missing, and the check of what
        // the sequences spell would leave the pack to zstd.
        let Some(end) = end else { return Ok(repeats) };
        self.collect(text.raw, end, repeats, counts, out);
        Ok(self.nodes.get(end).repeats)
    }

    /// Tries everything that may begin at a node.
    fn visit(&mut self, text: &Text<'_>, span: Span, unit: u32, node: u32, prices: &Prices) {
        let units = text.units;
        let here = self.nodes.get(node);
        let place = here.place;
        let byte = units.byte(unit);
        let (start, end) = (units.start(unit), units.end(unit).min(span.to));
        let behind = if end == units.end(unit) { unit + 1 } else { unit };
        let rest = end - place;
        if place > start && self.nodes.cost_at(behind, end).is_some_and(|cost| cost <= here.cost) {
            return;
        }
        self.candidates.clear();
        self.furthest = Candidate::NONE;
        for offset in here.repeats.0 {
            self.add_repeat(units, unit, place, offset);
        }
        if self.take_long(text, span, unit, node, prices) {
            return;
        }
        if byte == SAME && rest >= MATCH_MIN && place > 0 && text.raw[place as usize - 1] == SAME {
            self.relax(prices, node, behind, end, 1);
        }
        if byte != SAME || rest <= 4 || place < start + 2 || here.offset > 0 {
            let cost = here.cost + prices.literal(byte);
            if let Some(next) = self.nodes.improve(if rest == 1 { behind } else { unit }, place + 1, cost) {
                next.cost = cost;
                next.from = node;
                next.offset = 0;
                next.literals = here.literals + 1;
                next.repeats = here.repeats;
            }
        }
        self.find_candidates(text, span, unit, node);
        if self.take_long(text, span, unit, node, prices) {
            return;
        }
        let most = if byte == SAME && rest >= MATCH_MIN { end } else { NONE };
        let mut cheapest = u32::MAX;
        for index in 0..self.candidates.len() {
            let Candidate { offset, stop, stop_unit } = self.candidates[index];
            let (stop, stop_unit) = if stop >= span.to { (span.to, span.last) } else { (stop, stop_unit) };
            if stop < place + MATCH_MIN {
                continue;
            }
            // To one place only a cheaper offset can be better than an earlier one.
            let price = prices.offset(here.repeats.take(offset, here.literals > 0).0);
            if self.offers.improve(place, stop, price) {
                self.relax(prices, node, stop_unit, stop, offset);
            }
            if stop > most && price < cheapest {
                cheapest = price;
                self.relax(prices, node, behind, end, offset);
            }
        }
    }

    /// Goes by the candidate that reaches furthest, and by no other, if that is far enough: what is inside a long match
    /// is rarely worth a look.
    fn take_long(&mut self, text: &Text<'_>, span: Span, unit: u32, node: u32, prices: &Prices) -> bool {
        let place = self.nodes.get(node).place;
        let Candidate { offset, stop, stop_unit } = self.furthest;
        if stop_unit < unit + text.care.enough || stop.min(span.to) < place + MATCH_MIN {
            return false;
        }
        let (stop, stop_unit) = if stop >= span.to { (span.to, span.last) } else { (stop, stop_unit) };
        self.relax(prices, node, stop_unit, stop, offset);
        true
    }

    /// Adds an offset that is near those before, if it is new.
    fn add_repeat(&mut self, units: &Units, unit: u32, place: u32, offset: u32) {
        if offset > 0 && offset <= place && self.candidates.iter().all(|other| other.offset != offset) {
            let (stop, stop_unit) = self.extender.extend(units, place, unit, offset, NONE);
            self.add(Candidate { offset, stop, stop_unit });
        }
    }

    fn add(&mut self, candidate: Candidate) {
        if candidate.stop > self.furthest.stop {
            self.furthest = candidate;
        }
        self.candidates.push(candidate);
    }

    /// Adds offsets worth a look at a node.
    fn find_candidates(&mut self, text: &Text<'_>, span: Span, unit: u32, node: u32) {
        let units = text.units;
        let here = self.nodes.get(node);
        let place = here.place;
        if here.literals == 0 {
            self.add_repeat(units, unit, place, here.repeats.0[0] - 1);
        }
        // What the same event follows in earlier entries, if no other event comes before it there.
        let run = units.byte(unit) == SAME;
        let event = unit + u32::from(run);
        let start = units.start(event);
        if start >= span.to {
            return;
        }
        let bytes = &text.raw[start as usize..];
        if !self.event.is(event) {
            let seen = self.recent.find(bytes).into_iter().filter(|&source| source < event);
            let ahead = self.looked_at > LOOKS + place as usize / BYTES_A_LOOK;
            let depth = match (units.is_inside(event), ahead) {
                (true, _) => 2,
                (false, true) => THRIFTY,
                (false, false) => text.care.depth,
            };
            self.event.set(units, event, units.alike(event, depth), seen);
            if ahead {
                self.event.thin(units, &mut self.extender);
            }
            self.looked_at += self.event.sources.len();
        }
        let repeats = self.candidates.len();
        self.looked_at += self.event.sources.len();
        for index in 0..self.event.sources.len() {
            let Source { offset, run, .. } = self.event.sources[index];
            if start > place && run < start - place
                || self.candidates[..repeats].iter().any(|other| other.offset == offset)
            {
                continue;
            }
            let (stop, stop_unit) = self.event.stop(index, units, &mut self.extender);
            self.add(Candidate { offset, stop, stop_unit });
        }
        if !run {
            self.recent.put(bytes, event);
        }
    }

    /// Goes from a node to `place` (in `unit`) by a match.
    fn relax(&mut self, prices: &Prices, node: u32, unit: u32, place: u32, offset: u32) {
        let here = self.nodes.get(node);
        let (code, repeats) = here.repeats.take(offset, here.literals > 0);
        let cost = here.cost
            + prices.literal_length(here.literals)
            + prices.offset(code)
            + prices.match_length(place - here.place);
        if let Some(next) = self.nodes.improve(unit, place, cost) {
            next.cost = cost;
            next.from = node;
            next.offset = offset;
            next.literals = 0;
            next.repeats = repeats;
        }
    }

    /// Walks back from the end of the block and appends what was gone through.
    fn collect(&mut self, raw: &[u8], end: u32, repeats: Repeats, counts: &mut Counts, out: &mut Vec<Sequence>) {
        self.way.clear();
        let mut node = end;
        while node != NONE {
            self.way.push(node);
            node = self.nodes.get(node).from;
        }
        let mut repeats = repeats;
        let mut literals = 0;
        for step in self.way.windows(2).rev() {
            let (from, to) = (self.nodes.get(step[1]).place, self.nodes.get(step[0]));
            if to.offset == 0 {
                literals += 1;
                counts.literal(raw[from as usize]);
                continue;
            }
            let (code, next) = repeats.take(to.offset, literals > 0);
            repeats = next;
            counts.sequence(literals, code, to.place - from);
            out.push(Sequence { literals, length: to.place - from, offset: to.offset });
            literals = 0;
        }
        out.push(Sequence { literals, length: 0, offset: 0 });
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        let lists = self.candidates.capacity() * size_of::<Candidate>() + self.way.capacity() * size_of::<u32>();
        lists + self.event.memory() + self.extender.memory() + self.recent.memory() + self.nodes.memory()
    }
}
