//! Probes servers: sends one HTTP request to each and parses the response, within a deadline.
//!
//! All probes of a call run at the same time in one poll loop on the thread of the caller. mio is a thin layer over epoll,
//! kqueue and IOCP that connects without blocking and depends on libc alone. httparse reads the head of a response without
//! copying it.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Poll, Token, Waker};

use crate::cancel::CancelToken;
use crate::outcome::{ProbeOutcome, ProbeResult};
use crate::system::{failpoint, is_resource_exhausted};

mod connection;
pub mod response;

use connection::{ProbeConnection, connect_failure};
use response::Response;

/// The number of connections that are open at the same time. A runtime directory with more entries is rare.
const MAX_CONNECTIONS: usize = 128;

const CANCELLED: Token = Token(usize::MAX);

/// The request of a probe.
#[derive(Debug, Clone, Copy)]
pub enum Query<'a> {
    /// `GET /`, whose response identifies Osaurus. Use it sparingly, because it shows in the Insights of the user.
    Identity,
    /// `GET /v1/models`, whose response tells whether the server accepts the access key and which models it has.
    ///
    /// Send a key only to a server whose identity has just been verified.
    Models {
        /// The key to send, if any.
        access_key: Option<&'a str>,
    },
}

/// A server to probe.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub server: SocketAddr,
    /// Whether to connect twice and leave the first connection idle. If it still stands when the response has arrived, the
    /// program at its other end had the port while the server answered.
    pub hold: bool,
}

/// The end of one probe.
#[derive(Debug)]
pub struct Probed {
    /// The response, or how the probe failed.
    pub result: Result<Response, ProbeOutcome>,
    /// The time from the connect to the result.
    pub duration: Duration,
    /// The idle connection, if [`Target::hold`] asked for one. It was accepted before the connect of the request.
    pub held: Option<TcpStream>,
}

impl Probed {
    /// The result of a [`Query::Identity`].
    pub fn identity_result(&self) -> ProbeResult {
        let outcome = self.result.as_ref().map_or_else(Clone::clone, |_| ProbeOutcome::Osaurus);
        ProbeResult { outcome, duration: self.duration }
    }
}

/// Probes `servers` at the same time, the first ones first, each with its own deadline from its connect. Hands each
/// result and the index of its server to `on_probed`, until that breaks or the token is cancelled.
///
/// # Errors
///
/// The system has no descriptor or port left for a connection.
pub fn probe_all(
    servers: &[SocketAddr],
    query: Query<'_>,
    timeout: Duration,
    cancel: &CancelToken,
    mut on_probed: impl FnMut(usize, Probed) -> ControlFlow<()>,
) -> io::Result<()> {
    let targets: Vec<_> = servers.iter().map(|&server| Target { server, hold: false }).collect();
    probe_targets(&targets, query, timeout, cancel, &mut on_probed)
}

/// Probes as [`probe_all`] does, and holds connections to some servers.
///
/// # Errors
///
/// The system has no descriptor or port left for a connection.
pub fn probe_targets(
    targets: &[Target],
    query: Query<'_>,
    timeout: Duration,
    cancel: &CancelToken,
    on_probed: &mut dyn FnMut(usize, Probed) -> ControlFlow<()>,
) -> io::Result<()> {
    failpoint("probe");
    if targets.is_empty() {
        return Ok(());
    }
    let mut poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), CANCELLED)?);
    let _wake_on_cancel = cancel.wake_on_cancel(&waker);
    let mut events = Events::with_capacity(MAX_CONNECTIONS);
    // In the order of their connects, and so of their deadlines.
    let mut open: Vec<ProbeConnection> = Vec::new();
    let mut waiting = targets.iter().copied().enumerate().peekable();

    loop {
        while open.len() < MAX_CONNECTIONS {
            let Some(&(index, target)) = waiting.peek() else { break };
            match ProbeConnection::open(&poll, index, target, query, timeout) {
                Ok(connection) => open.push(connection),
                // Another connection that is still open will release what is missing.
                Err(error) if is_connect_exhausted(&error, target.server) && !open.is_empty() => break,
                Err(error) if is_connect_exhausted(&error, target.server) => return Err(error),
                Err(error) => {
                    let result = Err(connect_failure(&error));
                    let probed = Probed { result, duration: Duration::ZERO, held: None };
                    if on_probed(index, probed).is_break() {
                        return Ok(());
                    }
                }
            }
            waiting.next();
        }
        let Some(first) = open.first() else { return Ok(()) };

        let left = first.deadline.saturating_duration_since(Instant::now());
        match poll.poll(&mut events, Some(left)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        if cancel.is_cancelled() {
            return Ok(());
        }
        for event in &events {
            let Some(index) = open.iter().position(|each| event.token() == Token(each.index)) else {
                continue;
            };
            if let Some(result) = open[index].advance(&poll) {
                let done = open.remove(index);
                if on_probed(done.index, done.probed(result)).is_break() {
                    return Ok(());
                }
            }
        }
        let now = Instant::now();
        while open.first().is_some_and(|first| first.deadline <= now) {
            let late = open.remove(0);
            if on_probed(late.index, late.probed(Err(ProbeOutcome::TimedOut))).is_break() {
                return Ok(());
            }
        }
    }
}

/// Returns the bytes of the request.
pub fn request(server: SocketAddr, query: Query<'_>) -> Vec<u8> {
    let (path, access_key) = match query {
        Query::Identity => ("/", None),
        Query::Models { access_key } => ("/v1/models", access_key),
    };
    let version = env!("CARGO_PKG_VERSION");
    let authorization = access_key.map_or(String::new(), |key| format!("Authorization: Bearer {key}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: osaurus-discovery/{version}\r\nAccept: */*\r\n{authorization}Connection: close\r\n\r\n"
    )
    .into_bytes()
}

/// Whether the system has no descriptor or port left, which says nothing about the server.
fn is_connect_exhausted(error: &io::Error, server: SocketAddr) -> bool {
    // 127.0.0.1 always exists, so only a local port can be missing. `[::1]` may be disabled.
    is_resource_exhausted(error) || (server.is_ipv4() && error.kind() == ErrorKind::AddrNotAvailable)
}
