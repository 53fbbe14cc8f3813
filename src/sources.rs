//! Reads the places where Osaurus publishes itself.

pub mod config;
pub mod runtime_dir;
pub mod scan;
