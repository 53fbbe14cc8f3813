//! Finds the Osaurus servers that other machines advertise on the local network by DNS-SD.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

mod address_policy;
mod advertisement;
#[cfg(feature = "node")]
pub(crate) mod advertiser;
mod cache_guard;
mod dns_sd;
mod multicast;
mod probes;
mod session;
mod watcher;

pub use advertisement::Agent;

use crate::error::{Error, Operation};
use crate::options::PROBE_TIMEOUT;
use address_policy::interface_zone;
use session::Filter;

/// Which servers of the network count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkOptions {
    verify: bool,
    probe_timeout: Duration,
    include_self: bool,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self { verify: true, probe_timeout: PROBE_TIMEOUT, include_self: false }
    }
}

impl NetworkOptions {
    /// Servers of other machines that answer as Osaurus within [`PROBE_TIMEOUT`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a server may take to answer, from its connect.
    #[must_use]
    pub fn probe_timeout(mut self, timeout: Duration) -> Self {
        self.probe_timeout = timeout;
        self
    }

    /// Trusts the records and connects to no server.
    #[must_use]
    pub fn trust_records(mut self) -> Self {
        self.verify = false;
        self
    }

    /// Counts servers of this machine too.
    #[must_use]
    pub fn include_self(mut self, include: bool) -> Self {
        self.include_self = include;
        self
    }

    fn filter(self) -> Filter {
        Filter { verify: self.verify, include_self: self.include_self }
    }
}

/// An Osaurus server on another machine of the local network.
///
/// All texts come from the network: they are bounded and free of control characters, and nothing more is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkInstance {
    /// The name of the Mac; its host name without `.local` where it does not advertise one.
    pub name: String,
    /// The host name, such as `studio.local`.
    pub host: String,
    /// The advertised addresses that are in a network of this machine, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// The port of the server, never 0.
    pub port: u16,
    /// Where a client connects: when verifying, the address that answered.
    pub connect_to: SocketAddr,
    /// The agents that the server advertises, by name.
    pub agents: Vec<Agent>,
    /// Whether the server runs on this machine.
    pub is_self: bool,
}

impl NetworkInstance {
    /// The base URL of the server, for example `http://192.168.1.20:1337`.
    ///
    /// A link-local IPv6 address has a zone, `http://[fe80::1%en0]:1337`: the name of the interface, or its index on
    /// Windows, as the resolver of the system takes it.
    #[must_use]
    pub fn url(&self) -> String {
        match self.connect_to {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => {
                format!("http://[{}%{}]:{}", v6.ip(), interface_zone(v6.scope_id()), v6.port())
            }
            connect_to => format!("http://{connect_to}"),
        }
    }
}

/// How one state of the network became another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkChange {
    /// The whole state after the change, by name.
    pub instances: Vec<NetworkInstance>,
    /// Those of `instances` that were not there before.
    pub added: Vec<NetworkInstance>,
    /// Those of `instances` of which anything changed.
    pub updated: Vec<NetworkInstance>,
    /// Those that are gone, as they were.
    pub removed: Vec<NetworkInstance>,
    /// Why the network cannot be searched at the moment; `None` while it can.
    pub reason: Option<Error>,
}

impl NetworkChange {
    pub(crate) fn between(old: &[NetworkInstance], new: &[NetworkInstance]) -> Self {
        let find = |state: &[NetworkInstance], instance: &NetworkInstance| {
            state.iter().position(|each| each.port == instance.port && each.host == instance.host)
        };
        let (mut added, mut updated) = (Vec::new(), Vec::new());
        for instance in new {
            match find(old, instance) {
                None => added.push(instance.clone()),
                Some(index) if old[index] == *instance => {}
                Some(_) => updated.push(instance.clone()),
            }
        }
        let removed = old.iter().filter(|instance| find(new, instance).is_none()).cloned().collect();
        Self { instances: new.to_vec(), added, updated, removed, reason: None }
    }
}

/// What a watcher of the network receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkEvent {
    /// The state or the reason has changed. The first one is the state so far, which is empty.
    Change(NetworkChange),
    /// The watcher continues but cannot see the network:
    /// [`NetworkUnavailable`](crate::ErrorCode::NetworkUnavailable), or [`Io`](crate::ErrorCode::Io) if the system has no
    /// descriptor or thread left, until it can, reported once for each outage; and
    /// [`Internal`](crate::ErrorCode::Internal) after a bug was caught.
    Warning(Error),
}

/// A watcher of the network. It ends when it is closed or dropped.
pub struct NetworkWatcher {
    _handle: watcher::Handle,
}

impl NetworkWatcher {
    /// Ends the watcher: its thread and sockets are closed soon after this returns.
    pub fn close(self) {}
}

impl fmt::Debug for NetworkWatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkWatcher").finish_non_exhaustive()
    }
}

/// Watches for Osaurus servers that other machines of the local network advertise by DNS-SD.
///
/// `on_event` is called on the watcher's own thread. Multicast DNS queries leave this machine from the first call on; with
/// verification, which is the default, each server gets one request, `GET /`, and one more whenever its address
/// changes. Nothing else is sent.
///
/// # Errors
///
/// [`Io`](crate::ErrorCode::Io) if the system has no thread left. That the network cannot be used is a
/// [`NetworkEvent::Warning`], because it may become available at any time.
///
/// ```no_run
/// use osaurus_discovery::network::{NetworkEvent, NetworkOptions, watch};
///
/// let watcher = watch(&NetworkOptions::new(), |event| {
///     if let NetworkEvent::Change(change) = event {
///         for instance in change.added {
///             println!("{} at {}", instance.name, instance.url());
///         }
///     }
/// })?;
/// std::thread::sleep(std::time::Duration::from_secs(2));
/// watcher.close();
/// # Ok::<(), osaurus_discovery::Error>(())
/// ```
pub fn watch(
    options: &NetworkOptions,
    on_event: impl FnMut(NetworkEvent) + Send + 'static,
) -> Result<NetworkWatcher, Error> {
    let handle = watcher::start(*options, Box::new(on_event))
        .map_err(|error| Error::no_thread(Operation::Watch, &error))?;
    Ok(NetworkWatcher { _handle: handle })
}
