//! Notices what happens to a server that no file says.
//!
//! One idle TCP connection is held over loopback to every published server that answers as Osaurus, for each session.
//! The system ends it the moment the server dies, however it dies. Nothing is sent on it, so the server has nothing to
//! answer and nothing to show its user; it costs two sockets and no work. If no program listens, or another one does,
//! connects are tried less and less often, and a program that accepts is probed.
//!
//! A connection counts as verified if it was accepted before a probe that Osaurus answered. One that was made later may
//! have reached another program that has taken the port meanwhile.
//!
//! Sessions share no connection because they need not agree: one may give a slow server more time than another.
//!
//! A server may end idle connections by itself. The next one is made at once. That it is accepted says that a program
//! listens, so the server is probed, but only the first time: from then on its connections may end at that age. This
//! misses a server that dies at just that age and whose port another program takes in the same moment.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Registry, Token};

use super::schedule::Schedule;
use super::{Generation, SessionId, Timer};
use crate::probe::{self, Query};

mod connection;
mod held_connections;
mod policy;

use connection::{Connection, ConnectionEvent};
pub use held_connections::{ConnectionState, HeldConnections};
use policy::{Action, Held, LivenessPolicy};

/// What the last probe of a server found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerState {
    /// No program listens, or one that is not Osaurus, or not now: an overloaded server may say so, or say nothing.
    Down,
    /// It accepts and does not answer, as a suspended one.
    Unresponsive,
    /// It answered as Osaurus.
    Up,
}

/// What a session knows of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerReport {
    pub server: SocketAddr,
    /// None while a probe is awaited.
    pub state: Option<ServerState>,
    /// When the entry that names the server was found; another generation is another entry.
    pub published: Generation,
    /// When the probe began that found the state.
    pub answered: Generation,
}

type Key = (SessionId, SocketAddr);

/// The liveness connections of all sessions.
#[derive(Default)]
pub struct LivenessMonitor {
    servers: HashMap<Key, Server>,
    held: HashMap<SessionId, Arc<HeldConnections>>,
    tokens: HashMap<Token, Key>,
    last_token: usize,
    suspects: Vec<Key>,
}

struct Server {
    published: Generation,
    answered: Generation,
    policy: LivenessPolicy,
    connection: Option<Connection>,
}

impl Server {
    /// A server of which nothing is known yet, and when to connect to it.
    fn new(now: Instant) -> (Self, Instant) {
        let (policy, connect_at) = LivenessPolicy::down(now);
        let (published, answered) = (Generation::default(), Generation::default());
        (Self { published, answered, policy, connection: None }, connect_at)
    }

    fn held(&self) -> Held {
        match &self.connection {
            Some(connection) if connection.is_requested => Held::None,
            Some(connection) if connection.accepted_at.is_some() => Held::Accepted,
            Some(_) => Held::Connecting,
            None => Held::None,
        }
    }
}

/// What the monitor shares with the event loop.
pub struct LivenessContext<'a> {
    pub registry: &'a Registry,
    pub schedule: &'a mut Schedule<Timer>,
    pub now: Instant,
}

impl LivenessMonitor {
    /// The verified connections of a session.
    pub fn held(&mut self, session: SessionId) -> &Arc<HeldConnections> {
        self.held.entry(session).or_default()
    }

    /// Starts again after a panic.
    pub fn restart(&mut self) {
        self.held.values().for_each(|held| held.clear());
        let (held, last_token) = (std::mem::take(&mut self.held), self.last_token);
        *self = Self { held, last_token, ..Self::default() };
    }

    /// Whether a connection to a server was accepted and has not ended.
    pub fn is_connected(&self, session: SessionId, server: SocketAddr) -> bool {
        let server = self.servers.get(&(session, server));
        let connection = server.and_then(|server| server.connection.as_ref());
        connection.is_some_and(|connection| connection.accepted_at.is_some())
    }

    /// Notes that a server is about to be probed. Returns whether an idle connection to it stands, which then tells whether
    /// the program that answers still has the port.
    pub fn probe_begins(&mut self, session: SessionId, server: SocketAddr) -> bool {
        let server =
            self.servers.get_mut(&(session, server)).filter(|server| server.held() == Held::Accepted);
        let connection = server.and_then(|server| server.connection.as_mut());
        connection.is_some_and(|connection| {
            connection.predates_probe = true;
            true
        })
    }

    /// Takes a connection that was made to a server before it was probed, because none stood. The server has answered the
    /// probe, or has not.
    pub fn hold(
        &mut self,
        session: SessionId,
        address: SocketAddr,
        stream: TcpStream,
        answered: bool,
        context: &mut LivenessContext<'_>,
    ) {
        if !answered && self.is_connected(session, address) {
            // A request waits on the connection.
            return;
        }
        let token = self.next_token();
        let Ok(connection) = Connection::accepted(context.registry, stream, token, context.now) else {
            return;
        };
        context.schedule.set(Timer::Connect(session, address), None);
        let key = (session, address);
        self.servers.entry(key).or_insert_with(|| Server::new(context.now).0);
        self.set_connection(key, Some(connection));
    }

