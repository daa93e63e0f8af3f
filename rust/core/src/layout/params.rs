//! Parameters of an archive (FORMAT 3.4).

use crate::error::{Error, Result};

/// The numbers that a reader needs, and that every sample of an archive shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// k-mer length: neighbouring segments of a contig overlap by k codes.
    pub k: u32,
    /// What a match token's length is counted from.
    pub min_match: u32,
    /// Deltas in a pack; also samples in a collection batch.
    pub pack_cardinality: u32,
    /// What coded segment lengths are counted from; 0 in format 1, which does not store it.
    pub segment_size: u32,
}

impl Default for Params {
    fn default() -> Self {
        Params { k: 31, min_match: 20, pack_cardinality: 50, segment_size: 60_000 }
    }
}

impl Params {
    /// Payload of stream `params`.
    pub fn encode(&self) -> Vec<u8> {
        [self.k, self.min_match, self.pack_cardinality, self.segment_size]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect()
    }

    /// Reads the payload of stream `params`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it has the wrong size or holds values that no segment could be decoded with.
    pub fn decode(payload: &[u8], format: u32) -> Result<Params> {
        let expected = if format == 1 { 12 } else { 16 };
        if payload.len() != expected {
            return Err(Error::corrupt(format!("{} bytes of parameters where {expected} belong", payload.len())));
        }
        let value = |i: usize| payload[4 * i..4 * i + 4].iter().rev().fold(0, |v, &b| v << 8 | u32::from(b));
        let params = Params {
            k: value(0),
            min_match: value(1),
            pack_cardinality: value(2),
            segment_size: if format == 1 { 0 } else { value(3) },
        };
        if params.k == 0 || params.k > 32 || params.pack_cardinality == 0 || params.min_match > 1 << 20 {
            return Err(Error::corrupt(format!("impossible parameters {params:?}")));
        }
        Ok(params)
    }

    /// Checks the ranges of C++ AGC, which a new archive must keep to.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the parameter, its value and its range.
    pub fn validate(&self) -> Result<()> {
        let ranges = [
            ("k-mer length (k)", self.k, 17, 32),
            ("minimum match length", self.min_match, 15, 32),
            ("pack cardinality (batch size)", self.pack_cardinality, 1, 1_000_000_000),
            ("segment size", self.segment_size, 100, 1_000_000),
        ];
        for (name, value, low, high) in ranges {
            if !(low..=high).contains(&value) {
                return Err(Error::Parameter(format!("{name} is {value}; it must be from {low} to {high}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toy_example_of_the_format() {
        let payload = [0x1F, 0, 0, 0, 0x14, 0, 0, 0, 0x32, 0, 0, 0, 0x60, 0xEA, 0, 0];
        assert_eq!(Params::decode(&payload, 3).unwrap(), Params::default());
        assert_eq!(Params::default().encode(), payload);
        assert!(Params::decode(&payload[..12], 3).is_err());
        assert_eq!(Params::decode(&payload[..12], 1).unwrap().segment_size, 0);
    }

    #[test]
    fn ranges_are_checked_not_clamped() {
        assert!(Params::default().validate().is_ok());
        for bad in [
            Params { k: 33, ..Params::default() },
            Params { min_match: 14, ..Params::default() },
            Params { pack_cardinality: 0, ..Params::default() },
            Params { segment_size: 99, ..Params::default() },
        ] {
            assert!(matches!(bad.validate(), Err(Error::Parameter(_))));
        }
    }
}
