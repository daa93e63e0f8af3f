//! How far two sequences agree: the inner loop of encoding.

/// Length of the longest common prefix.
#[inline]
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let (blocks, _) = a.as_chunks::<8>();
    let (others, _) = b.as_chunks::<8>();
    for (i, (x, y)) in blocks.iter().zip(others).enumerate() {
        let difference = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if difference != 0 {
            return i * 8 + difference.trailing_zeros() as usize / 8;
        }
    }
    let done = blocks.len() * 8;
    done + a[done..].iter().zip(&b[done..]).take_while(|(x, y)| x == y).count()
}

/// Length of the longest common suffix.
#[inline]
pub(super) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count()
}

/// Number of places where two sequences differ, as far as both reach.
#[inline]
pub(super) fn differences(a: &[u8], b: &[u8]) -> usize {
    let n = a.len().min(b.len());
    // Sums of bytes, which cannot overflow in so short a block: compilers make vector code of them.
    let block = |a: &[u8], b: &[u8]| usize::from(a.iter().zip(b).map(|(x, y)| u8::from(x != y)).sum::<u8>());
    a[..n].chunks(128).zip(b[..n].chunks(128)).map(|(a, b)| block(a, b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_byte_by_byte(a in proptest::collection::vec(0u8..2, 0..40), b in proptest::collection::vec(0u8..2, 0..40), same in 0usize..40) {
            let a: Vec<u8> = std::iter::repeat_n(3, same).chain(a).collect();
            let b: Vec<u8> = std::iter::repeat_n(3, same).chain(b).collect();
            prop_assert_eq!(common_prefix(&a, &b), a.iter().zip(&b).take_while(|(x, y)| x == y).count());
            let (ra, rb): (Vec<u8>, Vec<u8>) = (a.iter().rev().copied().collect(), b.iter().rev().copied().collect());
            prop_assert_eq!(common_suffix(&ra, &rb), common_prefix(&a, &b));
            let (a, b) = (a.repeat(20), b.repeat(20));
            prop_assert_eq!(differences(&a, &b), a.iter().zip(&b).filter(|(x, y)| x != y).count());
        }
    }
}
