//! Fuzzes the order of entries.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::order(bytes));
