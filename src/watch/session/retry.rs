//! Schedules the next attempt after scans or probes failed.

use std::time::Instant;

use crate::watch::backoff::Backoff;

#[derive(Debug, Default)]
pub struct Retry {
    backoff: Option<Backoff>,
    at: Option<Instant>,
}

impl Retry {
    /// Schedules an attempt, unless one is scheduled already.
    pub fn on_failure(&mut self, now: Instant) {
        let backoff = self.backoff.get_or_insert_with(Backoff::slow);
        self.at.get_or_insert_with(|| now + backoff.next_delay());
    }

    pub fn on_success(&mut self) {
        *self = Self::default();
    }

    /// When the next attempt is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.at
    }

    /// Returns whether an attempt is due, once.
    pub fn take_due(&mut self, now: Instant) -> bool {
        self.at.take_if(|at| *at <= now).is_some()
    }
}
