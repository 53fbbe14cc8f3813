//! Find the [Osaurus](https://osaurus.ai) servers that run on this machine.
//!
//! Osaurus is a local AI server for macOS. Every running copy publishes a small file,
//! `~/.osaurus/runtime/<instanceId>/configuration.json`, that says where it listens. This crate reads those
//! files as they really are: left behind by crashes, half written, replaced at any moment, or not files at all.
//!
//! ```no_run
//! use osaurus_discovery::{CancelToken, DiscoverOptions, PROBE_TIMEOUT, latest};
//!
//! match latest(&DiscoverOptions::new().verify(PROBE_TIMEOUT), &CancelToken::new()) {
//!     Ok(instance) => println!("Osaurus listens at {}", instance.url),
//!     Err(error) => eprintln!("{error}"),
//! }
//! ```
//!
//! # The way of a file through the modules
//!
//! `sources::runtime_dir` says where to look, `scan` reads each entry without ever blocking, `config` judges the bytes,
//! `address` says where a client connects, `rank` orders what is left, and [`discover`] puts them together.
//! [`watch`] tells of every change, and [`diff`] says what a change is. Errors carry a stable [`ErrorCode`]. Everything in `node` is the Node-API face of the same functions.

mod address;
mod cancel;
mod candidate;
pub mod diff;
pub mod discover;
mod error;
mod ignored;
mod instance;
#[cfg(feature = "network")]
pub mod network;
#[cfg(feature = "node")]
mod node;
mod options;
mod probe;
#[cfg(any(test, fuzzing))]
pub mod properties;
mod rank;
pub mod report;
mod snapshot;
mod sources;
mod survey;
mod system;
mod verify;
pub mod watch;

pub use cancel::CancelToken;
pub use discover::{inspect, latest, list};
pub use error::{Error, ErrorCode};
pub use ignored::{Ignored, IgnoredReason};
pub use instance::Instance;
pub use options::{DiscoverOptions, PROBE_TIMEOUT};
pub use probe::ProbeOutcome;
