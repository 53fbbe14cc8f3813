//! Keeps the state for one set of options and tells its watchers.
//!
//! A session does no I/O: it decides, and its [`Environment`] scans, probes and keeps time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Generation;
use super::files::WatchUpdate;
use super::mailbox::Mailbox;
use crate::candidate::Instance;
use crate::error::{DegradedCause, Error};
use crate::outcome::ProbeResult;
use crate::snapshot::Snapshot;

mod debouncer;
mod environment;
mod event_health;
mod publish;
mod retry;
mod subscriber;
mod verifier;

use debouncer::Debouncer;
pub use environment::Environment;
use event_health::EventHealth;
use retry::Retry;
use subscriber::Subscriber;
use verifier::Verifier;

/// How long after a change of the path it is walked again. A disk that is mounted over a directory causes no event, but
/// the directory was created a moment before, which does.
const MOUNT_GRACE: Duration = Duration::from_secs(2);

/// The state for one set of options, for all watchers that were opened with them.
pub struct Session {
    subscribers: Vec<Subscriber>,
    /// Counts scans, suspicions and probe runs.
    generation: Generation,
    last_scan: Generation,
    snapshot: Option<Snapshot>,
    /// The address to probe if no published server answers.
    fallback: Option<SocketAddr>,
    /// Whether servers are probed; if not, `verifier` knows none.
    verify: bool,
    verifier: Verifier,
    state: Option<Arc<[Instance]>>,
    debouncer: Debouncer,
    /// Events came that no scan has followed.
    dirty: bool,
    /// When the path is walked again.
    revalidate_at: Option<Instant>,
    retry: Retry,
    events: EventHealth,
}

impl Session {
    pub fn new(verify: bool, fallback: Option<SocketAddr>) -> Self {
        Self {
            fallback,
            subscribers: Vec::new(),
            generation: Generation::default(),
            last_scan: Generation::default(),
            snapshot: None,
            verify,
            verifier: Verifier::default(),
            state: None,
            debouncer: Debouncer::default(),
            dirty: true,
            revalidate_at: None,
            retry: Retry::default(),
            events: EventHealth::default(),
        }
    }

    /// Adds a watcher. Its first state comes from a scan, and probes, of its own: what the others know may be old, because
    /// nothing reports that a server hangs or that a directory has become unreadable.
    pub fn subscribe(&mut self, mailbox: Arc<Mailbox>) {
        let first_scan = self.generation.next();
        self.subscribers.push(Subscriber { mailbox, first_scan, has_state: false });
    }

    /// Removes a watcher. Returns whether others are left.
    pub fn unsubscribe(&mut self, mailbox: &Arc<Mailbox>) -> bool {
        self.subscribers.retain(|subscriber| !Arc::ptr_eq(&subscriber.mailbox, mailbox));
        !self.subscribers.is_empty()
    }

    /// Starts again after a panic that may have left anything half done: with the watchers and the state they know.
    pub fn restart(&mut self, error: &Error) {
        let mut fresh = Self::new(self.verify, self.fallback);
        fresh.subscribers = std::mem::take(&mut self.subscribers);
        fresh.state = self.state.take();
        fresh.generation = self.generation;
        fresh.events = EventHealth::disabled(error);
        fresh.subscribers.iter().for_each(|subscriber| subscriber.mailbox.put_degraded(error));
        *self = fresh;
    }

    /// Notes that something was published or withdrawn.
    pub fn on_files_changed(&mut self) {
        self.dirty = true;
    }

    /// Notes that events were lost for this reason.
    pub fn on_events_lost(&mut self, reason: DegradedCause, now: Instant) {
        self.dirty = true;
        self.events.on_events_lost(reason, now);
    }

    /// Notes that something happened to the liveness connection of a server.
    pub fn on_suspect(&mut self, server: SocketAddr) {
        let generation = self.next_generation();
        self.verifier.on_suspect(generation, server);
    }

