//! Tracks what is advertised, which servers have to be probed, and which of them count.
//!
//! The session does no I/O. It takes DNS-SD events and probe results with the time at which they happened, and says
//! what is due. [`watcher`](super::watcher) drives it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::NetworkInstance;
use super::advertisement::{Advertisement, Agent, Subject};

/// The servers that are tracked, and so probed, at most. An office has a handful.
pub const MAX_SERVERS: usize = 64;

/// The service instances of one host that are kept at most; each visible agent has one.
const MAX_SERVICES_PER_HOST: usize = 256;

/// The service instances that are kept at most, of all hosts.
const MAX_SERVICES: usize = 2048;

/// How long the records of a new address are awaited before the server is probed: the IPv4 and IPv6 addresses of a host
/// arrive in several packets, and the server shall see one request.
const SETTLE: Duration = Duration::from_millis(100);

/// How long an advertised server that did not answer is left alone: twice as long after every failure.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// A server: one host and port. Agents that share both are agents of one server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerId {
    host: String,
    port: u16,
}

/// A server to probe, with the addresses to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRequest {
    pub server: ServerId,
    pub addresses: Vec<SocketAddr>,
}

/// Which servers of the network count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Whether a server has to answer as Osaurus.
    pub verify: bool,
    /// Whether servers of this machine count.
    pub include_self: bool,
}

#[derive(Debug)]
struct Service {
    full_name: String,
    advertisement: Advertisement,
    is_own: bool,
    /// The browse that saw this service last.
    browse: u64,
}

/// What is known of a tracked server.
#[derive(Debug, Default)]
struct Server {
    addresses: Vec<SocketAddr>,
    is_own: bool,
    /// The address that answered as Osaurus last.
    verified: Option<SocketAddr>,
    probe_at: Option<Instant>,
    failures: u32,
}

/// The state of one watcher of the network.
#[derive(Debug)]
pub struct Session {
    filter: Filter,
    /// In the order of their arrival, so that a flood cannot push out what was there before it.
    services: Vec<Service>,
    servers: BTreeMap<ServerId, Server>,
    browse: u64,
    probing: bool,
}

impl Session {
    pub fn new(filter: Filter) -> Self {
        Self { filter, services: Vec::new(), servers: BTreeMap::new(), browse: 0, probing: false }
    }

    /// A service instance was resolved, or its records changed.
    pub fn on_resolved(&mut self, full_name: &str, advertisement: Advertisement, is_own: bool, now: Instant) {
        let browse = self.browse;
        if let Some(known) = self.services.iter_mut().find(|service| service.full_name == full_name) {
            *known = Service { full_name: full_name.to_owned(), advertisement, is_own, browse };
        } else if self.has_room(&advertisement.host) {
            self.services.push(Service { full_name: full_name.to_owned(), advertisement, is_own, browse });
        } else {
            return;
        }
        self.sync_servers(now);
    }

    /// A service instance said goodbye, or its records expired.
    pub fn on_removed(&mut self, full_name: &str, now: Instant) {
        self.services.retain(|service| service.full_name != full_name);
        self.sync_servers(now);
    }

    /// Browsing starts again, with nothing remembered. What was advertised before stays until
    /// [`forget_unseen`](Self::forget_unseen).
    pub fn on_browse_restarted(&mut self) {
        self.browse += 1;
    }

    /// Drops every service that the present browse has not seen.
    pub fn forget_unseen(&mut self, now: Instant) {
        let browse = self.browse;
        self.services.retain(|service| service.browse == browse);
        self.sync_servers(now);
    }

    /// The servers to probe now. None while a run is under way; its end is reported by
    /// [`on_probed`](Self::on_probed).
    pub fn take_due(&mut self, now: Instant) -> Vec<ProbeRequest> {
        if self.probing || !self.filter.verify {
            return Vec::new();
        }
        let include_self = self.filter.include_self;
        let due: Vec<_> = self
            .servers
            .iter_mut()
            .filter(|(_, server)| include_self || !server.is_own)
            .filter_map(|(id, server)| {
                server.probe_at.take_if(|at| *at <= now)?;
                Some(ProbeRequest { server: id.clone(), addresses: server.addresses.clone() })
            })
            .collect();
        self.probing = !due.is_empty();
        due
    }

