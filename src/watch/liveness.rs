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

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Registry, Token};

use super::Generation;
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

/// The liveness connections of one session.
#[derive(Default)]
pub struct LivenessMonitor {
    servers: HashMap<SocketAddr, Server>,
    held: Arc<HeldConnections>,
    suspects: Vec<SocketAddr>,
}

struct Server {
    published: Generation,
    answered: Generation,
    policy: LivenessPolicy,
    connection: Option<Connection>,
    /// When to connect, if there is no connection.
    connect_at: Option<Instant>,
}

impl Server {
    fn new(published: Generation, now: Instant) -> Self {
        let (policy, connect_at) = LivenessPolicy::down(now);
        let answered = Generation::default();
        Self { published, answered, policy, connection: None, connect_at: Some(connect_at) }
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

/// The poll loop and the time of one iteration.
#[derive(Clone, Copy)]
pub struct LivenessContext<'a> {
    pub registry: &'a Registry,
    pub now: Instant,
}

impl LivenessMonitor {
    /// Forgets everything, after a panic.
    pub fn restart(&mut self) {
        self.held.clear();
        self.servers.clear();
        self.suspects.clear();
    }

    /// The verified connections.
    pub fn held(&self) -> &Arc<HeldConnections> {
        &self.held
    }

    /// Whether a connection to a server was accepted and has not ended.
    pub fn is_connected(&self, server: SocketAddr) -> bool {
        let connection = self.servers.get(&server).and_then(|server| server.connection.as_ref());
        connection.is_some_and(|connection| connection.accepted_at.is_some())
    }

    /// Notes that a server is about to be probed. Returns whether an idle connection to it stands, which then tells whether
    /// the program that answers still has the port.
    pub fn probe_begins(&mut self, server: SocketAddr) -> bool {
        let server = self.servers.get_mut(&server).filter(|server| server.held() == Held::Accepted);
        let Some(connection) = server.and_then(|server| server.connection.as_mut()) else { return false };
        connection.predates_probe = true;
        true
    }

    /// Takes a connection that was made to a server before it was probed, because none stood. The server has answered the
    /// probe, or has not.
    pub fn hold(
        &mut self,
        server: SocketAddr,
        stream: TcpStream,
        answered: bool,
        context: LivenessContext<'_>,
    ) {
        if !answered && self.is_connected(server) {
            // A request waits on the connection.
            return;
        }
        if let Ok(connection) = Connection::accepted(context.registry, stream, context.now) {
            let server = self.servers.entry(server);
            let server = server.or_insert_with(|| Server::new(Generation::default(), context.now));
            (server.connection, server.connect_at) = (Some(connection), None);
        }
    }

    /// Takes what the session knows of its servers. Servers without a report are no longer watched.
    pub fn update(&mut self, reports: &[ServerReport], context: LivenessContext<'_>) {
        self.servers.retain(|address, _| {
            let kept = reports.iter().any(|report| report.server == *address);
            if !kept {
                self.held.set(*address, None);
            }
            kept
        });
        for &ServerReport { server: address, state, published, answered } in reports {
            let Some(state) = state else { continue };
            let server = self.servers.entry(address).or_insert_with(|| Server::new(published, context.now));
            let published_again = std::mem::replace(&mut server.published, published) != published;
            if std::mem::replace(&mut server.answered, answered) != answered {
                let action = server.policy.on_probe_result(state, server.held(), context.now);
                if let Some(connection) = &mut server.connection {
                    connection.is_verified = connection.predates_probe && state == ServerState::Up;
                }
                self.apply(address, action, context);
            }
            if published_again {
                self.on_published(address, context.now);
            }
            self.update_held(address);
        }
    }

    /// Handles an event of the poll loop, if it is one of these connections.
    pub fn on_ready(&mut self, token: Token, context: LivenessContext<'_>) {
        let is_ready = |connection: &Connection| connection.token == token;
        let mut all = self.servers.iter();
        let Some((&address, _)) = all.find(|(_, server)| server.connection.as_ref().is_some_and(is_ready))
        else {
            return;
        };
        while let Some(server) = self.servers.get_mut(&address)
            && let Some(connection) = server.connection.as_mut().filter(|connection| is_ready(connection))
            && let Some(event) = connection.next_event(context.now)
        {
            let age = connection.accepted_at.map_or(Duration::ZERO, |since| context.now - since);
            self.on_event(address, event, age, context);
        }
    }

    /// When to call [`connect_due`](Self::connect_due).
    pub fn deadline(&self) -> Option<Instant> {
        self.servers.values().filter_map(|server| server.connect_at).min()
    }

    /// Connects to the servers for which it is time.
    pub fn connect_due(&mut self, context: LivenessContext<'_>) {
        let is_due = |server: &Server| server.connect_at.is_some_and(|at| at <= context.now);
        let due: Vec<_> =
            self.servers.iter().filter(|(_, server)| is_due(server)).map(|(key, _)| *key).collect();
        due.into_iter().for_each(|server| self.apply(server, Action::Connect, context));
    }

    /// The servers that have to be probed.
    pub fn take_suspects(&mut self) -> Vec<SocketAddr> {
        std::mem::take(&mut self.suspects)
    }

    /// A server that was published again is about to listen, however long none did.
    fn on_published(&mut self, server: SocketAddr, now: Instant) {
        if let Some(server) = self.servers.get_mut(&server)
            && let Some(connect_at) = &mut server.connect_at
        {
            *connect_at = server.policy.on_published(now).min(*connect_at);
        }
    }

    fn on_event(
        &mut self,
        address: SocketAddr,
        event: ConnectionEvent,
        age: Duration,
        context: LivenessContext<'_>,
    ) {
        let Some(server) = self.servers.get_mut(&address) else { return };
        let transition = server.policy.on_connection_event(event, age, context.now);
        if transition.suspect {
            self.suspects.push(address);
        }
        self.apply(address, transition.action, context);
        self.update_held(address);
    }

    /// Has others see the connection to a server if it is verified.
    fn update_held(&mut self, address: SocketAddr) {
        let server = self.servers.get(&address).filter(|server| server.held() == Held::Accepted);
        let connection = server.and_then(|server| server.connection.as_ref());
        let verified = connection.filter(|connection| connection.is_verified);
        self.held.set(address, verified.map(Connection::to_held));
    }

    fn apply(&mut self, address: SocketAddr, action: Action, context: LivenessContext<'_>) {
        let Some(server) = self.servers.get_mut(&address) else { return };
        match action {
            Action::Keep => {}
            Action::SendRequest => {
                let request = probe::request(address, Query::Identity);
                if server.connection.as_mut().is_some_and(|connection| !connection.send(&request)) {
                    self.on_event(address, ConnectionEvent::Ended, Duration::ZERO, context);
                }
            }
            Action::WaitUntil(at) => (server.connection, server.connect_at) = (None, Some(at)),
            Action::Connect => {
                (server.connection, server.connect_at) = (None, None);
                match Connection::open(context.registry, address) {
                    Ok(connection) => server.connection = Some(connection),
                    Err(event) => self.on_event(address, event, Duration::ZERO, context),
                }
            }
        }
    }
}

impl Drop for LivenessMonitor {
    /// Watchers that are still open share `held`.
    fn drop(&mut self) {
        self.held.clear();
    }
}
