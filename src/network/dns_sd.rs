//! Browses for the DNS-SD services of Osaurus.
//!
//! One [`Browser`] has one daemon thread of `mdns-sd` and one socket for each address family. Two limits bound what a
//! sender can make it remember: a subscription that falls 1,000 events behind is closed by the library, and the
//! [cache guard](super::cache_guard) reports too many records. The browser is then started again with an empty cache.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use flume::{Receiver, Selector};
use mdns_sd::{DaemonEvent, Metrics, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};

use super::address_policy::{LocalNetwork, is_on_link, is_own};
use super::advertisement::{AGENT_SERVICE, Advertisement, MACHINE_SERVICE, Service};
use super::cache_guard::CacheGuard;

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

/// An idle daemon answers in microseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(5);

/// A record that is repeated gets two timers each time, and keeps them until they are due.
const TIMERS_PER_RECORD: usize = 16;

/// A running browse for both service types.
pub struct Browser {
    daemon: ServiceDaemon,
    agents: Receiver<ServiceEvent>,
    machines: Receiver<ServiceEvent>,
    interfaces: Receiver<DaemonEvent>,
    guard: CacheGuard,
    /// The answer to the request for the size of the cache, until it is received.
    metrics: Option<Receiver<Metrics>>,
}

impl Browser {
    /// Starts the daemon thread and both queries. After a flood, the guard expects another one.
    pub fn start(guard: CacheGuard) -> Result<Self, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        let browse =
            || Ok((daemon.browse(AGENT_SERVICE)?, daemon.browse(MACHINE_SERVICE)?, daemon.monitor()?));
        match browse() {
            Ok((agents, machines, interfaces)) => {
                Ok(Self { daemon, agents, machines, interfaces, guard, metrics: None })
            }
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

    /// When [`is_flooded`](Self::is_flooded) has to be called next.
    pub fn deadline(&self) -> Instant {
        self.guard.deadline()
    }

    /// Whether the daemon remembers more than any network has to say. A busy daemon is not waited for: its answer is
    /// taken at the next deadline.
    pub fn is_flooded(&mut self, now: Instant) -> bool {
        if now < self.guard.deadline() {
            return false;
        }
        let answer = self.metrics.take().or_else(|| self.daemon.get_metrics().ok());
        match answer.as_ref().map(|answer| answer.recv_timeout(ANSWER_TIMEOUT)) {
            Some(Ok(metrics)) => self.guard.on_size(cache_size(&metrics), now),
            Some(Err(flume::RecvTimeoutError::Timeout)) => {
                self.metrics = answer;
                self.guard.on_silence(now)
            }
            _ => self.guard.on_silence(now),
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

/// The records in the cache, and the timers for them. Both grow with what is received.
fn cache_size(metrics: &Metrics) -> usize {
    let count = |name: &str| metrics.get(name).map_or(0, |count| usize::try_from(*count).unwrap_or(0));
    let records = ["cached-ptr", "cached-srv", "cached-txt", "cached-addr", "cached-nsec", "cached-subtype"];
    records.iter().map(|name| count(name)).sum::<usize>().max(count("timer") / TIMERS_PER_RECORD)
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
