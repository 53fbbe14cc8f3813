//! Keeps what is known of one server.

use std::time::Instant;

use super::Generation;
use crate::candidate::Candidate;
use crate::outcome::{ProbeOutcome, ProbeResult};
use crate::watch::liveness::ServerState;

/// What is known of one server.
#[derive(Debug)]
pub struct ProbeState {
    pub candidate: Candidate,
    /// The scan that found the candidate as it is.
    pub published: Generation,
    pub result: Option<ProbeResult>,
    /// A probe has to begin at this generation or later.
    pub wanted: Generation,
    /// The run that gave `result`.
    pub answered: Generation,
    /// The run whose probe is awaited.
    pub in_flight: Option<Generation>,
    /// Until when the server is busy: it was verified, and `result` says so, but it has not answered since.
    pub busy_until: Option<Instant>,
}

impl ProbeState {
    pub fn new(candidate: Candidate, published: Generation) -> Self {
        let never = Generation::default();
        Self {
            candidate,
            published,
            result: None,
            wanted: published,
            answered: never,
            in_flight: None,
            busy_until: None,
        }
    }

    /// Whether its last answer was that of Osaurus.
    pub fn is_up(&self) -> bool {
        self.result.as_ref().is_some_and(ProbeResult::is_osaurus)
    }

    pub fn is_pending(&self) -> bool {
        self.answered < self.wanted
    }

    /// What the liveness monitor has to know after this result.
    pub fn state_after(&self, result: &ProbeResult) -> ServerState {
        match result.outcome {
            _ if self.busy_until.is_some() => ServerState::Unresponsive,
            ProbeOutcome::Osaurus => ServerState::Up,
            ProbeOutcome::TimedOut => ServerState::Unresponsive,
            ProbeOutcome::Refused | ProbeOutcome::NotOsaurus(_) | ProbeOutcome::Error(_) => ServerState::Down,
        }
    }
}
