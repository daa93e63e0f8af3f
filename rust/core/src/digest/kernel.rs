//! SHA-512 of several messages side by side, a lane each: what one message makes a processor wait for, eight fill.
//!
//! Only for AVX-512, which can rotate. The instructions are named: of loops over lanes the compiler made vectors in one
//! place and not in the next. With AVX2 four lanes were no faster than one after another.

use super::sha512::BLOCK;
#[cfg(target_arch = "x86_64")]
use wide::{compress_4, compress_8};

/// Lanes at most.
pub(super) const WIDE: usize = 8;

/// Lanes of the narrower kernel, which takes less time for a block of each.
pub(super) const NARROW: usize = 4;

#[cfg(target_arch = "x86_64")]
const ROUNDS: [u64; 80] = [
    0x428A_2F98_D728_AE22,
    0x7137_4491_23EF_65CD,
    0xB5C0_FBCF_EC4D_3B2F,
    0xE9B5_DBA5_8189_DBBC,
    0x3956_C25B_F348_B538,
    0x59F1_11F1_B605_D019,
    0x923F_82A4_AF19_4F9B,
    0xAB1C_5ED5_DA6D_8118,
    0xD807_AA98_A303_0242,
    0x1283_5B01_4570_6FBE,
    0x2431_85BE_4EE4_B28C,
    0x550C_7DC3_D5FF_B4E2,
    0x72BE_5D74_F27B_896F,
    0x80DE_B1FE_3B16_96B1,
    0x9BDC_06A7_25C7_1235,
    0xC19B_F174_CF69_2694,
    0xE49B_69C1_9EF1_4AD2,
    0xEFBE_4786_384F_25E3,
    0x0FC1_9DC6_8B8C_D5B5,
    0x240C_A1CC_77AC_9C65,
    0x2DE9_2C6F_592B_0275,
    0x4A74_84AA_6EA6_E483,
    0x5CB0_A9DC_BD41_FBD4,
    0x76F9_88DA_8311_53B5,
    0x983E_5152_EE66_DFAB,
    0xA831_C66D_2DB4_3210,
    0xB003_27C8_98FB_213F,
    0xBF59_7FC7_BEEF_0EE4,
    0xC6E0_0BF3_3DA8_8FC2,
    0xD5A7_9147_930A_A725,
    0x06CA_6351_E003_826F,
    0x1429_2967_0A0E_6E70,
    0x27B7_0A85_46D2_2FFC,
    0x2E1B_2138_5C26_C926,
    0x4D2C_6DFC_5AC4_2AED,
    0x5338_0D13_9D95_B3DF,
    0x650A_7354_8BAF_63DE,
    0x766A_0ABB_3C77_B2A8,
    0x81C2_C92E_47ED_AEE6,
    0x9272_2C85_1482_353B,
    0xA2BF_E8A1_4CF1_0364,
    0xA81A_664B_BC42_3001,
    0xC24B_8B70_D0F8_9791,
    0xC76C_51A3_0654_BE30,
    0xD192_E819_D6EF_5218,
    0xD699_0624_5565_A910,
    0xF40E_3585_5771_202A,
    0x106A_A070_32BB_D1B8,
    0x19A4_C116_B8D2_D0C8,
    0x1E37_6C08_5141_AB53,
    0x2748_774C_DF8E_EB99,
    0x34B0_BCB5_E19B_48A8,
    0x391C_0CB3_C5C9_5A63,
    0x4ED8_AA4A_E341_8ACB,
    0x5B9C_CA4F_7763_E373,
    0x682E_6FF3_D6B2_B8A3,
    0x748F_82EE_5DEF_B2FC,
    0x78A5_636F_4317_2F60,
    0x84C8_7814_A1F0_AB72,
    0x8CC7_0208_1A64_39EC,
    0x90BE_FFFA_2363_1E28,
    0xA450_6CEB_DE82_BDE9,
    0xBEF9_A3F7_B2C6_7915,
    0xC671_78F2_E372_532B,
    0xCA27_3ECE_EA26_619C,
    0xD186_B8C7_21C0_C207,
    0xEADA_7DD6_CDE0_EB1E,
    0xF57D_4F7F_EE6E_D178,
    0x06F0_67AA_7217_6FBA,
    0x0A63_7DC5_A2C8_98A6,
    0x113F_9804_BEF9_0DAE,
    0x1B71_0B35_131C_471B,
    0x28DB_77F5_2304_7D84,
    0x32CA_AB7B_40C7_2493,
    0x3C9E_BE0A_15C9_BEBC,
    0x431D_67C4_9C10_0D4C,
    0x4CC5_D4BE_CB3E_42B6,
    0x597F_299C_FC65_7E2A,
    0x5FCB_6FAB_3AD6_FAEC,
    0x6C44_198C_4A47_5817,
];

