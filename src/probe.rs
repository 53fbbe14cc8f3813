//! Does this address answer as Osaurus, in time?
//!
//! All probes of a call run side by side in one poll loop on the thread of the caller. mio does the polling: it
//! is the thin layer over epoll, kqueue and IOCP, connects without blocking, and depends on libc alone; httparse
//! reads the head of the answer without copying it.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::cancel::CancelToken;
use crate::system::failpoint;
use crate::system::is_resource_exhausted;

pub mod response;

use response::Verdict;

/// As many connections are open at once; a runtime folder with more entries than that is rare.
const MAX_AT_ONCE: usize = 128;

const CANCELLED: Token = Token(usize::MAX);

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// `GET /`, which tells whether it is Osaurus. It shows up in the user's Insights, so it is asked sparingly.
    Identity,
    /// `GET /v1/models`, whose status tells whether it wants an access key.
    Models,
}

/// What came of asking one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// It answered; asked who it is, as only Osaurus does.
    Osaurus {
        /// The status of the answer.
        status: u16,
    },
    /// Nobody listens there.
    Refused,
    /// The deadline passed before the answer was whole.
    TimedOut,
    /// Another program listens there; in words, what it did.
    NotOsaurus(String),
    /// The system could not carry it out; in words, why.
    Error(String),
}

impl fmt::Display for ProbeOutcome {
    /// As the end of a sentence that begins with the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Osaurus { .. } => f.write_str("answered as Osaurus"),
            Self::Refused => f.write_str("refused the connection"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::NotOsaurus(words) => write!(f, "{words}"),
            Self::Error(words) => write!(f, "could not be asked ({words})"),
        }
    }
}

/// The outcome for one server, and how long it took from the connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeResult {
    pub outcome: ProbeOutcome,
    pub duration: Duration,
}

/// Asks all of `servers`, the first ones first, each with a deadline of its own from its connect, and hands each
/// outcome with the server's index to `each` as it comes, until that breaks or the flag is raised.
///
/// # Errors
///
/// Where the system has no descriptor or port left to ask with.
pub fn probe_all(
    servers: &[SocketAddr],
    question: Query,
    timeout: Duration,
    cancel: &CancelToken,
    mut each: impl FnMut(usize, ProbeResult) -> ControlFlow<()>,
) -> io::Result<()> {
    failpoint("probe");
    if servers.is_empty() {
        return Ok(());
    }
    let mut poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), CANCELLED)?);
    let _wake_on_cancel = cancel.wake_on_cancel(&waker);
    let mut events = Events::with_capacity(MAX_AT_ONCE);
    // In the order of their connects, and so of their deadlines.
    let mut open: Vec<ProbeConnection> = Vec::new();
    let mut waiting = servers.iter().copied().enumerate().peekable();

    loop {
        while open.len() < MAX_AT_ONCE {
            let Some(&(index, server)) = waiting.peek() else { break };
            match ProbeConnection::open(&poll, index, server, question, timeout) {
                Ok(conversation) => open.push(conversation),
                // With others still open one of them will give back what is missing.
                Err(error) if is_connect_exhausted(&error, server) && !open.is_empty() => break,
                Err(error) if is_connect_exhausted(&error, server) => return Err(error),
                Err(error) => {
                    let probed = ProbeResult { outcome: connect_failure(&error), duration: Duration::ZERO };
                    if each(index, probed).is_break() {
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
            let Some(place) = open.iter().position(|each| event.token() == Token(each.index)) else {
                continue;
            };
            if let Some(outcome) = open[place].advance() {
                let done = open.remove(place);
                if each(done.index, done.result(outcome)).is_break() {
                    return Ok(());
                }
            }
        }
        let now = Instant::now();
        while open.first().is_some_and(|first| first.deadline <= now) {
            let late = open.remove(0);
            if each(late.index, late.result(ProbeOutcome::TimedOut)).is_break() {
                return Ok(());
            }
        }
    }
}

/// What is sent to ask.
pub fn request(server: SocketAddr, question: Query) -> Vec<u8> {
    let path = match question {
        Query::Identity => "/",
        Query::Models => "/v1/models",
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: osaurus-discovery/{version}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

/// One connection, from its connect to the verdict.
struct ProbeConnection {
    index: usize,
    stream: TcpStream,
    question: Query,
    began: Instant,
    deadline: Instant,
    connected: bool,
    /// What is still to be sent.
    request: Vec<u8>,
    received: Vec<u8>,
}

impl ProbeConnection {
    fn open(
        poll: &Poll,
        index: usize,
        server: SocketAddr,
        question: Query,
        timeout: Duration,
    ) -> io::Result<Self> {
        let began = Instant::now();
        let mut stream = TcpStream::connect(server)?;
        poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            index,
            stream,
            question,
            began,
            deadline: began + timeout,
            connected: false,
            request: request(server, question),
            received: Vec::new(),
        })
    }

    fn result(&self, outcome: ProbeOutcome) -> ProbeResult {
        ProbeResult { outcome, duration: self.began.elapsed() }
    }

    /// Goes as far as it can without waiting; gives the outcome once there is one.
    fn advance(&mut self) -> Option<ProbeOutcome> {
        if !self.connected {
            match self.is_connected() {
                Ok(true) => self.connected = true,
                Ok(false) => return None,
                Err(error) => return Some(connect_failure(&error)),
            }
        }
        match self.exchange() {
            Ok(Verdict::Osaurus { status }) => Some(ProbeOutcome::Osaurus { status }),
            Ok(Verdict::NotOsaurus(words)) => Some(ProbeOutcome::NotOsaurus(words)),
            Ok(Verdict::Incomplete) => None,
            Err(error) => Some(exchange_failure(&error)),
        }
    }

    /// A failed connect shows as the socket's error; without one and without a peer it is still under way.
    fn is_connected(&self) -> io::Result<bool> {
        match self.stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(self.stream.peer_addr().is_ok()),
        }
    }

    fn exchange(&mut self) -> io::Result<Verdict> {
        while !self.request.is_empty() {
            match self.stream.write(&self.request) {
                Ok(sent) => drop(self.request.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Verdict::Incomplete),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        loop {
            let mut buffer = [0; 1024];
            let room = buffer.len().min(response::MAX_BYTES - self.received.len());
            let ended = match self.stream.read(&mut buffer[..room]) {
                Ok(count) => {
                    self.received.extend_from_slice(&buffer[..count]);
                    count == 0
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Verdict::Incomplete),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let judge = match self.question {
                Query::Identity => response::parse_identity_response,
                Query::Models => response::parse_status,
            };
            match judge(&self.received, ended) {
                Verdict::Incomplete => {}
                verdict => return Ok(verdict),
            }
        }
    }
}

/// Whether there is nothing left to connect with, which says nothing about the server.
fn is_connect_exhausted(error: &io::Error, server: SocketAddr) -> bool {
    // 127.0.0.1 is always there, so that only a port of our own can be missing; `[::1]` may be switched off.
    is_resource_exhausted(error) || (server.is_ipv4() && error.kind() == ErrorKind::AddrNotAvailable)
}

fn connect_failure(error: &io::Error) -> ProbeOutcome {
    match error.kind() {
        ErrorKind::ConnectionRefused => ProbeOutcome::Refused,
        _ => exchange_failure(error),
    }
}

fn exchange_failure(error: &io::Error) -> ProbeOutcome {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            ProbeOutcome::NotOsaurus("closed the connection without an answer".into())
        }
        _ => ProbeOutcome::Error(error.to_string()),
    }
}
