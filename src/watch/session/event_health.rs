//! Decides whether file events can be relied on, and when to poll if not.

use std::time::{Duration, Instant};

use crate::error::{DegradedCause, Error};

/// The interval of scans while file events are missing.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How long after lost events more may be lost.
const UNRELIABLE_FOR: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub struct EventHealth {
    degraded: Option<Error>,
    poll_at: Option<Instant>,
    /// Events were lost, for this reason, and more may be until then.
    unreliable: Option<(Instant, DegradedCause)>,
}

impl EventHealth {
    /// File events stay off after a panic.
    pub fn disabled(error: &Error) -> Self {
        Self { degraded: Some(error.clone()), ..Self::default() }
    }

    pub fn on_events_lost(&mut self, reason: DegradedCause, now: Instant) {
        self.unreliable = Some((now + UNRELIABLE_FOR, reason));
    }

    /// Takes why events may be missed at the moment. Returns the warning while they are.
    pub fn update(&mut self, reason: Option<DegradedCause>, now: Instant) -> Option<&Error> {
        self.unreliable.take_if(|(until, _)| *until <= now);
        match reason.or_else(|| self.unreliable.as_ref().map(|(_, reason)| reason.clone())) {
            Some(reason) => {
                self.poll_at.get_or_insert(now + POLL_INTERVAL);
                Some(self.degraded.get_or_insert_with(|| Error::watch_degraded(reason)))
            }
            None => {
                (self.degraded, self.poll_at) = (None, None);
                None
            }
        }
    }

    /// When to poll next.
    pub fn deadline(&self) -> Option<Instant> {
        self.poll_at
    }

    /// Returns whether to poll now, once.
    pub fn take_due(&mut self, now: Instant) -> bool {
        self.poll_at.take_if(|at| *at <= now).is_some()
    }
}
