//! Browses for the DNS-SD services of Osaurus, and says whether multicast works at all.
//!
//! One [`Browser`] has one daemon thread of `mdns-sd` and one socket for each address family. It bounds what a sender
//! can make it remember: a subscription that falls 1,000 events behind is closed by the library, and the browser is then
//! started again with an empty cache.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::Instant;

use flume::{Receiver, Selector};
use mdns_sd::{DaemonEvent, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};

use super::address_policy::{LocalNetwork, is_on_link, is_own};
use super::advertisement::{AGENT_SERVICE, Advertisement, MACHINE_SERVICE, Service};

/// What arrives while browsing.
#[derive(Debug)]
pub enum BrowseEvent<C> {
    /// A service instance was resolved, or its records changed.
    Resolved(Box<ResolvedService>),
    /// A service instance said goodbye, or its records expired.
    Removed(String),
    /// An address of this machine came or went.
    InterfacesChanged,
    /// The subscription is closed: too many events at once, or the daemon has ended.
    Lost,
    /// A command arrived on the caller's own channel.
    Command(C),
    /// Nothing arrived before the deadline.
    Timeout,
    /// What arrived means nothing here.
    Ignored,
}

/// A running browse for both service types.
pub struct Browser {
    daemon: ServiceDaemon,
    agents: Receiver<ServiceEvent>,
    machines: Receiver<ServiceEvent>,
    interfaces: Receiver<DaemonEvent>,
}

impl Browser {
    /// Starts the daemon thread and both queries.
    pub fn start() -> Result<Self, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        let browse =
            || Ok((daemon.browse(AGENT_SERVICE)?, daemon.browse(MACHINE_SERVICE)?, daemon.monitor()?));
        match browse() {
            Ok((agents, machines, interfaces)) => Ok(Self { daemon, agents, machines, interfaces }),
            Err(error) => {
                let _ = daemon.shutdown();
                Err(error)
            }
        }
    }

    /// Waits for the next event or command.
    pub fn wait<C>(&self, commands: &Receiver<C>, deadline: Option<Instant>) -> BrowseEvent<C> {
        let selector = Selector::new()
            .recv(commands, |command| command.map_or(BrowseEvent::Lost, BrowseEvent::Command))
            .recv(&self.agents, |event| event.map_or(BrowseEvent::Lost, from_service_event))
            .recv(&self.machines, |event| event.map_or(BrowseEvent::Lost, from_service_event))
            .recv(&self.interfaces, |event| {
                event.map_or(BrowseEvent::Lost, |event| from_daemon_event(&event))
            });
        match deadline {
            Some(deadline) => selector.wait_deadline(deadline).unwrap_or(BrowseEvent::Timeout),
            None => selector.wait(),
        }
    }

    /// The next service event that has arrived already, if any.
    pub fn try_next<C>(&self) -> Option<BrowseEvent<C>> {
        let next = |events: &Receiver<ServiceEvent>| events.try_recv().ok().map(from_service_event);
        next(&self.agents).or_else(|| next(&self.machines))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The daemon ends by itself after this; its queue is only ever full while it is ending anyway.
        let _ = self.daemon.shutdown();
    }
}

fn from_service_event<C>(event: ServiceEvent) -> BrowseEvent<C> {
    match event {
        ServiceEvent::ServiceResolved(service) => BrowseEvent::Resolved(service),
        ServiceEvent::ServiceRemoved(_, full_name) => BrowseEvent::Removed(full_name),
        ServiceEvent::SearchStopped(_) => BrowseEvent::Lost,
        _ => BrowseEvent::Ignored,
    }
}

fn from_daemon_event<C>(event: &DaemonEvent) -> BrowseEvent<C> {
    match event {
        DaemonEvent::IpAdd(_) | DaemonEvent::IpDel(_) => BrowseEvent::InterfacesChanged,
        _ => BrowseEvent::Ignored,
    }
}

/// Reads a resolved service by the [address policy](super::address_policy), and says whether it is of this machine.
pub fn read(service: &ResolvedService, networks: &[LocalNetwork]) -> Option<(Advertisement, bool)> {
    let addresses: Vec<_> = service
        .addresses
        .iter()
        .flat_map(scopes)
        .filter(|(address, interface)| is_on_link(*address, *interface, networks))
        .collect();
    let owned = addresses.iter().any(|(address, _)| is_own(*address, networks));
    let txt = |key: &str| {
        let value = service.get_property_val(key).flatten()?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    let parts = Service { full_name: &service.fullname, host: &service.host, port: service.port };
    Some((Advertisement::read(parts, txt, addresses)?, owned))
}

/// An address with each interface on which it was announced.
fn scopes(address: &ScopedIp) -> Vec<(IpAddr, u32)> {
    match address {
        ScopedIp::V4(v4) => v4.interface_ids().iter().map(|id| (IpAddr::V4(*v4.addr()), id.index)).collect(),
        ScopedIp::V6(v6) => vec![(IpAddr::V6(*v6.addr()), v6.scope_id().index)],
        _ => Vec::new(),
    }
}

const MDNS_PORT: u16 = 5353;
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

/// Sends one multicast query for the agents' service, and gives the system's error if no interface takes it.
///
/// The daemon logs such errors and goes on, so without this an empty network and a refused one look the same. macOS
/// refuses with `EHOSTUNREACH` where the user has not granted Local Network access.
pub fn check_multicast(networks: &[LocalNetwork]) -> io::Result<()> {
    let query = query(AGENT_SERVICE);
    let send = |from: SocketAddr, to: SocketAddr| UdpSocket::bind(from)?.send_to(&query, to);
    let v4 = send((Ipv4Addr::UNSPECIFIED, 0).into(), (GROUP_V4, MDNS_PORT).into());
    let Err(error) = v4 else { return Ok(()) };
    let v6 = networks.iter().filter(|network| network.address.is_ipv6() && !network.address.is_loopback());
    for network in v6 {
        let group = SocketAddrV6::new(GROUP_V6, MDNS_PORT, 0, network.interface);
        if send((Ipv6Addr::UNSPECIFIED, 0).into(), group.into()).is_ok() {
            return Ok(());
        }
    }
    Err(error)
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
