//! Is there an HTTP answer whose verdict depends on how the network cuts it?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::response(bytes));
