#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| panarc_fuzz::targets::delta(data));