    /// A run has ended: for each server the first of its addresses that answered as Osaurus, if one did.
    pub fn on_probed(&mut self, results: Vec<(ServerId, Option<SocketAddr>)>, now: Instant) {
        self.probing = false;
        for (id, answered) in results {
            let Some(server) = self.servers.get_mut(&id) else { continue };
            // The records may have changed during the run; then the server is due again, and this result is stale.
            if answered.is_some_and(|address| !server.addresses.contains(&address)) {
                continue;
            }
            server.verified = answered;
            if answered.is_some() {
                server.failures = 0;
                continue;
            }
            let retry = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(server.failures)).min(LAST_RETRY);
            server.failures += 1;
            server.probe_at = Some(server.probe_at.map_or(now + retry, |at| at.min(now + retry)));
        }
    }

    /// When a server is due to be probed next; `None` while nothing is, or a run is under way.
    pub fn deadline(&self) -> Option<Instant> {
        if self.probing || !self.filter.verify {
            return None;
        }
        let counted = self.servers.values().filter(|server| self.filter.include_self || !server.is_own);
        counted.filter_map(|server| server.probe_at).min()
    }

    /// Returns every server that counts, by name.
    pub fn instances(&self) -> Vec<NetworkInstance> {
        let mut instances: Vec<_> =
            self.servers.iter().filter_map(|(id, server)| self.instance(id, server)).collect();
        instances.sort_by(|a, b| (&a.name, &a.host, a.port).cmp(&(&b.name, &b.host, b.port)));
        instances
    }

    fn instance(&self, id: &ServerId, server: &Server) -> Option<NetworkInstance> {
        if server.is_own && !self.filter.include_self {
            return None;
        }
        let connect_to = if self.filter.verify { server.verified? } else { *server.addresses.first()? };
        let (mut name, mut agents) = (None, Vec::new());
        for advertisement in self.services_of(id) {
            match &advertisement.subject {
                Subject::Machine(machine) if machine.is_empty() => {}
                Subject::Machine(machine) => name = Some(machine.clone()),
                Subject::Agent(agent) => agents.push(agent.clone()),
            }
        }
        agents.sort_unstable_by(|a: &Agent, b: &Agent| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Some(NetworkInstance {
            name: name.unwrap_or_else(|| id.host.strip_suffix(".local").unwrap_or(&id.host).to_owned()),
            host: id.host.clone(),
            addresses: server.addresses.iter().map(SocketAddr::ip).collect(),
            port: id.port,
            connect_to,
            agents,
            is_self: server.is_own,
        })
    }

    fn services_of(&self, id: &ServerId) -> impl Iterator<Item = &Advertisement> {
        let advertisements = self.services.iter().map(|service| &service.advertisement);
        advertisements.filter(|each| each.port == id.port && each.host == id.host)
    }

    fn has_room(&self, host: &str) -> bool {
        let of_host = self.services.iter().filter(|service| service.advertisement.host == host);
        self.services.len() < MAX_SERVICES && of_host.count() < MAX_SERVICES_PER_HOST
    }

    /// Makes the servers those that the services name, the earliest first, up to the limit.
    fn sync_servers(&mut self, now: Instant) {
        let mut before = std::mem::take(&mut self.servers);
        for Service { advertisement, is_own, .. } in &self.services {
            let id = ServerId { host: advertisement.host.clone(), port: advertisement.port };
            if self.servers.len() == MAX_SERVERS && !self.servers.contains_key(&id) {
                continue;
            }
            let server = self.servers.entry(id).or_default();
            server.is_own |= is_own;
            server.addresses.extend(&advertisement.addresses);
        }
        for (id, server) in &mut self.servers {
            server.addresses.sort_unstable();
            server.addresses.dedup();
            match before.remove(id) {
                Some(known) if known.addresses == server.addresses => {
                    let is_own = server.is_own;
                    *server = Server { is_own, ..known };
                }
                // Other addresses: what has answered still counts until the next probe, if it is still advertised.
                Some(known) if known.verified.is_some_and(|it| server.addresses.contains(&it)) => {
                    server.verified = known.verified;
                    // IPv4 is preferred, but its record may be the later one.
                    let gains_ipv4 = !known.addresses.iter().any(SocketAddr::is_ipv4)
                        && server.addresses.iter().any(SocketAddr::is_ipv4);
                    server.probe_at = gains_ipv4.then_some(now + SETTLE);
                }
                Some(known) => {
                    server.verified = known.verified;
                    server.probe_at = Some(now + SETTLE);
                }
                None => server.probe_at = Some(now + SETTLE),
            }
            if server.addresses.is_empty() {
                server.verified = None;
                server.probe_at = None;
            }
        }
    }
}

#[cfg(test)]
mod tests;
