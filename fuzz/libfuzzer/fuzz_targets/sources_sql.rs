#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzing::sources_sql(data));
