//! What a sequence costs, in 256ths of a bit: codes as zstd has them (RFC 8878, 3.1.1.3.2.1), prices from counts.

use super::units::SAME;

/// One bit.
pub(super) const BIT: u32 = 256;

const LITERAL_LENGTHS: usize = 36;
const MATCH_LENGTHS: usize = 53;
const OFFSETS: usize = 32;

/// How often each symbol was used.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    literals: [u32; 256],
    literal_lengths: [u32; LITERAL_LENGTHS],
    match_lengths: [u32; MATCH_LENGTHS],
    offsets: [u32; OFFSETS],
}

/// The price of each symbol, extra bits included except those of lengths.
#[derive(Debug)]
pub(super) struct Prices {
    literals: [u32; 256],
    literal_lengths: [u32; LITERAL_LENGTHS],
    match_lengths: [u32; MATCH_LENGTHS],
    offsets: [u32; OFFSETS],
}

impl Counts {
    /// What packs of bang runs look like.
    pub(super) fn typical() -> Self {
        let mut counts = Counts {
            literals: [1; 256],
            literal_lengths: [3; LITERAL_LENGTHS],
            match_lengths: [8; MATCH_LENGTHS],
            offsets: [12; OFFSETS],
        };
        counts.literals[usize::from(SAME)] = 300;
        b"ABCD".iter().for_each(|&byte| counts.literals[usize::from(byte)] = 130);
        b"0123456789,.-".iter().for_each(|&byte| counts.literals[usize::from(byte)] = 30);
        counts.literal_lengths[..6].copy_from_slice(&[160, 110, 90, 20, 15, 10]);
        counts.offsets[..3].copy_from_slice(&[200, 80, 20]);
        counts
    }

    /// Nothing counted yet.
    pub(super) fn none() -> Self {
        Counts {
            literals: [0; 256],
            literal_lengths: [0; LITERAL_LENGTHS],
            match_lengths: [0; MATCH_LENGTHS],
            offsets: [0; OFFSETS],
        }
    }

    pub(super) fn literal(&mut self, byte: u8) {
        self.literals[usize::from(byte)] += 1;
    }

    pub(super) fn sequence(&mut self, literals: u32, offset_code: u32, length: u32) {
        self.literal_lengths[literal_length_code(literals).0] += 1;
        self.match_lengths[match_length_code(length).0] += 1;
        self.offsets[offset_code as usize] += 1;
    }

    pub(super) fn prices(&self) -> Prices {
        let mut prices = Prices {
            literals: [0; 256],
            literal_lengths: [0; LITERAL_LENGTHS],
            match_lengths: [0; MATCH_LENGTHS],
            offsets: [0; OFFSETS],
        };
        fill(&self.literals, &mut prices.literals);
        fill(&self.literal_lengths, &mut prices.literal_lengths);
        fill(&self.match_lengths, &mut prices.match_lengths);
        fill(&self.offsets, &mut prices.offsets);
        // A Huffman code has no shorter word.
        prices.literals.iter_mut().for_each(|price| *price = (*price).max(BIT));
        for (code, price) in prices.offsets.iter_mut().enumerate() {
            *price += code as u32 * BIT;
        }
        prices
    }
}

impl Prices {
    pub(super) fn literal(&self, byte: u8) -> u32 {
        self.literals[usize::from(byte)]
    }

    pub(super) fn literal_length(&self, length: u32) -> u32 {
        let (code, bits) = literal_length_code(length);
        self.literal_lengths[code] + bits * BIT
    }

    pub(super) fn match_length(&self, length: u32) -> u32 {
        let (code, bits) = match_length_code(length);
        self.match_lengths[code] + bits * BIT
    }

    pub(super) fn offset(&self, code: u32) -> u32 {
        self.offsets[code as usize]
    }
}

/// Prices from counts; unseen symbols count a quarter.
fn fill(counts: &[u32], prices: &mut [u32]) {
    let weight = |count: u32| (u64::from(count) * 4).max(1);
    let total = log2(counts.iter().map(|&count| weight(count)).sum());
    for (&count, price) in counts.iter().zip(prices) {
        *price = total - log2(weight(count));
    }
}

