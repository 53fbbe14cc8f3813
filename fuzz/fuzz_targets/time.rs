//! Is there a text that is another time than RFC 3339 says?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::time(bytes));
