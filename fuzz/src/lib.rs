//! What is fuzzed: a function for each kind of bytes that come from elsewhere, and what each begins with.
//!
//! A target takes any bytes and returns; it panics when something that must hold does not. libFuzzer calls the targets
//! (`fuzz_targets/`), and so does a test that needs no fuzzer (`tests/replay.rs`).

pub mod seeds;
pub mod targets;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 13] = [
    ("container", targets::container),
    ("collection", targets::collection),
    ("layout", targets::layout),
    ("delta", targets::delta),
    ("align", targets::align),
    ("reference", targets::reference),
    ("pack", targets::pack),
    ("case", targets::case),
    ("fasta", targets::fasta),
    ("list", targets::list),
    ("archive", targets::archive),
    ("streams", targets::streams),
    ("append", targets::append),
];
