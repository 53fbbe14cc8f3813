//! Are there bytes that make the file parser panic, or disagree with a plain reading?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::file(bytes));
