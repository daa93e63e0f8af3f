//! The places that a parse may go through, and the cheapest way known to each.

use super::price::Repeats;
use super::units::NONE;

/// A place and the cheapest way there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) cost: u32,
    pub(super) place: u32,
    /// The node before on the way.
    pub(super) from: u32,
    /// Offset of the match that ends here, 0 for a literal.
    pub(super) offset: u32,
    /// Literals since the last match.
    pub(super) literals: u32,
    pub(super) repeats: Repeats,
    /// The next node in the same unit.
    next: u32,
}

/// The nodes of a block: a list for each unit, in order of places.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    all: Vec<Node>,
    heads: Vec<u32>,
    first_unit: u32,
}

impl Nodes {
    /// Begins anew with one node, at `place` in `unit`, for units up to `last`.
    pub(super) fn begin(&mut self, unit: u32, place: u32, last: u32, repeats: Repeats) {
        self.all.clear();
        self.heads.clear();
        self.heads.resize((last - unit) as usize + 1, NONE);
        self.heads[0] = 0;
        self.first_unit = unit;
        self.all.push(Node { cost: 0, place, from: NONE, offset: 0, literals: 0, repeats, next: NONE });
    }

    pub(super) fn get(&self, node: u32) -> Node {
        self.all[node as usize]
    }

    /// The first node in a unit.
    pub(super) fn first(&self, unit: u32) -> Option<u32> {
        some(self.heads[(unit - self.first_unit) as usize])
    }

    /// The node behind another one in the same unit.
    pub(super) fn next(&self, node: u32) -> Option<u32> {
        some(self.all[node as usize].next)
    }

    /// The cost of the way to where a unit begins.
    pub(super) fn cost_at(&self, unit: u32, place: u32) -> Option<u32> {
        let first = self.all[self.first(unit)? as usize];
        (first.place == place).then_some(first.cost)
    }

    /// The node at a place, to be filled, unless there is a way there that is no dearer.
    pub(super) fn improve(&mut self, unit: u32, place: u32, cost: u32) -> Option<&mut Node> {
        let head = (unit - self.first_unit) as usize;
        let mut before = NONE;
        let mut here = self.heads[head];
        while here != NONE && self.all[here as usize].place < place {
            before = here;
            here = self.all[here as usize].next;
        }
        if here == NONE || self.all[here as usize].place > place {
            let new = self.all.len() as u32;
            let empty =
                Node { cost: u32::MAX, place, from: NONE, offset: 0, literals: 0, repeats: Repeats::START, next: here };
            self.all.push(empty);
            match before {
                NONE => self.heads[head] = new,
                before => self.all[before as usize].next = new,
            }
            here = new;
        }
        Some(&mut self.all[here as usize]).filter(|node| cost < node.cost)
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.all.capacity() * size_of::<Node>() + self.heads.capacity() * size_of::<u32>()
    }
}

fn some(node: u32) -> Option<u32> {
    (node != NONE).then_some(node)
}
