//! Holds the events of one watcher until they are delivered.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, TryLockError};

use super::Event;
use crate::candidate::Instance;
use crate::diff::Change;
use crate::error::{Error, ErrorCode};
use crate::system::lock;
use crate::watch::liveness::{ConnectionState, HeldConnections};

type Notify = Box<dyn FnMut(&Mailbox) + Send>;

/// The event loop puts states and warnings in, and the watcher takes events out, on whichever thread it likes.
///
/// A newer state replaces one that was not taken yet. This is the only place where states are compared: the first
/// change holds the whole state, later ones the difference to the change before, and one without a difference, in the
/// reason either, is left out.
pub struct Mailbox {
    notify: Mutex<Option<Notify>>,
    /// None once the mailbox is closed.
    content: Mutex<Option<Content>>,
}

#[derive(Default)]
struct Content {
    /// The newest state; none before the first.
    state: Option<Arc<[Instance]>>,
    /// Why there is no instance in the newest state, or why scans fail.
    reason: Option<Error>,
    /// The state and the reason may differ from those that were delivered.
    changed: bool,
    /// The state that was delivered last, and its reason.
    delivered: Option<(Arc<[Instance]>, Option<ErrorCode>)>,
    warnings: VecDeque<Error>,
    /// What the watcher was warned of, so that it is warned once.
    failure: Option<Error>,
    warned_of_degradation: bool,
    /// The watcher was notified and has not taken everything yet.
    notified: bool,
    connections: Option<Arc<HeldConnections>>,
}

impl Mailbox {
    /// Creates a mailbox that calls `notify` when there is something to take with [`next`](Self::next).
    pub fn new(notify: impl FnMut(&Self) + Send + 'static) -> Arc<Self> {
        let content = Mutex::new(Some(Content::default()));
        Arc::new(Self { notify: Mutex::new(Some(Box::new(notify))), content })
    }

    /// The next event: a change before warnings. After `None` the watcher is notified again.
    pub fn next(&self) -> Option<Event> {
        loop {
            let mut guard = lock(&self.content);
            let content = guard.as_mut()?;
            let Some(state) = content.state.clone().filter(|_| std::mem::take(&mut content.changed)) else {
                let warning = content.warnings.pop_front();
                content.notified = warning.is_some();
                return warning.map(Event::Warning);
            };
            let reason = content.reason.clone().filter(|_| state.is_empty());
            let code = reason.as_ref().map(Error::code);
            let (before, code_before) = content.delivered.replace((Arc::clone(&state), code)).unzip();
            drop(guard);
            let change = Change { reason, ..Change::between(before.as_deref().unwrap_or_default(), &state) };
            if code_before != Some(code) || !change.is_empty() {
                return Some(Event::Change(change));
            }
        }
    }

    /// Why there was no instance at the last scan; none if there was one, or before the first scan.
    pub fn reason(&self) -> Option<Error> {
        lock(&self.content).as_ref()?.reason.clone()
    }

    /// The state, in the kernel, of the liveness connection to this server.
    pub fn connection_state(&self, server: SocketAddr) -> ConnectionState {
        let connections = lock(&self.content).as_ref().and_then(|content| content.connections.clone());
        connections.map_or(ConnectionState::Unknown, |connections| connections.state(server))
    }

    pub fn set_connections(&self, connections: &Arc<HeldConnections>) {
        self.put(|content| content.connections = Some(Arc::clone(connections)));
    }

    /// Puts the state after a scan in, with the reason if it is empty.
    pub fn put_state(&self, state: &Arc<[Instance]>, reason: Option<&Error>) {
        self.put(|content| {
            content.state = Some(Arc::clone(state));
            content.set_reason(reason);
        });
    }

    /// Replaces the reason only: the last state stays.
    pub fn put_reason(&self, reason: &Error) {
        self.put(|content| content.set_reason(Some(reason)));
    }

    /// Puts an empty state and a warning in, because watching cannot begin.
    #[cfg(feature = "node")]
    pub fn put_unavailable(&self, error: &Error) {
        self.put_state(&Arc::default(), Some(error));
        self.put_failure(Some(error));
    }

    /// Warns that scans fail, unless the last warning said so; `None` says that they succeed.
    pub fn put_failure(&self, failure: Option<&Error>) {
        self.put(|content| {
            if content.failure.as_ref() != failure {
                content.failure = failure.cloned();
                content.warnings.extend(failure.cloned());
            }
        });
    }

    /// Warns that file events are missing: once, however often they come back and go again.
    pub fn put_degraded(&self, error: &Error) {
        self.put(|content| {
            if !std::mem::replace(&mut content.warned_of_degradation, true) {
                content.warnings.push_back(error.clone());
            }
        });
    }

    /// Ends delivery. What `notify` owns is dropped now, or when it returns if it is running.
    pub fn close(&self) {
        lock(&self.content).take();
        let notify = match self.notify.try_lock() {
            Ok(mut notify) => notify.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        drop(notify);
    }

    fn put(&self, change: impl FnOnce(&mut Content)) {
        let mut guard = lock(&self.content);
        let Some(content) = guard.as_mut() else { return };
        change(content);
        let news = content.changed || !content.warnings.is_empty();
        let wake = news && !std::mem::replace(&mut content.notified, news);
        drop(guard);
        if wake {
            self.notify();
        }
    }

    fn notify(&self) {
        let mut notify = lock(&self.notify);
        if self.is_open()
            && let Some(call) = notify.as_mut()
        {
            // The panic hook reports a panic of the caller's; it ends neither this watcher nor others.
            let _ = catch_unwind(AssertUnwindSafe(|| call(self)));
        }
        if !self.is_open() {
            let closed_meanwhile = notify.take();
            drop(notify);
            drop(closed_meanwhile);
        }
    }

    fn is_open(&self) -> bool {
        lock(&self.content).is_some()
    }
}

impl Content {
    fn set_reason(&mut self, reason: Option<&Error>) {
        self.reason = reason.cloned();
        let code =
            reason.filter(|_| self.state.as_ref().is_none_or(|state| state.is_empty())).map(Error::code);
        let same = |(state, before): &(Arc<[Instance]>, Option<ErrorCode>)| {
            *before == code && self.state.as_ref().is_some_and(|newest| Arc::ptr_eq(newest, state))
        };
        self.changed = !self.delivered.as_ref().is_some_and(same);
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
