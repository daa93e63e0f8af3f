//! The targets, by what they are about.

mod archive;
mod segment;
mod streams;
mod text;

use panarc_core::codec::{Effort, Matches};
use panarc_core::{Error, Result};

pub use archive::{append, archive, streams};
pub use segment::{align, delta, pack, reference};
pub use streams::{case, collection, container, layout};
pub use text::{fasta, list};

/// Most bases that are read of one input: an archive of some bytes may announce any number of them.
const MOST_BASES: u64 = 4 << 20;

const EFFORT: Effort = Effort { level: 1, window_log: 20, table_log: 17, matches: Matches::ByLevel };

/// Any error is an answer but for that of a bug.
fn answered<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Internal(message)) => panic!("internal error: {message}"),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(['\n', '\r', '\x1b', '\0']), "a message that a terminal would obey: {text:?}");
            None
        }
    }
}

/// Takes a number off the front; 0 when there are no bytes left.
fn number<const SIZE: usize>(data: &mut &[u8]) -> u64 {
    let (head, rest) = data.split_at(SIZE.min(data.len()));
    *data = rest;
    head.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}
