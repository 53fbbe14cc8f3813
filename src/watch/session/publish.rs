//! Makes a state of what a session knows and delivers it.

use std::sync::Arc;
use std::time::Instant;

use super::{Environment, Session, Subscriber};
use crate::error::Error;

impl Session {
    /// Makes a state of what is known and delivers it. Returns whether it is another one.
    pub(super) fn publish(&mut self, env: &mut impl Environment, now: Instant) -> bool {
        let Some(snapshot) = &self.snapshot else { return false };
        let outcome = if self.verify {
            env.watch_servers(&self.verifier.reports());
            snapshot.verified_outcome(&self.verifier.results()).or_else(|error| {
                let found = self.verifier.last_resorts();
                if found.is_empty() { Err(error) } else { Ok(found) }
            })
        } else {
            snapshot.outcome()
        };
        let is_guess = snapshot.has_unreadable_directory() && snapshot.candidates.is_empty();
        let (instances, reason) = match outcome {
            Ok(instances) => (instances, None),
            Err(error) if error.code().means_none_running() => (Vec::new(), Some(error)),
            Err(error) => {
                let gone = self.verify && self.state.as_ref().is_some_and(|state| !state.is_empty());
                if gone {
                    // None of the servers answers, so the last state is wrong, whatever the directory contains.
                    let empty = self.state.insert(Arc::default());
                    for subscriber in self.subscribers.iter().filter(|subscriber| subscriber.has_state) {
                        subscriber.mailbox.put_state(empty, Some(&error));
                    }
                }
                self.fail(&error, now);
                return gone;
            }
        };
        let before = self.state.take();
        let changed = before.as_ref().is_none_or(|before| **before != *instances);
        let state = before.filter(|_| !changed).unwrap_or_else(|| instances.into());
        let (last_scan, verifier) = (self.last_scan, &self.verifier);
        let accepts = |subscriber: &Subscriber| {
            let first = subscriber.first_scan;
            subscriber.has_state || (last_scan >= first && verifier.is_complete_since(first))
        };
        for subscriber in &mut self.subscribers {
            if accepts(subscriber) {
                subscriber.has_state = true;
                subscriber.mailbox.put_state(&state, reason.as_ref());
                subscriber.mailbox.put_failure(None);
            }
        }
        self.state = Some(state);
        if is_guess {
            // The directory that cannot be read may be readable again without an event.
            self.retry.on_failure(now);
        } else {
            self.retry.on_success();
        }
        changed
    }

    /// Delivers that scans or probes fail, and retries later. The last state stays; a watcher that has none yet gets an
    /// empty one, because it has not seen the last one.
    pub(super) fn fail(&mut self, error: &Error, now: Instant) {
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
        self.retry.on_failure(now);
    }
}
