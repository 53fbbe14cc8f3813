//! Keeps the state for one set of options and tells its watchers.
//!
//! A session does no I/O: it decides, and its [`Environment`] scans, probes and keeps time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::files::WatchUpdate;
use super::{Generation, SubscriberId};
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
pub use environment::{Environment, SessionTimer};
use event_health::{EventHealth, Polling};
use retry::Retry;
pub use subscriber::Subscriber;
pub use verifier::ProbeRunId;
use verifier::Verifier;

/// How long after a change of the path it is walked again. A disk that is mounted over a directory causes no event, but
/// the directory was created a moment before, which does.
const MOUNT_GRACE: Duration = Duration::from_secs(2);

/// The state for one set of options, for all watchers that were opened with them.
pub struct Session {
    subscribers: Vec<Subscriber>,
    /// Counts scans and suspicions.
    generation: Generation,
    last_scan: Generation,
    snapshot: Option<Snapshot>,
    /// The address to probe if no published server answers.
    fallback: Option<SocketAddr>,
    /// None if servers are not probed.
    verifier: Option<Verifier>,
    state: Option<Arc<[Instance]>>,
    debouncer: Debouncer,
    /// Events came that no scan has followed.
    dirty: bool,
    /// A scan is due that no event asks for.
    scan_due: bool,
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
            verifier: verify.then(Verifier::default),
            state: None,
            debouncer: Debouncer::default(),
            dirty: true,
            scan_due: false,
            retry: Retry::default(),
            events: EventHealth::default(),
        }
    }

    /// Adds a watcher. Its first state comes from a scan, and probes, of its own: what the others know may be old, because
    /// nothing reports that a server hangs or that a directory has become unreadable.
    pub fn subscribe(&mut self, mut subscriber: Subscriber) {
        subscriber.first_scan = self.generation.next();
        self.subscribers.push(subscriber);
    }

    /// Removes a watcher. Returns whether others are left.
    pub fn unsubscribe(&mut self, id: SubscriberId) -> bool {
        self.subscribers.retain(|subscriber| subscriber.id != id);
        !self.subscribers.is_empty()
    }

    /// Starts again after a panic that may have left anything half done: with the watchers and the state they know.
    pub fn restart(&mut self, error: &Error) {
        let mut fresh = Self::new(self.verifier.is_some(), self.fallback);
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
    pub fn on_events_lost(&mut self, reason: DegradedCause, env: &mut impl Environment, now: Instant) {
        env.distrust_watches();
        self.dirty = true;
        self.events.on_events_lost(reason, now);
    }

    /// Notes that something happened to the liveness connection of a server.
    pub fn on_suspect(&mut self, server: SocketAddr) {
        self.generation = self.generation.next();
        if let Some(verifier) = &mut self.verifier {
            verifier.on_suspect(self.generation, server);
        }
    }

    /// Takes the result of a server in a probe run. Returns whether the result was still waited for.
    pub fn on_probe_result(
        &mut self,
        run: ProbeRunId,
        server: SocketAddr,
        result: ProbeResult,
        env: &impl Environment,
        now: Instant,
    ) -> bool {
        let connected = env.is_connected(server);
        self.verifier.as_mut().is_some_and(|verifier| verifier.on_result(run, server, result, connected, now))
    }

    /// Takes the end of a probe run.
    pub fn on_probes_finished(
        &mut self,
        run: ProbeRunId,
        result: Result<(), Error>,
        env: &mut impl Environment,
        now: Instant,
    ) {
        let Some(verifier) = &mut self.verifier else { return };
        let known = verifier.on_finished(run, result.is_err());
        if let Err(error) = result
            && known
        {
            self.fail(&error, env, now);
        }
    }

    pub fn on_timer(&mut self, timer: SessionTimer, env: &mut impl Environment) {
        match timer {
            SessionTimer::Poll => {
                env.distrust_watches();
                self.events.on_poll();
                self.scan_due = true;
            }
            SessionTimer::RevalidatePath => env.distrust_watches(),
            SessionTimer::Retry => {
                self.retry.on_timer();
                self.scan_due = true;
            }
            // `process` asks their owners, who know the deadline.
            SessionTimer::Debounce | SessionTimer::PartialResult | SessionTimer::BusyLimit => {}
        }
    }

    /// Does everything that is due now.
    pub fn process(&mut self, env: &mut impl Environment, now: Instant) {
        self.update_watches(env, now);
        if let Some(verifier) = &mut self.verifier {
            verifier.end_busy(now);
        }
        if self.verifier.as_mut().is_some_and(|verifier| verifier.take_news(now)) {
            if self.verifier.as_ref().is_some_and(Verifier::has_pending_last_resort) {
                self.start_probes(env, now);
            }
            let ready = self.verifier.as_ref().is_none_or(|verifier| verifier.is_ready(now));
            if ready && self.publish(env, now) {
                self.debouncer.state_changed(now);
            }
        }
        let dirty = std::mem::take(&mut self.dirty);
        let debounced = (dirty && self.debouncer.on_event(now)) || self.debouncer.take_due(now);
        if debounced || self.scan_due || self.has_newcomers() {
            let (took, changed) = self.scan(env, now);
            if debounced {
                self.debouncer.scan_finished(now, took, changed);
            }
        } else {
            self.start_probes(env, now);
        }
        env.set_timer(SessionTimer::Debounce, self.debouncer.deadline());
        let partial_result = self.verifier.as_ref().and_then(Verifier::deadline);
        env.set_timer(SessionTimer::PartialResult, partial_result);
        let busy_limit = self.verifier.as_ref().and_then(Verifier::busy_deadline);
        env.set_timer(SessionTimer::BusyLimit, busy_limit);
    }

    fn has_newcomers(&self) -> bool {
        self.subscribers.iter().any(|subscriber| subscriber.first_scan > self.last_scan)
    }

    fn update_watches(&mut self, env: &mut impl Environment, now: Instant) {
        let (update, reason) = env.update_watches();
        self.dirty |= update != WatchUpdate::Unchanged;
        if update == WatchUpdate::Path {
            env.set_timer(SessionTimer::RevalidatePath, Some(now + MOUNT_GRACE));
        }
        match self.events.update(reason, now) {
            Polling::Unchanged => {}
            Polling::Stop => env.set_timer(SessionTimer::Poll, None),
            Polling::At(at) => env.set_timer(SessionTimer::Poll, Some(at)),
        }
        if let Some(error) = self.events.warning() {
            self.subscribers.iter().for_each(|subscriber| subscriber.mailbox.put_degraded(error));
        }
    }

    /// Returns how long the scan took, and whether the state changed already: probes may change it later.
    fn scan(&mut self, env: &mut impl Environment, now: Instant) -> (Duration, bool) {
        let probe_all = self.has_newcomers();
        self.scan_due = false;
        self.generation = self.generation.next();
        self.last_scan = self.generation;
        let (outcome, took) = env.scan();
        match outcome {
            Ok(snapshot) => {
                if let Some(verifier) = &mut self.verifier {
                    let is_unreadable = snapshot.has_unreadable_directory();
                    let fallback = self.fallback.filter(|_| !snapshot.is_starting());
                    let fallback = fallback.map(|server| snapshot.candidate_at(server));
                    let candidates = &snapshot.candidates;
                    verifier.on_scan(self.generation, candidates, fallback, is_unreadable, probe_all);
                }
                self.snapshot = Some(snapshot);
                self.start_probes(env, now);
                let ready = self.verifier.as_ref().is_none_or(|verifier| verifier.is_ready(now));
                (took, ready && self.publish(env, now))
            }
            Err(error) => {
                self.fail(&error, env, now);
                (took, false)
            }
        }
    }

    fn start_probes(&mut self, env: &mut impl Environment, now: Instant) {
        let Some(verifier) = &mut self.verifier else { return };
        let servers = verifier.to_probe(now);
        if servers.is_empty() {
            return;
        }
        let run = verifier.next_run();
        match env.start_probes(run, &servers) {
            Ok(cancel) => verifier.started(run, &servers, self.generation, now, cancel),
            Err(error) => {
                verifier.start_failed();
                self.fail(&error, env, now);
            }
        }
    }
}

#[cfg(test)]
mod tests;