    /// Takes what a session knows of its servers. Servers without a report are no longer watched.
    pub fn update(
        &mut self,
        session: SessionId,
        reports: &[ServerReport],
        context: &mut LivenessContext<'_>,
    ) {
        self.retain(session, &reports.iter().map(|report| report.server).collect(), context);
        for &ServerReport { server: address, state, published, answered } in reports {
            let key = (session, address);
            let Some(state) = state else { continue };
            let server = self.servers.entry(key).or_insert_with(|| {
                let (server, connect_at) = Server::new(context.now);
                context.schedule.set(Timer::Connect(session, address), Some(connect_at));
                Server { published, ..server }
            });
            let published_again = std::mem::replace(&mut server.published, published) != published;
            if std::mem::replace(&mut server.answered, answered) != answered {
                let action = server.policy.on_probe_result(state, server.held(), context.now);
                if let Some(connection) = &mut server.connection {
                    connection.is_verified = connection.predates_probe && state == ServerState::Up;
                }
                self.apply(key, action, context);
            }
            if published_again {
                self.on_published(key, context);
            }
            self.update_held(key);
        }
    }

    /// Forgets all servers of a session.
    pub fn remove_session(&mut self, session: SessionId, context: &mut LivenessContext<'_>) {
        self.retain(session, &HashSet::new(), context);
        self.held.remove(&session);
    }

    /// Handles an event of the poll loop.
    pub fn on_ready(&mut self, token: Token, context: &mut LivenessContext<'_>) {
        while let Some(&key) = self.tokens.get(&token) {
            let server = self.servers.get_mut(&key);
            let Some(connection) = server.and_then(|server| server.connection.as_mut()) else { return };
            let Some(event) = connection.next_event(context.now) else { return };
            let age = connection.accepted_at.map_or(Duration::ZERO, |since| context.now - since);
            self.on_event(key, event, age, context);
        }
    }

    /// Connects to a server, when its timer is due.
    pub fn connect(&mut self, session: SessionId, server: SocketAddr, context: &mut LivenessContext<'_>) {
        self.apply((session, server), Action::Connect, context);
    }

    /// The servers that have to be probed, and for which session.
    pub fn take_suspects(&mut self) -> Vec<(SessionId, SocketAddr)> {
        std::mem::take(&mut self.suspects)
    }

    fn retain(&mut self, session: SessionId, keep: &HashSet<SocketAddr>, context: &mut LivenessContext<'_>) {
        let (tokens, held) = (&mut self.tokens, &self.held);
        self.servers.retain(|&(owner, address), server| {
            let kept = owner != session || keep.contains(&address);
            if !kept {
                context.schedule.set(Timer::Connect(owner, address), None);
                if let Some(held) = held.get(&owner) {
                    held.set(address, None);
                }
                if let Some(connection) = &server.connection {
                    tokens.remove(&connection.token);
                }
            }
            kept
        });
    }

    /// A server that was published again is about to listen, however long none did.
    fn on_published(&mut self, key: Key, context: &mut LivenessContext<'_>) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        if server.connection.is_none() {
            let at = server.policy.on_published(context.now);
            context.schedule.advance(Timer::Connect(key.0, key.1), at);
        }
    }

    fn on_event(
        &mut self,
        key: Key,
        event: ConnectionEvent,
        age: Duration,
        context: &mut LivenessContext<'_>,
    ) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        let transition = server.policy.on_connection_event(event, age, context.now);
        if transition.suspect {
            self.suspects.push(key);
        }
        self.apply(key, transition.action, context);
        self.update_held(key);
    }

    /// Has others see the connection to a server if it is verified.
    fn update_held(&mut self, key: Key) {
        let (Some(server), Some(held)) = (self.servers.get(&key), self.held.get(&key.0)) else { return };
        let accepted = server.connection.as_ref().filter(|_| server.held() == Held::Accepted);
        let verified = accepted.filter(|connection| connection.is_verified);
        held.set(key.1, verified.map(Connection::to_held));
    }

    fn apply(&mut self, key: Key, action: Action, context: &mut LivenessContext<'_>) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        match action {
            Action::Keep => {}
            Action::SendRequest => {
                let request = probe::request(key.1, Query::Identity);
                if server.connection.as_mut().is_some_and(|connection| !connection.send(&request)) {
                    self.on_event(key, ConnectionEvent::Ended, Duration::ZERO, context);
                }
            }
            Action::WaitUntil(at) => {
                self.set_connection(key, None);
                context.schedule.set(Timer::Connect(key.0, key.1), Some(at));
            }
            Action::Connect => {
                context.schedule.set(Timer::Connect(key.0, key.1), None);
                self.set_connection(key, None);
                match Connection::open(context.registry, key.1, self.next_token()) {
                    Ok(connection) => self.set_connection(key, Some(connection)),
                    Err(event) => self.on_event(key, event, Duration::ZERO, context),
                }
            }
        }
    }

    fn set_connection(&mut self, key: Key, connection: Option<Connection>) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        if let Some(connection) = &connection {
            self.tokens.insert(connection.token, key);
        }
        if let Some(before) = std::mem::replace(&mut server.connection, connection) {
            self.tokens.remove(&before.token);
        }
    }

    fn next_token(&mut self) -> Token {
        self.last_token += 1;
        Token(self.last_token)
    }
}