/// Whether this processor has what it takes.
pub(super) fn has_wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Compresses the codes of each lane, as letters, into its state: whole blocks, as many for all lanes, of which there
/// are 8 at most.
///
/// # Panics
/// Unless [`has_wide`].
pub(super) fn compress_wide(states: &mut [[u64; 8]], codes: &[&[u8]]) {
    #[cfg(not(target_arch = "x86_64"))]
    let _ = states;
    assert!(has_wide() && codes.iter().all(|lane| lane.len() == codes[0].len() && lane.len() % BLOCK == 0));
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has the features that these functions are compiled for, as was asked just before.
    unsafe {
        if states.len() > NARROW { compress_8(states, codes) } else { compress_4(states, codes) }
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::*;

    use super::{BLOCK, NARROW, ROUNDS, WIDE};
    use crate::alphabet::LETTERS;

    /// The letter of each code.
    const SPELT: [i64; 2] = {
        let [first, last] = LETTERS.as_chunks::<8>().0 else { panic!() };
        [i64::from_le_bytes(*first), i64::from_le_bytes(*last)]
    };

    /// The bytes of a word in each lane, the last first.
    const SWAPPED: [i64; 2] = [0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F];

    /// What three bits come to, as a table of the eight cases: all exclusive; the second or third, as the first says;
    /// what most of them are.
    const XOR: i32 = 0x96;
    const CHOICE: i32 = 0xCA;
    const MAJORITY: i32 = 0xE8;

    /// A kernel of so many lanes, by the names of the instructions that it takes.
    macro_rules! kernel {
        (
            $name:ident, $block:ident, $lanes:ident, $vector:ty, $set:expr, $get:expr, $same:ident, $pair:expr,
            $add:ident, $ror:ident, $shr:ident, $table:ident, $bytes:ident
        ) => {
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            pub(super) fn $name(states: &mut [[u64; 8]], codes: &[&[u8]]) {
                let Some(&first) = codes.first() else { return };
                // Lanes that are not used take the codes of the first.
                let lanes: [&[[u8; BLOCK]]; $lanes] =
                    std::array::from_fn(|lane| codes.get(lane).unwrap_or(&first).as_chunks().0);
                let mut state: [$vector; 8] = std::array::from_fn(|word| {
                    $set(std::array::from_fn(|lane| states.get(lane).map_or(0, |state| state[word] as i64)))
                });
                for at in 0..lanes[0].len() {
                    let blocks = lanes.map(|blocks| blocks[at].as_chunks::<8>().0);
                    let word = |i: usize| $set(std::array::from_fn(|lane| i64::from_le_bytes(blocks[lane][i])));
                    $block(&mut state, std::array::from_fn(word));
                }
                let found: [[i64; $lanes]; 8] = state.map(|word| $get(word));
                for (lane, to) in states.iter_mut().enumerate() {
                    *to = std::array::from_fn(|word| found[word][lane] as u64);
                }
            }

            /// FIPS 180-4, 6.4.2, of a block of each lane.
            #[inline]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn $block(state: &mut [$vector; 8], codes: [$vector; 16]) {
                let (letters, swapped) = ($pair(SPELT), $pair(SWAPPED));
                let mut words = codes.map(|codes| $bytes($bytes(letters, codes), swapped));
                let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
                for (t, constants) in ROUNDS.as_chunks::<16>().0.iter().enumerate() {
                    for i in 0..16 {
                        if t > 0 {
                            let (next, last) = (words[(i + 1) % 16], words[(i + 14) % 16]);
                            let small_0 = $table::<XOR>($ror::<1>(next), $ror::<8>(next), $shr::<7>(next));
                            let small_1 = $table::<XOR>($ror::<19>(last), $ror::<61>(last), $shr::<6>(last));
                            words[i] = $add($add(words[i], small_0), $add(words[(i + 9) % 16], small_1));
                        }
                        let large = $table::<XOR>($ror::<14>(e), $ror::<18>(e), $ror::<41>(e));
                        let word = $add($add(h, $same(constants[i] as i64)), words[i]);
                        let new = $add($add(word, $table::<CHOICE>(e, f, g)), large);
                        let large = $table::<XOR>($ror::<28>(a), $ror::<34>(a), $ror::<39>(a));
                        let sum = $add(new, $add(large, $table::<MAJORITY>(a, b, c)));
                        (h, g, f, e) = (g, f, e, $add(d, new));
                        (d, c, b, a) = (c, b, a, sum);
                    }
                }
                for (old, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                    *old = $add(*old, new);
                }
            }
        };
    }

    kernel!(
        compress_8,
        compress_block_8,
        WIDE,
        __m512i,
        |w: [i64; WIDE]| _mm512_setr_epi64(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]),
        |v| {
            let halves = [_mm512_extracti64x4_epi64::<0>(v), _mm512_extracti64x4_epi64::<1>(v)].map(|v| words_of_4(v));
            std::array::from_fn(|i| halves[i / 4][i % 4])
        },
        _mm512_set1_epi64,
        |w: [i64; 2]| _mm512_setr_epi64(w[0], w[1], w[0], w[1], w[0], w[1], w[0], w[1]),
        _mm512_add_epi64,
        _mm512_ror_epi64,
        _mm512_srli_epi64,
        _mm512_ternarylogic_epi64,
        _mm512_shuffle_epi8
    );

    kernel!(
        compress_4,
        compress_block_4,
        NARROW,
        __m256i,
        |w: [i64; NARROW]| _mm256_setr_epi64x(w[0], w[1], w[2], w[3]),
        |v| words_of_4(v),
        _mm256_set1_epi64x,
        |w: [i64; 2]| _mm256_setr_epi64x(w[0], w[1], w[0], w[1]),
        _mm256_add_epi64,
        _mm256_ror_epi64,
        _mm256_srli_epi64,
        _mm256_ternarylogic_epi64,
        _mm256_shuffle_epi8
    );

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn words_of_4(v: __m256i) -> [i64; 4] {
        [
            _mm256_extract_epi64::<0>(v),
            _mm256_extract_epi64::<1>(v),
            _mm256_extract_epi64::<2>(v),
            _mm256_extract_epi64::<3>(v),
        ]
    }
}
