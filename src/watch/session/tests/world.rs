//! Simulates files, servers and time for a session.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use chrono::DateTime;

use super::*;
use crate::cancel::CancelToken;
use crate::candidate::Candidate;
use crate::error::DegradedCause;
use crate::options::{DiscoverOptions, Plan};
use crate::outcome::ProbeOutcome;
use crate::watch::liveness::{ServerReport, ServerState};

pub const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// How a simulated server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Up,
    /// No program listens.
    Down,
    /// It accepts and does not answer.
    Hung,
}

/// An entry of the simulated directory, by a letter. Its port follows from the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub starting: bool,
    /// The seconds of `updatedAt`.
    pub updated: i64,
}

pub struct World {
    pub now: Instant,
    pub entries: BTreeMap<char, Entry>,
    pub servers: BTreeMap<char, Server>,
    pub failing_scans: usize,
    pub failing_probes: usize,
    pub degraded: bool,
    pub reports: Vec<ServerReport>,
    pub scans: usize,
    pub probes: usize,
    update: WatchUpdate,
    pub(super) runs: Vec<Run>,
}

pub(super) struct Run {
    pub id: Generation,
    pub began: Instant,
    /// Those that have not answered.
    pub waiting: Vec<char>,
    pub cancel: CancelToken,
    pub fails: bool,
}

pub fn address(id: char) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, u16::try_from(u32::from(id)).unwrap()).into()
}

pub fn letter(server: SocketAddr) -> char {
    char::from_u32(server.port().into()).unwrap()
}

pub fn letters(instances: &[Instance]) -> String {
    instances.iter().map(|instance| &*instance.instance_id).collect()
}

fn candidate(id: char, entry: Entry) -> Candidate {
    let instance = Instance {
        instance_id: id.to_string(),
        updated_at: DateTime::from_timestamp(entry.updated, 0).unwrap(),
        address: "127.0.0.1".into(),
        port: address(id).port(),
        url: format!("http://{}", address(id)),
        expose_to_network: false,
    };
    let (name, file_modified) = (instance.instance_id.clone().into(), instance.updated_at);
    Candidate { dir: 0, name, server: address(id), file_modified, instance }
}

impl World {
    pub fn new(now: Instant) -> Self {
        Self {
            now,
            entries: BTreeMap::new(),
            servers: BTreeMap::new(),
            failing_scans: 0,
            failing_probes: 0,
            degraded: false,
            reports: Vec::new(),
            scans: 0,
            probes: 0,
            update: WatchUpdate::Path,
            runs: Vec::new(),
        }
    }

    /// The running entries, newest first.
    pub fn candidates(&self) -> Vec<Candidate> {
        let running = self.entries.iter().filter(|(_, entry)| !entry.starting);
        let mut candidates: Vec<_> = running.map(|(&id, &entry)| candidate(id, entry)).collect();
        candidates.sort_by(|a, b| a.rank().cmp(&b.rank()));
        candidates
    }

    pub fn server(&self, id: char) -> Server {
        self.servers.get(&id).copied().unwrap_or(Server::Down)
    }

    /// The servers whose liveness connection would say that something has changed.
    pub fn suspects(&self) -> Vec<SocketAddr> {
        let is_suspect = |report: &&ServerReport| match (report.state, self.server(letter(report.server))) {
            (Some(ServerState::Up), server) => server == Server::Down,
            (Some(ServerState::Unresponsive), server) => server != Server::Hung,
            (Some(ServerState::Down), server) => server == Server::Up,
            (None, _) => false,
        };
        self.reports.iter().filter(is_suspect).map(|report| report.server).collect()
    }

    /// When the next server answers.
    pub fn next_answer(&self) -> Option<Instant> {
        let answers = self.runs.iter().flat_map(|run| run.waiting.iter().map(|id| self.answer_at(run, *id)));
        answers.min()
    }

    pub(super) fn answer_at(&self, run: &Run, id: char) -> Instant {
        let takes = if self.server(id) == Server::Hung { PROBE_TIMEOUT } else { Duration::from_millis(2) };
        run.began + takes
    }

    pub fn answer(&self, id: char) -> ProbeResult {
        let outcome = match self.server(id) {
            Server::Up => ProbeOutcome::Osaurus,
            Server::Down => ProbeOutcome::Refused,
            Server::Hung => ProbeOutcome::TimedOut,
        };
        ProbeResult { outcome, duration: Duration::ZERO }
    }
}

impl Environment for World {
    fn update_watches(&mut self) -> (WatchUpdate, Option<DegradedCause>) {
        let update = std::mem::replace(&mut self.update, WatchUpdate::Unchanged);
        (update, self.degraded.then_some(DegradedCause::WatchLimit))
    }

    fn distrust_watches(&mut self) {}

    fn scan(&mut self) -> (Result<Snapshot, Error>, Duration) {
        self.scans += 1;
        if self.failing_scans > 0 {
            self.failing_scans -= 1;
            let error = crate::error::ErrorDetails::NotADirectory { path: "/".into() };
            return (Err(Error::new(error)), Duration::ZERO);
        }
        let plan = Plan {
            dirs: Vec::new(),
            ..DiscoverOptions::new().base_dir("/").plan(CancelToken::new()).unwrap()
        };
        let mut snapshot = Snapshot::take(&plan).unwrap();
        snapshot.candidates = self.candidates();
        snapshot.starting = self.entries.iter().filter(|(_, entry)| entry.starting).map(starting).collect();
        (Ok(snapshot), Duration::from_micros(30))
    }

    fn start_probes(&mut self, run: Generation, servers: &[SocketAddr]) -> CancelToken {
        let fails = self.failing_probes > 0;
        self.failing_probes = self.failing_probes.saturating_sub(1);
        let waiting: Vec<_> = servers.iter().copied().map(letter).collect();
        self.probes += waiting.len();
        let cancel = CancelToken::new();
        self.runs.push(Run { id: run, began: self.now, waiting, cancel: cancel.clone(), fails });
        cancel
    }

    fn watch_servers(&mut self, reports: &[ServerReport]) {
        self.reports = reports.to_vec();
    }
}

fn starting((id, entry): (&char, &Entry)) -> crate::snapshot::StartingEntry {
    crate::snapshot::StartingEntry {
        path: id.to_string().into(),
        restarting: false,
        instance_id: id.to_string(),
        updated_at: DateTime::from_timestamp(entry.updated, 0).unwrap(),
    }
}
