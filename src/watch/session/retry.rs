//! Schedules the next attempt after scans or probes failed.

use std::time::Instant;

use crate::watch::backoff::Backoff;

#[derive(Debug, Default)]
pub struct Retry {
    backoff: Option<Backoff>,
    scheduled: bool,
}

impl Retry {
    /// Returns when to try again, unless an attempt is scheduled already.
    pub fn on_failure(&mut self, now: Instant) -> Option<Instant> {
        if std::mem::replace(&mut self.scheduled, true) {
            return None;
        }
        Some(now + self.backoff.get_or_insert_with(Backoff::slow).next_delay())
    }

    /// Notes that the scheduled attempt begins.
    pub fn on_timer(&mut self) {
        self.scheduled = false;
    }

    /// Returns whether a scheduled attempt is no longer needed.
    pub fn on_success(&mut self) -> bool {
        self.backoff = None;
        std::mem::take(&mut self.scheduled)
    }
}
