//! Carries one probe, from its connect to the result.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Interest, Poll, Token};

use super::response::{self, Response, Verdict};
use super::{Probed, Query, Target, request};
use crate::outcome::ProbeOutcome;

/// Parses the bytes received so far. The flag tells whether the connection has ended.
type Parser = fn(&[u8], bool) -> Verdict;

/// One probe, from its connect to the result.
pub struct ProbeConnection {
    pub index: usize,
    server: SocketAddr,
    stream: TcpStream,
    /// `stream` will be held, and the next connection is the one for the request.
    hold: bool,
    held: Option<TcpStream>,
    parse: Parser,
    max_bytes: usize,
    began: Instant,
    pub deadline: Instant,
    connected: bool,
    /// What is still to be sent.
    request: Vec<u8>,
    received: Vec<u8>,
}

impl ProbeConnection {
    pub fn open(
        poll: &Poll,
        index: usize,
        Target { server, hold }: Target,
        query: Query<'_>,
        timeout: Duration,
    ) -> io::Result<Self> {
        let (parse, max_bytes): (Parser, _) = match query {
            Query::Identity => (response::parse_identity_response, response::MAX_IDENTITY_BYTES),
            Query::Models { .. } => (response::parse_models_response, response::MAX_MODELS_BYTES),
        };
        let began = Instant::now();
        Ok(Self {
            index,
            server,
            stream: connect(poll, index, server)?,
            hold,
            held: None,
            parse,
            max_bytes,
            began,
            deadline: began + timeout,
            connected: false,
            request: request(server, query),
            received: Vec::new(),
        })
    }

    pub fn probed(self, result: Result<Response, ProbeOutcome>) -> Probed {
        Probed { result, duration: self.began.elapsed(), held: self.held }
    }

    /// Goes as far as possible without waiting. Returns the result once there is one.
    pub fn advance(&mut self, poll: &Poll) -> Option<Result<Response, ProbeOutcome>> {
        while !self.connected {
            match self.is_connected() {
                Ok(true) if std::mem::take(&mut self.hold) => self.hold_connection(poll),
                Ok(true) => self.connected = true,
                Ok(false) => return None,
                Err(error) => return Some(Err(connect_failure(&error))),
            }
        }
        match self.exchange() {
            Ok(Verdict::Complete(response)) => Some(Ok(response)),
            Ok(Verdict::NotOsaurus(words)) => Some(Err(ProbeOutcome::NotOsaurus(words))),
            Ok(Verdict::Incomplete) => None,
            Err(error) => Some(Err(exchange_failure(&error))),
        }
    }

    /// Makes another connection for the request. If there is no descriptor for it, the first one serves for that.
    fn hold_connection(&mut self, poll: &Poll) {
        if let Ok(stream) = connect(poll, self.index, self.server) {
            let mut first = std::mem::replace(&mut self.stream, stream);
            self.held = poll.registry().deregister(&mut first).is_ok().then_some(first);
        }
    }

    /// A failed connect shows as the error of the socket. Without an error and without a peer it is in progress.
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
            let space = buffer.len().min(self.max_bytes - self.received.len());
            let ended = match self.stream.read(&mut buffer[..space]) {
                Ok(count) => {
                    self.received.extend_from_slice(&buffer[..count]);
                    count == 0
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Verdict::Incomplete),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            match (self.parse)(&self.received, ended) {
                Verdict::Incomplete => {}
                verdict => return Ok(verdict),
            }
        }
    }
}

fn connect(poll: &Poll, index: usize, server: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
    Ok(stream)
}

pub fn connect_failure(error: &io::Error) -> ProbeOutcome {
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
