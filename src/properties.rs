//! What holds of the pure parts, whatever bytes come in?
//!
//! Each function takes any bytes and panics where its sentence is not true. The tests below feed them with values
//! that look like real ones; the targets in `fuzz/` feed the same functions with what libFuzzer finds.

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
