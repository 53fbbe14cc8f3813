//! Answers whether the connection to a verified server stands, without waiting for its events.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

use mio::net::TcpStream;

use crate::system::lock;

/// The idle connections of one session to servers that were verified while they stood, by port. Any thread may ask.
#[derive(Debug, Default)]
pub struct HeldConnections(Mutex<HashMap<u16, Arc<TcpStream>>>);

/// The state of a liveness connection in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// The program that was verified still holds its end.
    Open,
    /// The other end was closed, or the connection failed.
    Closed,
    /// No connection was verified, or the server sent something without a request.
    Unknown,
}

impl HeldConnections {
    /// Peeks at the connection to the server at this port.
    pub fn state(&self, port: u16) -> ConnectionState {
        let Some(stream) = lock(&self.0).get(&port).cloned() else { return ConnectionState::Unknown };
        match stream.peek(&mut [0]) {
            Ok(0) => ConnectionState::Closed,
            Ok(_) => ConnectionState::Unknown,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => ConnectionState::Open,
                ErrorKind::Interrupted => ConnectionState::Unknown,
                _ => ConnectionState::Closed,
            },
        }
    }

    /// Takes the verified connection to the server at this port, or none.
    pub fn set(&self, port: u16, stream: Option<Arc<TcpStream>>) {
        let before = match stream {
            Some(stream) => lock(&self.0).insert(port, stream),
            None => lock(&self.0).remove(&port),
        };
        drop(before);
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    /// A connection whose ends are held by a client and by a server.
    fn pair() -> (Arc<TcpStream>, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        let (server, _) = listener.accept().unwrap();
        (Arc::new(TcpStream::from_std(client)), server)
    }

    fn eventually(check: impl Fn() -> bool) {
        while !check() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_connection_is_open_until_the_server_closes_it() {
        let held = HeldConnections::default();
        assert_eq!(held.state(1), ConnectionState::Unknown);
        let (client, server) = pair();
        held.set(1, Some(client));
        assert_eq!(held.state(1), ConnectionState::Open);
        assert_eq!(held.state(2), ConnectionState::Unknown);
        drop(server);
        eventually(|| held.state(1) == ConnectionState::Closed);
        held.set(1, None);
        assert_eq!(held.state(1), ConnectionState::Unknown);
    }

    #[test]
    fn nothing_is_known_of_a_connection_on_which_the_server_speaks() {
        let held = HeldConnections::default();
        let (client, mut server) = pair();
        held.set(1, Some(client));
        server.write_all(b"x").unwrap();
        eventually(|| held.state(1) == ConnectionState::Unknown);
    }
}