/// Base-2 logarithm in 256ths, the fraction by straight lines between powers.
fn log2(value: u64) -> u32 {
    let whole = value.ilog2();
    let fraction = if whole >= 8 { value >> (whole - 8) } else { value << (8 - whole) } & 255;
    whole * BIT + fraction as u32
}

/// Code and number of extra bits.
fn literal_length_code(length: u32) -> (usize, u32) {
    match length {
        0..16 => (length as usize, 0),
        16..24 => (8 + (length as usize >> 1), 1),
        24..32 => (14 + (length as usize >> 2), 2),
        32..48 => (18 + (length as usize >> 3), 3),
        48..64 => (24, 4),
        _ => (19 + length.ilog2() as usize, length.ilog2()),
    }
}

/// Code and number of extra bits.
fn match_length_code(length: u32) -> (usize, u32) {
    let base = length - 3;
    match base {
        0..32 => (base as usize, 0),
        32..40 => (16 + (base as usize >> 1), 1),
        40..48 => (26 + (base as usize >> 2), 2),
        48..64 => (32 + (base as usize >> 3), 3),
        64..96 => (36 + (base as usize >> 4), 4),
        96..128 => (42, 5),
        _ => (36 + base.ilog2() as usize, base.ilog2()),
    }
}

/// The three last offsets, and how a sequence names its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repeats(pub(super) [u32; 3]);

impl Repeats {
    /// As a frame begins.
    pub(super) const START: Repeats = Repeats([1, 4, 8]);

    /// Code of an offset, and the offsets to repeat behind it.
    pub(super) fn take(self, offset: u32, literals: bool) -> (u32, Repeats) {
        let [a, b, c] = self.0;
        if literals && offset == a {
            return (0, self);
        }
        if offset == b {
            return (u32::from(literals), Repeats([b, a, c]));
        }
        if offset == c {
            return (1, Repeats([c, a, b]));
        }
        let code = if !literals && offset + 1 == a { 1 } else { (offset + 3).ilog2() };
        (code, Repeats([offset, a, b]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_format() {
        let lengths = [(15, 15, 0), (16, 16, 1), (23, 19, 1), (24, 20, 2), (31, 21, 2), (32, 22, 3), (47, 23, 3)];
        for (length, code, bits) in lengths.into_iter().chain([(48, 24, 4), (64, 25, 6), (65536, 35, 16)]) {
            assert_eq!(literal_length_code(length), (code, bits), "{length}");
        }
        let lengths = [(34, 31, 0), (35, 32, 1), (42, 35, 1), (43, 36, 2), (51, 38, 3), (66, 39, 3), (67, 40, 4)];
        for (length, code, bits) in lengths.into_iter().chain([(99, 42, 5), (131, 43, 7), (65539, 52, 16)]) {
            assert_eq!(match_length_code(length), (code, bits), "{length}");
        }
    }

    #[test]
    fn offsets_are_repeated_as_in_the_format() {
        let start = Repeats([10, 20, 30]);
        assert_eq!(start.take(10, true), (0, start));
        assert_eq!(start.take(20, true), (1, Repeats([20, 10, 30])));
        assert_eq!(start.take(30, true), (1, Repeats([30, 10, 20])));
        assert_eq!(start.take(20, false), (0, Repeats([20, 10, 30])));
        assert_eq!(start.take(9, false), (1, Repeats([9, 10, 20])));
        assert_eq!(start.take(61, true), (6, Repeats([61, 10, 20])));
        assert_eq!(Repeats::START.take(1, true).0, 0);
    }

    #[test]
    fn rare_symbols_cost_more() {
        let prices = Counts::typical().prices();
        assert!(prices.literal(SAME) < prices.literal(b'A') && prices.literal(b'A') < prices.literal(b'x'));
        assert_eq!(log2(1 << 20), 20 * BIT);
    }
}
