#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzing::csv_rows(data));
