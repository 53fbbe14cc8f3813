//! States properties of the pure modules that hold for any bytes.
//!
//! Each function takes any bytes and panics if its property does not hold. The tests below generate realistic values, and the
//! targets in `fuzz/` feed the same functions with the input of libFuzzer.

mod address;
mod file;
mod order;
mod response;
mod time;

pub use address::address;
pub use file::file;
pub use order::order;
pub use response::response;
pub use time::time;

#[cfg(test)]
mod tests;
