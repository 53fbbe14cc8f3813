//! Fuzzes the parsing of times.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::time(bytes));
