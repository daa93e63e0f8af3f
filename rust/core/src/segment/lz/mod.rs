//! LZ-diff: a segment as a text over its group's reference (FORMAT 5.5, 5.6).
//!
//! Encoding goes in steps, a file each: blocks of agreement are found (`blocks`, over `walk` and `words`), the
//! cheapest chain of them is chosen (`chain`), the seams between its blocks are laid base by base (`seams`), and the
//! result becomes a script (`write`), which is spelt when its pack is complete (`script`).

mod block;
mod blocks;
mod chain;
mod compare;
mod cost;
mod decode;
mod encode;
mod script;
mod seams;
mod token;
mod walk;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use block::Block;
pub use decode::{Slice, decode, decoded_length};
pub use encode::Encoder;
pub use script::{script_of, spell, spell_tokens, spelled_length};
pub use token::Dialect;
