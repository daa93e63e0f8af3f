//! What the parts of a delta cost after compression, in tenths of bits (measured on packs of bang runs).

/// A literal among literals.
pub(super) const LITERAL: i64 = 22;

/// A literal among codes that are as predicted.
pub(super) const SNP: i64 = 80;

/// A jump token.
pub(super) const JUMP: i64 = 380;

/// What a jump costs more if it is wider than [`NEAR`].
const FAR: i64 = 60;
const NEAR: u64 = 100;

/// The cost of a change of the diagonal.
#[inline]
pub(super) fn jump(distance: i64) -> i64 {
    if distance.unsigned_abs() > NEAR { JUMP + FAR } else { JUMP }
}
