//! Is there a text whose URL leads elsewhere than its address and port?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| osaurus_discovery::properties::address(bytes));
