//! Answers whether the connection to a verified server stands, without waiting for its events.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mio::net::TcpStream;

use crate::system::lock;

/// The idle connections of one session to servers that were verified while they stood. Any thread may ask.
#[derive(Debug, Default)]
pub struct HeldConnections(Mutex<HashMap<SocketAddr, HeldConnection>>);

#[derive(Debug, Clone)]
pub struct HeldConnection {
    /// Differs from that of every other connection of the process.
    pub id: usize,
    pub stream: Arc<TcpStream>,
}

/// The state of a liveness connection in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// The program that was verified still holds its end. The number is the same as long as the connection is.
    Open(usize),
    /// The other end was closed, or the connection failed.
    Closed,
    /// No connection was verified, or the server sent something without a request.
    Unknown,
}

impl HeldConnections {
    /// Peeks at the connection to this server.
    pub fn state(&self, server: SocketAddr) -> ConnectionState {
        let held = lock(&self.0).get(&server).cloned();
        let Some(HeldConnection { id, stream }) = held else { return ConnectionState::Unknown };
        match stream.peek(&mut [0]) {
            Ok(0) => ConnectionState::Closed,
            Ok(_) => ConnectionState::Unknown,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => ConnectionState::Open(id),
                ErrorKind::Interrupted => ConnectionState::Unknown,
                _ => ConnectionState::Closed,
            },
        }
    }

    /// Takes the verified connection to this server, or none.
    pub fn set(&self, server: SocketAddr, connection: Option<HeldConnection>) {
        let before = match connection {
            Some(connection) => lock(&self.0).insert(server, connection),
            None => lock(&self.0).remove(&server),
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
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
    use std::time::Duration;

    use super::*;

    const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
    const OTHER: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 1);

    /// A connection whose ends are held by a client and by a server.
    fn pair() -> (HeldConnection, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        let (server, _) = listener.accept().unwrap();
        (HeldConnection { id: 7, stream: Arc::new(TcpStream::from_std(client)) }, server)
    }

    fn eventually(check: impl Fn() -> bool) {
        while !check() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_connection_is_open_until_the_server_closes_it() {
        let held = HeldConnections::default();
        assert_eq!(held.state(SERVER), ConnectionState::Unknown);
        let (client, server) = pair();
        held.set(SERVER, Some(client));
        assert_eq!(held.state(SERVER), ConnectionState::Open(7));
        assert_eq!(held.state(OTHER), ConnectionState::Unknown, "another address with the same port");
        drop(server);
        eventually(|| held.state(SERVER) == ConnectionState::Closed);
        held.set(SERVER, None);
        assert_eq!(held.state(SERVER), ConnectionState::Unknown);
    }

    #[test]
    fn nothing_is_known_of_a_connection_on_which_the_server_speaks() {
        let held = HeldConnections::default();
        let (client, mut server) = pair();
        held.set(SERVER, Some(client));
        server.write_all(b"x").unwrap();
        eventually(|| held.state(SERVER) == ConnectionState::Unknown);
    }
}
