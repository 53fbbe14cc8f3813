//! Finds out whether this process can take part in multicast DNS.
//!
//! The DNS-SD daemon logs the errors of its sockets and goes on, so without this an empty network and a refused one look
//! the same.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::address_policy::LocalNetwork;
use super::advertisement::AGENT_SERVICE;

const PORT: u16 = 5353;
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

/// Opens the port of multicast DNS as the daemon does, and closes it again.
///
/// It fails if another program keeps the port for itself, or if this one may not open sockets.
pub fn check_port() -> io::Result<()> {
    open_v4().or_else(|error| open_v6().map_err(|_| error)).map(drop).map_err(|error| {
        io::Error::new(error.kind(), format!("UDP port {PORT} cannot be opened and shared: {error}"))
    })
}

/// Sends one query for the agents' service, and gives the system's error if no interface takes it. The loopback interface
/// does not count.
///
/// macOS refuses with `EHOSTUNREACH` where the user has not granted Local Network access.
pub fn check_sending(networks: &[LocalNetwork]) -> io::Result<()> {
    let query = query(AGENT_SERVICE);
    let mut first_error = None;
    for network in networks.iter().filter(|network| !network.address.is_loopback()) {
        match send(&query, network) {
            Ok(()) => return Ok(()),
            Err(error) => _ = first_error.get_or_insert(error),
        }
    }
    Err(first_error.unwrap_or_else(|| io::Error::other("no network interface has an address")))
}

/// By the interface of the network, because a network without a router has no route to the group.
fn send(query: &[u8], network: &LocalNetwork) -> io::Result<()> {
    let sent = match network.address {
        IpAddr::V4(address) => {
            let socket = open_v4()?;
            SockRef::from(&socket).set_multicast_if_v4(&address)?;
            socket.send_to(query, (GROUP_V4, PORT))
        }
        IpAddr::V6(_) => open_v6()?.send_to(query, SocketAddrV6::new(GROUP_V6, PORT, 0, network.interface)),
    };
    sent.map(drop)
}

fn open_v4() -> io::Result<UdpSocket> {
    open(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, PORT).into())
}

fn open_v6() -> io::Result<UdpSocket> {
    open(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, PORT).into())
}

/// A query from another port would be answered to that port, by each responder.
fn open(domain: Domain, address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    let _ = socket.set_reuse_port(true); // A system without it shares the port by the option above.
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// A DNS query for the PTR records of a service type (RFC 1035, section 4; RFC 6762, section 5.1).
fn query(service_type: &str) -> Vec<u8> {
    const ONE_QUESTION: [u8; 12] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    const PTR_IN: [u8; 4] = [0, 12, 0, 1];
    let mut packet = ONE_QUESTION.to_vec();
    for label in service_type.trim_end_matches('.').split('.') {
        // The labels are constants of at most 15 bytes.
        packet.push(u8::try_from(label.len()).unwrap_or(0));
        packet.extend_from_slice(label.as_bytes());
    }
    packet.push(0);
    packet.extend_from_slice(&PTR_IN);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_asks_for_the_pointers_of_the_service_type() {
        let expected = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x08_osaurus\x04_tcp\x05local\0\0\x0c\0\x01";
        assert_eq!(query(AGENT_SERVICE), expected);
    }
}
