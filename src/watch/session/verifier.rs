//! Decides which servers to probe and what their answers come to.
//!
//! All servers are probed when what is published changes, which is also when a suspended one is noticed, and one alone
//! when something happens to the connection that is held to it. Otherwise none is, because requests show in the user's
//! Insights.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Generation;
use crate::cancel::CancelToken;
use crate::candidate::Candidate;
use crate::outcome::{ProbeOutcome, ProbeResult};
use crate::verify::ProbeResults;
use crate::watch::liveness::ServerReport;

mod last_resorts;
mod probe_state;

use probe_state::ProbeState;

/// How long a probe run delays the next state and the next run. Servers that are well have answered by then; one that
/// does not answer, such as a suspended one, delays no others any longer.
const PARTIAL_RESULT_AFTER: Duration = Duration::from_millis(250);

/// How long a verified server stays without an answer while its connection stands: it is busy, for example with loading a
/// model.
const BUSY_LIMIT: Duration = Duration::from_secs(10);

/// What is known of the published servers.
#[derive(Debug, Default)]
pub struct Verifier {
    /// In the order of the candidates; after them the last resorts.
    servers: Vec<ProbeState>,
    /// How many of `servers` are published.
    published: usize,
    /// How many of the last resorts are the servers of a directory that can no longer be read.
    kept: usize,
    /// Bare connects to a last resort are allowed.
    try_last_resorts: bool,
    runs: Vec<Run>,
    /// The last run.
    last_run: Generation,
    /// The last run delays the next state until its servers have answered, or until then.
    holding_until: Option<Instant>,
    /// Something was found out that is not part of a state yet.
    news: bool,
    /// The last run failed, so that the next one waits for another scan.
    failed: bool,
}

#[derive(Debug)]
struct Run {
    id: Generation,
    began: Instant,
    cancel: CancelToken,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Verifier {
    /// Takes the candidates of a scan. All are probed if they differ from those before, or if `probe_all` asks for it.
    ///
    /// A last resort is an address that no file names. It is probed only if no candidate answers, because a file can be
    /// wrong while Osaurus runs: at the address where a candidate answered before, and at `fallback`. If a directory
    /// cannot be read (`is_unreadable`) and there are no candidates, all servers that answered before are last resorts.
    pub fn on_scan(
        &mut self,
        generation: Generation,
        candidates: &[Candidate],
        fallback: Option<Candidate>,
        is_unreadable: bool,
        probe_all: bool,
    ) {
        self.failed = false;
        let kept = if is_unreadable && candidates.is_empty() { self.answered() } else { Vec::new() };
        let all = if kept.is_empty() {
            self.with_last_resorts(candidates, fallback)
        } else {
            let is_new = |fallback: &Candidate| kept.iter().all(|server| server.server != fallback.server);
            kept.iter().cloned().chain(fallback.filter(is_new)).collect()
        };
        self.published = candidates.len();
        self.kept = kept.len();
        self.try_last_resorts = is_unreadable || !candidates.is_empty();
        let candidates = &all;
        let changed = !self.servers.iter().map(|server| &server.candidate).eq(candidates);
        if changed {
            let mut before: HashMap<_, _> = std::mem::take(&mut self.servers)
                .into_iter()
                .map(|server| (server.candidate.server, server))
                .collect();
            let find = |candidate: &Candidate| match before.remove(&candidate.server) {
                Some(server) if server.candidate == *candidate => server,
                Some(server) => ProbeState { candidate: candidate.clone(), published: generation, ..server },
                None => ProbeState::new(candidate.clone(), generation),
            };
            self.servers = candidates.iter().map(find).collect();
            let servers = &self.servers;
            self.runs.retain(|run| servers.iter().any(|server| server.in_flight == Some(run.id)));
        }
        if changed || probe_all {
            self.servers.iter_mut().for_each(|server| server.wanted = generation);
        }
    }

    /// Has one server probed whose connection says that something has changed.
    pub fn on_suspect(&mut self, generation: Generation, server: SocketAddr) {
        if let Some(suspect) = self.servers.iter_mut().find(|each| each.candidate.server == server) {
            suspect.wanted = generation;
        }
    }

    /// Takes the result of a server. `connected` says whether the liveness connection to it stands. Returns whether the
    /// result was awaited.
    pub fn on_result(
        &mut self,
        run: Generation,
        server: SocketAddr,
        result: ProbeResult,
        connected: bool,
        now: Instant,
    ) -> bool {
        let Some(run) = self.runs.iter().find(|each| each.id == run) else { return false };
        let server = self.servers.iter_mut().find(|each| each.candidate.server == server);
        let Some(server) = server else { return false };
        let Some(began) = server.in_flight.take_if(|id| *id == run.id) else { return false };
        let until = server.busy_until.unwrap_or(run.began + BUSY_LIMIT);
        let is_busy = result.outcome == ProbeOutcome::TimedOut && server.is_up() && connected && now < until;
        server.busy_until = is_busy.then_some(until);
        if !is_busy {
            server.result = Some(result);
        }
        server.answered = began;
        self.news = true;
        true
    }

    /// Gives up the servers that have been busy for too long.
    fn end_busy(&mut self, now: Instant) {
        for server in &mut self.servers {
            if server.busy_until.take_if(|until| *until <= now).is_some() {
                let duration = BUSY_LIMIT;
                server.result = Some(ProbeResult { outcome: ProbeOutcome::TimedOut, duration });
                self.news = true;
            }
        }
    }

    /// Notes the end of a run. Returns whether it is one that was not cancelled.
    pub fn on_finished(&mut self, run: Generation, failed: bool) -> bool {
        let before = self.runs.len();
        self.runs.retain(|each| each.id != run);
        for server in &mut self.servers {
            server.in_flight.take_if(|id| *id == run);
        }
        let known = self.runs.len() < before;
        self.failed |= known && failed;
        self.news |= known;
        known
    }

    /// The servers to probe now. Call [`started`](Self::started) when their probes begin.
    pub fn to_probe(&self, now: Instant) -> Vec<SocketAddr> {
        if !self.is_ready(now) {
            return Vec::new();
        }
        let waiting = self.needed().iter().filter(|server| server.is_pending() && server.in_flight.is_none());
        waiting.map(|server| server.candidate.server).collect()
    }

    /// Notes that the probes of [`to_probe`](Self::to_probe) begin.
    pub fn started(&mut self, id: Generation, servers: &[SocketAddr], now: Instant, cancel: CancelToken) {
        for server in self.servers.iter_mut().filter(|server| servers.contains(&server.candidate.server)) {
            server.in_flight = Some(id);
        }
        self.runs.push(Run { id, began: now, cancel });
        self.last_run = id;
        self.holding_until = Some(now + PARTIAL_RESULT_AFTER);
    }

    /// When a run stops delaying the next state, or a server has been busy for too long, if no answer comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.servers.iter().filter_map(|server| server.busy_until).chain(self.holding_until).min()
    }

