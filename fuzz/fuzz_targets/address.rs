//! Fuzzes the URLs derived from addresses.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::address(bytes));
