//! Are there instances whose order depends on anything but themselves?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::order(bytes));
