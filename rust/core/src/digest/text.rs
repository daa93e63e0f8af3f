//! How digests are written.

use super::WHOLE;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A sequence's digest as refget has it: `SQ.`, and 32 letters of base 64.
pub fn refget(digest: &[u8; WHOLE]) -> String {
    let mut text = String::from("SQ.");
    // 24 bytes need no padding.
    for three in digest.as_chunks::<3>().0 {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        text.extend([18, 12, 6, 0].map(|shift| char::from(BASE64URL[(bits >> shift & 63) as usize])));
    }
    text
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Hasher;

    #[test]
    fn published_values() {
        // From the specifications of refget sequences and of sequence collections, and RFC 1321.
        for (letters, digest) in [
            ("ACGT", "SQ.aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2"),
            ("TTGGGGAA", "SQ.iYtREV555dUFKg2_agSJW6suquUyPpMw"),
            ("ggaa", "SQ.YBbVX0dLKG1ieEDCiMmkrTZFt_Z5Vdaj"),
            ("", "SQ.z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXc"),
        ] {
            let mut hasher = Hasher::new(true);
            hasher.update(letters.as_bytes());
            assert_eq!(refget(&hasher.finish().digest), digest);
        }
        let md5 = Hasher::new(true).finish().md5.unwrap();
        assert_eq!(hex(&md5), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