    /// Returns whether there is something new to make a state of, once.
    pub fn take_news(&mut self, now: Instant) -> bool {
        self.end_busy(now);
        if self.is_holding(now) {
            return false;
        }
        let released = self.holding_until.take().is_some();
        let news = std::mem::take(&mut self.news);
        (released || news) && !self.failed
    }

    /// Whether a state can be made: no run delays it, and none has failed.
    pub fn is_ready(&self, now: Instant) -> bool {
        !self.failed && !self.is_holding(now)
    }

    fn is_holding(&self, now: Instant) -> bool {
        self.holding_until.is_some_and(|until| now < until)
            && self.runs.iter().any(|run| run.id == self.last_run)
    }

    /// The servers that a state depends on.
    fn needed(&self) -> &[ProbeState] {
        let end = if self.needs_last_resorts() { self.servers.len() } else { self.published };
        &self.servers[..end]
    }

    /// The last result of each candidate; none where it was never probed.
    pub fn results(&self) -> ProbeResults {
        self.servers[..self.published].iter().map(|server| server.result.clone()).collect()
    }

    /// Whether every server that was published by then was probed at this generation or later. One that has never
    /// answered is waited for until others were published and probed after it.
    pub fn is_complete_since(&self, generation: Generation) -> bool {
        let overtaken = |server: &ProbeState| {
            server.result.is_none() && server.in_flight.is_some_and(|run| run < self.last_run)
        };
        self.needed()
            .iter()
            .all(|server| server.published > generation || server.answered >= generation || overtaken(server))
    }

    /// What the liveness monitor has to know of each server that was probed.
    pub fn reports(&self) -> Vec<ServerReport> {
        let (published, last_resorts) = self.servers.split_at(self.published);
        let superseded = published.iter().any(|server| server.is_up() && !server.is_pending());
        let wanted = |server: &&ProbeState| !superseded && (server.is_up() || self.try_last_resorts);
        let all = published.iter().chain(last_resorts.iter().filter(wanted));
        let probed = all.filter_map(|server| Some((server, server.result.as_ref()?)));
        probed
            .map(|(server, result)| ServerReport {
                server: server.candidate.server,
                state: (!server.is_pending()).then(|| server.state_after(result)),
                published: server.published,
                answered: server.answered,
            })
            .collect()
    }
}
