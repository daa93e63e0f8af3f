//! Coarse mapping: which stretches of a contig resemble which references, found by seeds and walked word by word.

mod bank;
mod block;
mod chain;
mod mapper;
mod packed;
mod scan;
mod seeds;
mod walk;

pub(super) use bank::Bank;
pub(super) use block::Block;
pub(super) use chain::SWITCH;
pub(super) use mapper::{Mapped, Mapper};
pub(super) use scan::Scan;
pub(super) use seeds::SeedIndex;
