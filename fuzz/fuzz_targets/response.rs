//! Fuzzes the parsing of HTTP responses.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::response(bytes));
