//! Finds the [Osaurus](https://osaurus.ai) servers that run on this machine.
//!
//! Osaurus is a local AI server for macOS. Every running copy publishes a small file,
//! `~/.osaurus/runtime/<instanceId>/configuration.json`, that says where it listens. This crate copes with
//! files that were left behind by crashes, are half written, are replaced at any moment, or are not files at all.
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
//! # Modules
//!
//! `sources` locates, scans and parses the files; `candidate` and `rank` describe and order what they say; `snapshot`
//! holds the result of one scan; `probe` and `verify` query the servers. [`latest`], [`list`], [`inspect`] and [`watch`]
//! derive their results from a snapshot. An [`Error`] carries a stable [`ErrorCode`] and facts. `node` is the Node-API
//! binding of the same functions.

mod access;
mod address;
mod cancel;
mod candidate;
mod diff;
mod directory;
mod discover;
mod error;
mod json;
#[cfg(any(test, feature = "node"))]
mod kept_thread;
#[cfg(feature = "network")]
pub mod network;
#[cfg(feature = "node")]
mod node;
mod options;
mod outcome;
mod probe;
#[cfg(any(test, fuzzing))]
pub mod properties;
mod rank;
pub mod report;
mod snapshot;
mod sources;
mod system;
mod verify;
pub mod watch;

pub use cancel::CancelToken;
pub use candidate::Instance;
pub use diff::Change;
pub use discover::{inspect, latest, list};
pub use error::{DegradedCause, Error, ErrorCode, ErrorDetails, NotFound, Operation, Resource};
pub use options::{DiscoverOptions, PROBE_TIMEOUT};
