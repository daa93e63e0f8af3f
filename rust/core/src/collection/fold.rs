//! Numbers coded against an expected number (FORMAT 1.4, 1.5).

/// `value` against `expected`, cut to 32 bits as the format stores it.
pub(crate) fn fold(value: u32, expected: u32) -> u32 {
    let (v, e) = (u64::from(value), u64::from(expected));
    let code = if v < e {
        2 * (e - v) - 1
    } else if v < 2 * e {
        2 * (v - e)
    } else {
        v
    };
    code as u32
}

/// The value that [`fold`] made `code` of.
pub(crate) fn unfold(code: u32, expected: u32) -> u32 {
    let (c, e) = (u64::from(code), u64::from(expected));
    let value = if c >= 2 * e {
        c
    } else if c % 2 == 1 {
        (2 * e - c) / 2
    } else {
        (c + 2 * e) / 2
    };
    value as u32
}

/// Plain zigzag of format 1.
pub(crate) fn unzigzag(code: u32) -> i64 {
    let c = i64::from(code);
    if c % 2 == 0 { c / 2 } else { -((c + 1) / 2) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors_of_the_format() {
        let vectors = [
            (5, 5, 0),
            (6, 5, 2),
            (4, 5, 1),
            (0, 5, 9),
            (9, 5, 8),
            (10, 5, 10),
            (11, 5, 11),
            (7, 0, 7),
            (31, 60_031, 119_999),
        ];
        for (value, expected, code) in vectors {
            assert_eq!(fold(value, expected), code);
            assert_eq!(unfold(code, expected), value);
        }
        assert_eq!([0, 1, 2, 3, 4].map(unzigzag), [0, -1, 1, -2, 2]);
    }

    proptest! {
        #[test]
        fn inverse_both_ways(value in 0u32..1 << 31, expected in 0u32..1 << 30) {
            prop_assert_eq!(unfold(fold(value, expected), expected), value);
            prop_assert_eq!(fold(unfold(value, expected), expected), value);
        }
    }
}
