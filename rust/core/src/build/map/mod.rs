//! Coarse mapping: which stretches of a contig resemble which references, found by seeds and walked word by word.

mod bank;
mod mapper;
mod packed;
mod seeds;
mod walk;

pub(super) use bank::Bank;
pub(super) use mapper::{Block, Mapper, SWITCH};
pub(super) use seeds::SeedIndex;
