//! Is this connection still there?

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

/// A server that sends more than this unasked is not one to listen to.
const MOST_UNASKED: usize = 4 * 1024;

/// A TCP connection to a server of this machine, from its connect to its end.
pub struct Connection {
    stream: TcpStream,
    pub token: Token,
    /// When it was made; none while it is under way.
    pub since: Option<Instant>,
    /// A request was sent, and the answer is what is waited for.
    asked: bool,
    unasked: usize,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It was made.
    Accepted,
    /// Nobody listens.
    Refused,
    /// It could not be made for a reason that says nothing of the server.
    Failed,
    /// An answer begins to come.
    Answered,
    Ended,
}

impl Connection {
    pub fn open(registry: &Registry, server: SocketAddr, token: Token) -> Result<Self, News> {
        let open = || {
            let mut stream = TcpStream::connect(server)?;
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            Ok(stream)
        };
        match open() {
            Ok(stream) => Ok(Self { stream, token, since: None, asked: false, unasked: 0 }),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Sends a request and leaves it at that: the answer comes when the server can give one.
    pub fn ask(&mut self, request: &[u8]) -> bool {
        self.asked = true;
        // A fresh connection has room for far more.
        matches!(self.stream.write(request), Ok(sent) if sent == request.len())
    }

    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// What the system's event means, if anything. There may be more: call until there is none.
    pub fn news(&mut self, now: Instant) -> Option<News> {
        if self.since.is_none() {
            return self.is_made(now);
        }
        let mut buffer = [0; 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Some(News::Ended),
                Ok(_) if self.asked => return Some(News::Answered),
                Ok(count) => {
                    self.unasked += count;
                    if self.unasked > MOST_UNASKED {
                        return Some(News::Ended);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Some(News::Ended),
            }
        }
    }

    fn is_made(&mut self, now: Instant) -> Option<News> {
        match self.stream.take_error() {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => return Some(failure(&error)),
        }
        let peer = self.stream.peer_addr().ok()?;
        // With nobody listening on a port that the system also gives out to those who connect, a connection may
        // meet itself there. It would live for ever, and keep the server from coming back to its port.
        if self.stream.local_addr().is_ok_and(|local| local == peer) {
            return Some(News::Refused);
        }
        self.since = Some(now);
        Some(News::Accepted)
    }
}

fn failure(error: &io::Error) -> News {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            News::Refused
        }
        _ => News::Failed,
    }
}
