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

use crate::cancel::Cancel;
use crate::exhausted::is_exhausted;
use crate::fault;

pub mod answer;

use answer::Answer;

/// As many connections are open at once; a runtime folder with more entries than that is rare.
const MAX_AT_ONCE: usize = 128;

const CANCELLED: Token = Token(usize::MAX);

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `GET /`, which tells whether it is Osaurus. It shows up in the user's Insights, so it is asked sparingly.
    WhoAreYou,
    /// `GET /v1/models`, whose status tells whether it wants an access key.
    WantsKey,
}

/// What came of asking one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
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
    Stranger(String),
    /// The system could not carry it out; in words, why.
    Error(String),
}

impl fmt::Display for Outcome {
    /// As the end of a sentence that begins with the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Osaurus { .. } => f.write_str("answered as Osaurus"),
            Self::Refused => f.write_str("refused the connection"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::Stranger(words) => write!(f, "{words}"),
            Self::Error(words) => write!(f, "could not be asked ({words})"),
        }
    }
}

/// The outcome for one server, and how long it took from the connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    pub outcome: Outcome,
    pub took: Duration,
}

/// Asks all of `servers`, the first ones first, each with a deadline of its own from its connect, and hands each
/// outcome with the server's index to `each` as it comes, until that breaks or the flag is raised.
///
/// # Errors
///
/// Where the system has no descriptor or port left to ask with.
pub fn ask(
    servers: &[SocketAddr],
    question: Question,
    timeout: Duration,
    cancel: &Cancel,
    mut each: impl FnMut(usize, Probed) -> ControlFlow<()>,
) -> io::Result<()> {
    fault::point("probe");
    if servers.is_empty() {
        return Ok(());
    }
    let mut poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), CANCELLED)?);
    let _wake_on_cancel = cancel.wakes(&waker);
    let mut events = Events::with_capacity(MAX_AT_ONCE);
    // In the order of their connects, and so of their deadlines.
    let mut open: Vec<Conversation> = Vec::new();
    let mut waiting = servers.iter().copied().enumerate().peekable();

    loop {
        while open.len() < MAX_AT_ONCE {
            let Some(&(index, server)) = waiting.peek() else { break };
            match Conversation::open(&poll, index, server, question, timeout) {
                Ok(conversation) => open.push(conversation),
                // With others still open one of them will give back what is missing.
                Err(error) if is_out(&error, server) && !open.is_empty() => break,
                Err(error) if is_out(&error, server) => return Err(error),
                Err(error) => {
                    let probed = Probed { outcome: failed_to_connect(&error), took: Duration::ZERO };
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
            if let Some(outcome) = open[place].go_on() {
                let done = open.remove(place);
                if each(done.index, done.probed(outcome)).is_break() {
                    return Ok(());
                }
            }
        }
        let now = Instant::now();
        while open.first().is_some_and(|first| first.deadline <= now) {
            let late = open.remove(0);
            if each(late.index, late.probed(Outcome::TimedOut)).is_break() {
                return Ok(());
            }
        }
    }
}

/// What is sent to ask.
pub fn request(server: SocketAddr, question: Question) -> Vec<u8> {
    let path = match question {
        Question::WhoAreYou => "/",
        Question::WantsKey => "/v1/models",
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: osaurus-discovery/{version}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

/// One connection, from its connect to the verdict.
struct Conversation {
    index: usize,
    stream: TcpStream,
    question: Question,
    began: Instant,
    deadline: Instant,
    connected: bool,
    /// What is still to be sent.
    request: Vec<u8>,
    received: Vec<u8>,
}

impl Conversation {
    fn open(
        poll: &Poll,
        index: usize,
        server: SocketAddr,
        question: Question,
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

    fn probed(&self, outcome: Outcome) -> Probed {
        Probed { outcome, took: self.began.elapsed() }
    }

    /// Goes as far as it can without waiting; gives the outcome once there is one.
    fn go_on(&mut self) -> Option<Outcome> {
        if !self.connected {
            match self.is_connected() {
                Ok(true) => self.connected = true,
                Ok(false) => return None,
                Err(error) => return Some(failed_to_connect(&error)),
            }
        }
        match self.converse() {
            Ok(Answer::Osaurus { status }) => Some(Outcome::Osaurus { status }),
            Ok(Answer::Stranger(words)) => Some(Outcome::Stranger(words)),
            Ok(Answer::Unfinished) => None,
            Err(error) => Some(failed_in_conversation(&error)),
        }
    }

    /// A failed connect shows as the socket's error; without one and without a peer it is still under way.
    fn is_connected(&self) -> io::Result<bool> {
        match self.stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(self.stream.peer_addr().is_ok()),
        }
    }

    fn converse(&mut self) -> io::Result<Answer> {
        while !self.request.is_empty() {
            match self.stream.write(&self.request) {
                Ok(sent) => drop(self.request.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Answer::Unfinished),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        loop {
            let mut buffer = [0; 1024];
            let room = buffer.len().min(answer::MAX_BYTES - self.received.len());
            let ended = match self.stream.read(&mut buffer[..room]) {
                Ok(count) => {
                    self.received.extend_from_slice(&buffer[..count]);
                    count == 0
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Answer::Unfinished),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let judge = match self.question {
                Question::WhoAreYou => answer::to_root,
                Question::WantsKey => answer::status_only,
            };
            match judge(&self.received, ended) {
                Answer::Unfinished => {}
                verdict => return Ok(verdict),
            }
        }
    }
}

/// Whether there is nothing left to connect with, which says nothing about the server.
fn is_out(error: &io::Error, server: SocketAddr) -> bool {
    // 127.0.0.1 is always there, so that only a port of our own can be missing; `[::1]` may be switched off.
    is_exhausted(error) || (server.is_ipv4() && error.kind() == ErrorKind::AddrNotAvailable)
}

fn failed_to_connect(error: &io::Error) -> Outcome {
    match error.kind() {
        ErrorKind::ConnectionRefused => Outcome::Refused,
        _ => failed_in_conversation(error),
    }
}

fn failed_in_conversation(error: &io::Error) -> Outcome {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Outcome::Stranger("closed the connection without an answer".into())
        }
        _ => Outcome::Error(error.to_string()),
    }
}
