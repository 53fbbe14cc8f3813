//! Holds one TCP connection to a server of this machine, from its connect to its end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::held_connections::HeldConnection;

/// A server that sends more than this without a request does not speak HTTP, and its connection is ended.
const MAX_UNREQUESTED_BYTES: usize = 4 * 1024;

/// Numbers the connections of the process. 0 wakes the event loop.
static NEXT_TOKEN: AtomicUsize = AtomicUsize::new(1);

pub struct Connection {
    /// Shared with those who ask whether it stands.
    stream: Arc<TcpStream>,
    pub token: Token,
    /// When it was accepted; none before.
    pub accepted_at: Option<Instant>,
    /// A request was sent on it, and the answer is awaited.
    pub is_requested: bool,
    /// A probe of the server began after it was accepted.
    pub predates_probe: bool,
    /// Osaurus answered that probe. The program at the other end, which had the port before and still has this connection,
    /// is the one that answered.
    pub is_verified: bool,
    unrequested: usize,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionEvent {
    Accepted,
    /// No program listens on the port.
    Refused,
    /// It could not be made for a reason that says nothing about the server.
    Failed,
    /// An answer to the request begins to arrive.
    Answered,
    Ended,
}

impl Connection {
    pub fn open(registry: &Registry, server: SocketAddr) -> Result<Self, ConnectionEvent> {
        let opened = TcpStream::connect(server).and_then(|stream| Self::new(registry, stream));
        opened.map_err(|error| failure(&error))
    }

    /// Takes a connection that was accepted before a probe began.
    pub fn accepted(registry: &Registry, stream: TcpStream, now: Instant) -> io::Result<Self> {
        let connection = Self::new(registry, stream)?;
        Ok(Self { accepted_at: Some(now), predates_probe: true, ..connection })
    }

    fn new(registry: &Registry, mut stream: TcpStream) -> io::Result<Self> {
        let token = Token(NEXT_TOKEN.fetch_add(1, Ordering::Relaxed));
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream: Arc::new(stream),
            token,
            accepted_at: None,
            is_requested: false,
            predates_probe: false,
            is_verified: false,
            unrequested: 0,
        })
    }

    pub fn to_held(&self) -> HeldConnection {
        HeldConnection { id: self.token.0, stream: Arc::clone(&self.stream) }
    }

    /// Sends a request whose answer comes when the server can give one. Returns whether it was sent.
    pub fn send(&mut self, request: &[u8]) -> bool {
        self.is_requested = true;
        // A fresh connection has room for far more.
        matches!((&*self.stream).write(request), Ok(sent) if sent == request.len())
    }

    /// What an event of the poll loop means, if anything. There may be more: call it until it returns none.
    pub fn next_event(&mut self, now: Instant) -> Option<ConnectionEvent> {
        if self.accepted_at.is_none() {
            return self.connect_result(now);
        }
        let mut buffer = [0; 1024];
        loop {
            match (&*self.stream).read(&mut buffer) {
                Ok(0) => return Some(ConnectionEvent::Ended),
                Ok(_) if self.is_requested => return Some(ConnectionEvent::Answered),
                Ok(count) => {
                    self.unrequested += count;
                    if self.unrequested > MAX_UNREQUESTED_BYTES {
                        return Some(ConnectionEvent::Ended);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Some(ConnectionEvent::Ended),
            }
        }
    }

    fn connect_result(&mut self, now: Instant) -> Option<ConnectionEvent> {
        match self.stream.take_error() {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => return Some(failure(&error)),
        }
        let peer = self.stream.peer_addr().ok()?;
        // If no program listens on a port that the system also gives to outgoing connections, a connection can meet
        // itself there. It would never end, and keep the server from listening on its port again.
        if self.stream.local_addr().is_ok_and(|local| local == peer) {
            return Some(ConnectionEvent::Refused);
        }
        self.accepted_at = Some(now);
        Some(ConnectionEvent::Accepted)
    }
}

fn failure(error: &io::Error) -> ConnectionEvent {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            ConnectionEvent::Refused
        }
        _ => ConnectionEvent::Failed,
    }
}