    /// Takes the result of a server in a probe run. `connected` says whether the liveness connection to it stands. Returns
    /// whether the result was awaited.
    pub fn on_probe_result(
        &mut self,
        run: Generation,
        server: SocketAddr,
        result: ProbeResult,
        connected: bool,
        now: Instant,
    ) -> bool {
        self.verifier.on_result(run, server, result, connected, now)
    }

    /// Takes the end of a probe run.
    pub fn on_probes_finished(&mut self, run: Generation, result: Result<(), Error>, now: Instant) {
        let known = self.verifier.on_finished(run, result.is_err());
        if let Err(error) = result
            && known
        {
            self.fail(&error, now);
        }
    }

    /// When to call [`process`](Self::process) next if nothing happens.
    pub fn deadline(&self) -> Option<Instant> {
        let (scans, probes) = (self.debouncer.deadline(), self.verifier.deadline());
        let all = [scans, probes, self.retry.deadline(), self.events.deadline(), self.revalidate_at];
        all.into_iter().flatten().min()
    }

    /// Does everything that is due now.
    pub fn process(&mut self, env: &mut impl Environment, now: Instant) {
        let poll = self.events.take_due(now);
        let scan_due = self.retry.take_due(now) || poll;
        if self.revalidate_at.take_if(|at| *at <= now).is_some() || poll {
            env.distrust_watches();
        }
        self.update_watches(env, now);
        if self.verifier.take_news(now) {
            if self.verifier.has_pending_last_resort() {
                self.start_probes(env, now);
            }
            if self.verifier.is_ready(now) && self.publish(env, now) {
                self.debouncer.state_changed(now);
            }
        }
        let dirty = std::mem::take(&mut self.dirty);
        let debounced = (dirty && self.debouncer.on_event(now)) || self.debouncer.take_due(now);
        if debounced || scan_due || self.has_newcomers() {
            let (took, changed) = self.scan(env, now);
            if debounced {
                self.debouncer.scan_finished(now, took, changed);
            }
        } else {
            self.start_probes(env, now);
        }
    }

    fn next_generation(&mut self) -> Generation {
        self.generation = self.generation.next();
        self.generation
    }

    fn has_newcomers(&self) -> bool {
        self.subscribers.iter().any(|subscriber| subscriber.first_scan > self.last_scan)
    }

    fn update_watches(&mut self, env: &mut impl Environment, now: Instant) {
        let (update, reason) = env.update_watches();
        self.dirty |= update != WatchUpdate::Unchanged;
        if update == WatchUpdate::Path {
            self.revalidate_at = Some(now + MOUNT_GRACE);
        }
        if let Some(error) = self.events.update(reason, now) {
            self.subscribers.iter().for_each(|subscriber| subscriber.mailbox.put_degraded(error));
        }
    }

    /// Returns how long the scan took, and whether the state changed already: probes may change it later.
    fn scan(&mut self, env: &mut impl Environment, now: Instant) -> (Duration, bool) {
        let probe_all = self.has_newcomers();
        self.last_scan = self.next_generation();
        let (outcome, took) = env.scan();
        match outcome {
            Ok(snapshot) => {
                if self.verify {
                    let is_unreadable = snapshot.has_unreadable_directory();
                    let fallback = self.fallback.filter(|_| !snapshot.is_starting());
                    let fallback = fallback.map(|server| snapshot.candidate_at(server));
                    let candidates = &snapshot.candidates;
                    self.verifier.on_scan(self.last_scan, candidates, fallback, is_unreadable, probe_all);
                }
                self.snapshot = Some(snapshot);
                self.start_probes(env, now);
                (took, self.verifier.is_ready(now) && self.publish(env, now))
            }
            Err(error) => {
                self.fail(&error, now);
                (took, false)
            }
        }
    }

    fn start_probes(&mut self, env: &mut impl Environment, now: Instant) {
        let servers = self.verifier.to_probe(now);
        if !servers.is_empty() {
            let run = self.next_generation();
            let cancel = env.start_probes(run, &servers);
            self.verifier.started(run, &servers, now, cancel);
        }
    }
}

#[cfg(test)]
mod tests;
