//! Keeps the state for one set of options and tells its watchers.
//!
//! A session does no I/O: it decides, and its [`Environment`] scans, probes and keeps time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::files::WatchUpdate;
use super::{Generation, SubscriberId};
use crate::candidate::Instance;
use crate::error::{DegradedCause, Error};
use crate::outcome::ProbeResult;
use crate::snapshot::Snapshot;

mod debouncer;
mod environment;
mod subscriber;
mod verifier;

use debouncer::Debouncer;
pub use environment::{Environment, SessionTimer};
pub use subscriber::Subscriber;
pub use verifier::ProbeRunId;
use verifier::Verifier;

/// The interval of scans while file events are missing.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How long after lost events more may be lost.
const EVENTS_UNRELIABLE_FOR: Duration = Duration::from_secs(10);

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
    /// None if servers are not probed.
    verifier: Option<Verifier>,
    state: Option<Arc<[Instance]>>,
    debouncer: Debouncer,
    /// Events came that no scan has followed.
    dirty: bool,
    /// A scan is due that no event asks for.
    scan_due: bool,
    failure: Option<Backoff>,
    retry_scheduled: bool,
    degraded: Option<Error>,
    polling: bool,
    /// Events were lost, for this reason, and more may be until then.
    events_unreliable: Option<(Instant, DegradedCause)>,
}

impl Session {
    pub fn new(verify: bool) -> Self {
        Self {
            subscribers: Vec::new(),
            generation: Generation::default(),
            last_scan: Generation::default(),
            snapshot: None,
            verifier: verify.then(Verifier::default),
            state: None,
            debouncer: Debouncer::default(),
            dirty: true,
            scan_due: false,
            failure: None,
            retry_scheduled: false,
            degraded: None,
            polling: false,
            events_unreliable: None,
        }
    }

    /// Adds a watcher. Its first state comes from a scan, and probes, of its own: what the others know may be old, because
    /// nothing reports that a server hangs or that a directory cannot be read any more.
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
        let mut fresh = Self::new(self.verifier.is_some());
        fresh.subscribers = std::mem::take(&mut self.subscribers);
        fresh.state = self.state.take();
        fresh.generation = self.generation;
        fresh.degraded = Some(error.clone());
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
        self.events_unreliable = Some((now + EVENTS_UNRELIABLE_FOR, reason));
    }

    /// Notes that something happened to the liveness connection of a server.
    pub fn on_suspect(&mut self, server: SocketAddr) {
        self.generation = self.generation.next();
        if let Some(verifier) = &mut self.verifier {
            verifier.on_suspect(self.generation, server);
        }
    }

    /// Takes the result of a server in a probe run.
    pub fn on_probe_result(
        &mut self,
        run: ProbeRunId,
        index: usize,
        result: ProbeResult,
        env: &impl Environment,
        now: Instant,
    ) {
        if let Some(verifier) = &mut self.verifier {
            let connected = verifier.server_of(run, index).is_some_and(|server| env.is_connected(server));
            verifier.on_result(run, index, result, connected, now);
        }
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
                self.polling = false;
                self.scan_due = true;
            }
            SessionTimer::RevalidatePath => env.distrust_watches(),
            SessionTimer::Retry => {
                self.retry_scheduled = false;
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
        if self.verifier.as_mut().is_some_and(|verifier| verifier.take_news(now)) && self.publish(env, now) {
            self.debouncer.state_changed(now);
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
        self.events_unreliable.take_if(|(until, _)| *until <= now);
        let reason = reason.or(self.events_unreliable.as_ref().map(|(_, reason)| reason.clone()));
        let Some(reason) = reason else {
            self.degraded = None;
            if std::mem::take(&mut self.polling) {
                env.set_timer(SessionTimer::Poll, None);
            }
            return;
        };
        let error = self.degraded.get_or_insert_with(|| Error::watch_degraded(reason));
        self.subscribers.iter().for_each(|subscriber| subscriber.mailbox.put_degraded(error));
        if !std::mem::replace(&mut self.polling, true) {
            env.set_timer(SessionTimer::Poll, Some(now + POLL_INTERVAL));
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
                    verifier.on_scan(self.generation, &snapshot.candidates, probe_all);
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
        let Some((run, candidates)) = verifier.next_run(now) else { return };
        match env.start_probes(run, candidates) {
            Ok(cancel) => verifier.started(self.generation, now, cancel),
            Err(error) => {
                verifier.start_failed();
                self.fail(&error, env, now);
            }
        }
    }

    /// Makes a state of what is known and delivers it. Returns whether it is another one.
    fn publish(&mut self, env: &mut impl Environment, now: Instant) -> bool {
        let Some(snapshot) = &self.snapshot else { return false };
        let outcome = match &self.verifier {
            Some(verifier) => {
                env.watch_servers(&verifier.reports());
                snapshot.verified_outcome(&verifier.results())
            }
            None => snapshot.outcome(),
        };
        let (instances, reason) = match outcome {
            Ok(instances) => (instances, None),
            Err(error) if error.code().means_none_running() => (Vec::new(), Some(error)),
            Err(error) => {
                self.fail(&error, env, now);
                return false;
            }
        };
        let before = self.state.take();
        let changed = before.as_ref().is_none_or(|before| **before != *instances);
        let state = before.filter(|_| !changed).unwrap_or_else(|| instances.into());
        let (last_scan, verifier) = (self.last_scan, &self.verifier);
        let accepts = |subscriber: &Subscriber| {
            let first = subscriber.first_scan;
            let verified = verifier.as_ref().is_none_or(|verifier| verifier.is_complete_since(first));
            subscriber.has_state || (last_scan >= first && verified)
        };
        for subscriber in &mut self.subscribers {
            if accepts(subscriber) {
                subscriber.has_state = true;
                subscriber.mailbox.put_state(&state, reason.as_ref());
                subscriber.mailbox.put_failure(None);
            }
        }
        self.state = Some(state);
        self.failure = None;
        if std::mem::take(&mut self.retry_scheduled) {
            env.set_timer(SessionTimer::Retry, None);
        }
        changed
    }

    /// Delivers that scans or probes fail, and retries later. The last state stays; a watcher that has none yet gets an
    /// empty one, because it has not seen the last one.
    fn fail(&mut self, error: &Error, env: &mut impl Environment, now: Instant) {
        for subscriber in &mut self.subscribers {
            if subscriber.has_state || self.last_scan >= subscriber.first_scan {
                if !std::mem::replace(&mut subscriber.has_state, true) {
                    subscriber.mailbox.put_state(&Arc::default(), Some(error));
                } else {
                    subscriber.mailbox.put_reason(error);
                }
                subscriber.mailbox.put_failure(Some(error));
            }
        }
        if !std::mem::replace(&mut self.retry_scheduled, true) {
            let delay = self.failure.get_or_insert_with(Backoff::slow).next_delay();
            env.set_timer(SessionTimer::Retry, Some(now + delay));
        }
    }
}

#[cfg(test)]
mod tests;
