//! Decides what to do with the liveness connection to one server.

use std::time::{Duration, Instant};

use super::ServerState;
use super::connection::ConnectionEvent;
use crate::watch::backoff::Backoff;

/// If connections to a live server end sooner than this several times in a row, the next one waits as long.
const SHORT: Duration = Duration::from_secs(1);
const MOST_SHORT: u32 = 3;

/// The state of the liveness connection to one server, by its history.
#[derive(Debug)]
pub struct LivenessPolicy {
    server: ServerState,
    purpose: Purpose,
    backoff: Backoff,
    /// How many connections in a row were short.
    short: u32,
    /// The age at which the server ends idle connections, as far as that is known.
    idle_timeout: Option<Duration>,
    /// The server was live before it became unresponsive, so the end of its connection matters.
    busy: bool,
}

/// Why the present connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The server was probed.
    Probed,
    /// The connection before failed or ended.
    Retry,
    /// The connection before was to a live server and ended at this age.
    Reconnect(Duration),
    /// The same; it was accepted since, and the server is being probed.
    Suspected(Duration),
}

/// The connection on which no request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    None,
    Connecting,
    Accepted,
}

/// What to do with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Keep it, or keep waiting.
    Keep,
    /// Replace it with another.
    Connect,
    /// Drop it, and connect then.
    WaitUntil(Instant),
    /// Send the request of a probe on it.
    SendRequest,
}

/// What follows from an event of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub action: Action,
    /// The server has to be probed.
    pub suspect: bool,
}

impl LivenessPolicy {
    fn new(server: ServerState) -> Self {
        Self {
            server,
            purpose: Purpose::Probed,
            backoff: Backoff::slow(),
            short: 0,
            idle_timeout: None,
            busy: false,
        }
    }

    /// A server that is down, and when to connect to it.
    pub fn down(now: Instant) -> (Self, Instant) {
        let mut policy = Self::new(ServerState::Down);
        let at = now + policy.backoff.next_delay();
        (policy, at)
    }

    /// Forgets failed attempts because the server was published again. Returns when to connect.
    pub fn on_published(&mut self, now: Instant) -> Instant {
        self.backoff.reset();
        now + self.backoff.next_delay()
    }

    /// Takes the state of the server after a probe, of this one or of others.
    pub fn on_probe_result(&mut self, server: ServerState, held: Held, now: Instant) -> Action {
        if server == self.server {
            self.learn_idle_timeout();
            // A program has accepted, was probed for that, and is not Osaurus.
            return if (server, held) == (ServerState::Down, Held::Accepted) {
                self.back_off(now)
            } else {
                Action::Keep
            };
        }
        self.busy = server == ServerState::Unresponsive && self.server == ServerState::Up;
        self.server = server;
        if server == ServerState::Up {
            *self = Self::new(server);
        }
        match server {
            ServerState::Down => self.back_off(now),
            // It has just accepted, and was probed for that.
            ServerState::Up if held != Held::None => Action::Keep,
            // Its end would say that the server died, so the request goes on the connection that stands.
            ServerState::Unresponsive if held == Held::Accepted => Action::SendRequest,
            ServerState::Up | ServerState::Unresponsive => {
                self.purpose = Purpose::Probed;
                Action::Connect
            }
        }
    }

    /// Takes an event of the connection, which had this age.
    pub fn on_connection_event(&mut self, event: ConnectionEvent, age: Duration, now: Instant) -> Transition {
        let up = self.server == ServerState::Up;
        match event {
            ConnectionEvent::Accepted => self.on_accepted(),
            // The request that an unresponsive server was left with: it responds again.
            ConnectionEvent::Answered => Transition { action: self.back_off(now), suspect: true },
            ConnectionEvent::Ended if up => {
                self.short = if age < SHORT { self.short + 1 } else { 0 };
                self.purpose = Purpose::Reconnect(age);
                let wait = self.short > MOST_SHORT;
                let action = if wait { Action::WaitUntil(now + SHORT) } else { Action::Connect };
                Transition { action, suspect: false }
            }
            ConnectionEvent::Refused if up => {
                self.purpose = Purpose::Retry;
                Transition { action: Action::WaitUntil(now + SHORT), suspect: true }
            }
            // Too few descriptors, for example, which says nothing about the server. But without a connection its death
            // would go unnoticed: one probe finds out, or reports what is wrong.
            ConnectionEvent::Failed if up => {
                let suspect = self.purpose != Purpose::Retry;
                self.purpose = Purpose::Retry;
                Transition { action: Action::WaitUntil(now + SHORT), suspect }
            }
            ConnectionEvent::Ended | ConnectionEvent::Refused | ConnectionEvent::Failed => {
                Transition { action: self.back_off(now), suspect: std::mem::take(&mut self.busy) }
            }
        }
    }

    fn on_accepted(&mut self) -> Transition {
        let keep = |suspect| Transition { action: Action::Keep, suspect };
        match (self.server, self.purpose) {
            (ServerState::Up, Purpose::Reconnect(age)) => {
                let usual = self.idle_timeout.is_some_and(|timeout| age >= timeout.mul_f32(0.8));
                self.purpose = if usual { Purpose::Probed } else { Purpose::Suspected(age) };
                keep(!usual)
            }
            // It was made after the server was probed, so another program may have accepted it.
            (ServerState::Up | ServerState::Down, _) => keep(true),
            (ServerState::Unresponsive, _) => Transition { action: Action::SendRequest, suspect: false },
        }
    }

    /// A live server that was probed after its connection ended, and is still live, ends idle ones at that age.
    fn learn_idle_timeout(&mut self) {
        if let Purpose::Suspected(age) = self.purpose {
            self.idle_timeout = Some(self.idle_timeout.map_or(age, |known| known.min(age)));
            self.purpose = Purpose::Probed;
        }
    }

    fn back_off(&mut self, now: Instant) -> Action {
        self.purpose = Purpose::Retry;
        Action::WaitUntil(now + self.backoff.next_delay())
    }
}

#[cfg(test)]
mod tests;
