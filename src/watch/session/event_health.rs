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
    polling: bool,
    /// Events were lost, for this reason, and more may be until then.
    unreliable: Option<(Instant, DegradedCause)>,
}

/// What to do with the poll timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    Unchanged,
    Stop,
    At(Instant),
}

impl EventHealth {
    /// File events stay off after a panic.
    pub fn disabled(error: &Error) -> Self {
        Self { degraded: Some(error.clone()), ..Self::default() }
    }

    pub fn on_events_lost(&mut self, reason: DegradedCause, now: Instant) {
        self.unreliable = Some((now + UNRELIABLE_FOR, reason));
    }

    /// Notes that the poll timer was due.
    pub fn on_poll(&mut self) {
        self.polling = false;
    }

    /// Takes why events may be missed at the moment.
    pub fn update(&mut self, reason: Option<DegradedCause>, now: Instant) -> Polling {
        self.unreliable.take_if(|(until, _)| *until <= now);
        let reason = reason.or(self.unreliable.as_ref().map(|(_, reason)| reason.clone()));
        let Some(reason) = reason else {
            self.degraded = None;
            return if std::mem::take(&mut self.polling) { Polling::Stop } else { Polling::Unchanged };
        };
        self.degraded.get_or_insert_with(|| Error::watch_degraded(reason));
        match std::mem::replace(&mut self.polling, true) {
            true => Polling::Unchanged,
            false => Polling::At(now + POLL_INTERVAL),
        }
    }

    /// The warning while events are missing.
    pub fn warning(&self) -> Option<&Error> {
        self.degraded.as_ref()
    }
}
