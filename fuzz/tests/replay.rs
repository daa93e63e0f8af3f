//! Without a fuzzer: what fuzzing begins with, what it has found, and some changed copies of it go through every target.

use panarc_fuzz::{TARGETS, seeds};

/// Changed copies of all seeds of a target together.
const COPIES: usize = 400;

/// A generator that gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0 >> 11) * bound.max(1) as u128) >> 53) as usize
    }

    /// Some bytes changed, cut out, doubled, or the end cut off.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(8)).min(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
                3 => bytes[at..end].fill(0xFF),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = self.below(256) as u8;
                    }
                }
            }
        }
    }
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.0 == name).unwrap().1;
    seeds::found(name).iter().for_each(|case| target(case));
    let seeds = seeds::seeds(name);
    assert!(!seeds.is_empty());
    for seed in seeds.iter().take(50) {
        target(seed);
    }
    let mut random = Random(name.len() as u64);
    let copies = if name == "append" { COPIES / 8 } else { COPIES };
    for _ in 0..copies {
        let mut copy = seeds[random.below(seeds.len())].clone();
        random.change(&mut copy);
        target(&copy);
    }
}

macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })*

        #[test]
        fn none_is_left_out() {
            let names: Vec<_> = TARGETS.iter().map(|target| target.0).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

replayed! { container collection layout delta align reference pack case fasta list archive streams append }
