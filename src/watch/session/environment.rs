//! Defines what a session needs of the world.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::ProbeRunId;
use crate::cancel::CancelToken;
use crate::error::{DegradedCause, Error};
use crate::snapshot::Snapshot;
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
    /// Probes servers. Their results come as calls of [`Session::on_probe_result`](super::Session::on_probe_result).
    fn start_probes(&mut self, run: ProbeRunId, servers: &[SocketAddr]) -> Result<CancelToken, Error>;
    /// Holds liveness connections to these servers, and to no others.
    fn watch_servers(&mut self, reports: &[ServerReport]);
    /// Whether the liveness connection to a server stands.
    fn is_connected(&self, server: SocketAddr) -> bool;
    fn set_timer(&mut self, timer: SessionTimer, deadline: Option<Instant>);
}

/// The timers of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionTimer {
    /// The final scan of a burst of events.
    Debounce,
    /// A state with the servers that have answered so far.
    PartialResult,
    /// The end of the time that a busy server gets.
    BusyLimit,
    /// A scan after scans or probes failed.
    Retry,
    /// A scan while file events are missing.
    Poll,
    /// A walk of the path after it changed.
    RevalidatePath,
}
