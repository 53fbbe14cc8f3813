//! Defines what a session needs of the world.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::error::{DegradedCause, Error};
use crate::snapshot::Snapshot;
use crate::watch::Generation;
use crate::watch::files::WatchUpdate;
use crate::watch::liveness::ServerReport;

/// What a session needs of the world.
pub trait Environment {
    /// Watches what has to be watched now. Returns what changed, and why events may be missed.
    fn update_watches(&mut self) -> (WatchUpdate, Option<DegradedCause>);
    /// Has the next [`update_watches`](Self::update_watches) rely on nothing that is known.
    fn distrust_watches(&mut self);
    /// Reads the files. Returns how long that took as well.
    fn scan(&mut self) -> (Result<Snapshot, Error>, Duration);
    /// Probes servers. Their results come as calls of [`Session::on_probe_result`](super::Session::on_probe_result), and
    /// their end, or why they cannot begin, as one of [`Session::on_probes_finished`](super::Session::on_probes_finished).
    fn start_probes(&mut self, run: Generation, servers: &[SocketAddr]) -> CancelToken;
    /// Holds liveness connections to these servers, and to no others.
    fn watch_servers(&mut self, reports: &[ServerReport]);
}
