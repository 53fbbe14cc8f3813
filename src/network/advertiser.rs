//! Advertises a server by DNS-SD as Osaurus does, for the fake of the testing kit.

use std::time::Duration;

use flume::Receiver;
use mdns_sd::{DaemonStatus, IfKind, ServiceDaemon, ServiceInfo};

use super::address_policy::is_connected;
use super::advertisement::{AGENT_SERVICE, Agent, MACHINE_SERVICE};
use super::multicast;
use crate::error::{Error, Operation};

/// A DNS label has at most 63 bytes.
const MAX_LABEL_BYTES: usize = 63;

/// The daemon answers in microseconds unless the machine is overloaded.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// What is advertised.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The host name without `.local`. It must be unique on the network.
    pub host: String,
    /// The name of the Mac as its user reads it.
    pub machine: String,
    /// The port of the server.
    pub port: u16,
    /// The agents that are visible on the network.
    pub agents: Vec<Agent>,
    /// Whether only programs of this machine hear it.
    pub loopback_only: bool,
}

/// A server that is advertised until this is dropped.
pub struct Advertiser {
    daemon: ServiceDaemon,
}

impl Advertiser {
    /// Announces the machine and its agents, and answers queries for them from then on.
    pub fn start(announcement: &Announcement) -> Result<Self, Error> {
        let unavailable =
            |error: std::io::Error| Error::network_unavailable(is_connected(), error.to_string());
        multicast::check_port().map_err(unavailable)?;
        // It fails only where a descriptor or a thread is missing.
        let no_resource = |error: mdns_sd::Error| {
            Error::no_descriptor_or_port(Operation::Watch, &std::io::Error::other(error.to_string()))
        };
        let advertiser = Self { daemon: ServiceDaemon::new().map_err(no_resource)? };
        advertiser
            .register(announcement)
            .map_err(|error| unavailable(std::io::Error::other(error.to_string())))?;
        Ok(advertiser)
    }

    fn register(&self, announcement: &Announcement) -> Result<(), mdns_sd::Error> {
        if announcement.loopback_only {
            self.daemon.disable_interface(IfKind::All)?;
            self.daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        self.daemon.register(announcement.machine_service()?)?;
        for agent in &announcement.agents {
            self.daemon.register(announcement.agent_service(agent)?)?;
        }
        // The daemon answers once it has announced all of them.
        let _ = self.daemon.status()?.recv_timeout(ANSWER_TIMEOUT);
        Ok(())
    }

    /// Says goodbye, and waits until that is sent.
    pub fn withdraw(self) {
        if let Some(done) = self.shut_down() {
            let _ = done.recv_timeout(ANSWER_TIMEOUT);
        }
    }

    fn shut_down(&self) -> Option<Receiver<DaemonStatus>> {
        self.daemon.shutdown().ok()
    }
}

impl Drop for Advertiser {
    fn drop(&mut self) {
        let _ = self.shut_down();
    }
}

impl Announcement {
    fn machine_service(&self) -> Result<ServiceInfo, mdns_sd::Error> {
        self.service(MACHINE_SERVICE, &self.machine, &[("name", &self.machine), ("v", "1")])
    }

    fn agent_service(&self, agent: &Agent) -> Result<ServiceInfo, mdns_sd::Error> {
        let mut txt = vec![("name", &*agent.name), ("id", &*agent.id)];
        txt.extend(agent.description.as_deref().map(|description| ("description", description)));
        if let Some(address) = &agent.address {
            txt.extend([("address", &**address), ("osc", "1")]);
        }
        self.service(AGENT_SERVICE, &agent.name, &txt)
    }

    fn service(
        &self,
        service_type: &str,
        name: &str,
        txt: &[(&str, &str)],
    ) -> Result<ServiceInfo, mdns_sd::Error> {
        let host = format!("{}.local.", self.host);
        let instance = instance_name(name, &self.host);
        let addresses = if self.loopback_only { "127.0.0.1" } else { "" };
        let mut service = ServiceInfo::new(service_type, &instance, &host, addresses, self.port, txt)?;
        // The host is unique, and so every name that contains it: a second of probing would find no conflict.
        service.set_requires_probe(false);
        Ok(if self.loopback_only {
            service.set_interfaces(vec![IfKind::LoopbackV4]);
            service
        } else {
            service.set_interfaces(vec![IfKind::IPv4]);
            service.enable_addr_auto()
        })
    }
}

/// `<name>@<host>`, of which the name is cut where it is too long for a label.
fn instance_name(name: &str, host: &str) -> String {
    let mut end = name.len().min(MAX_LABEL_BYTES.saturating_sub(host.len() + 1));
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}@{host}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_name_is_cut_at_a_character_and_keeps_the_host() {
        assert_eq!(instance_name("Notes", "fake-1"), "Notes@fake-1");
        let long = instance_name(&"é".repeat(60), "fake-1");
        assert_eq!(long, format!("{}@fake-1", "é".repeat(28)));
    }

    #[test]
    fn an_agent_has_its_address_and_the_secure_channel_only_together() {
        let announcement = Announcement {
            host: "fake-1".into(),
            machine: "Studio".into(),
            port: 20_000,
            agents: Vec::new(),
            loopback_only: true,
        };
        let agent = Agent { id: "1".into(), name: "Notes".into(), description: None, address: None };
        let plain = announcement.agent_service(&agent).unwrap();
        assert_eq!(plain.get_property_val_str("id"), Some("1"));
        assert!(plain.get_property("description").is_none());
        assert!(plain.get_property("osc").is_none());
        let signing = Agent { address: Some("0x12".into()), ..agent };
        let signing = announcement.agent_service(&signing).unwrap();
        assert_eq!(signing.get_property_val_str("address"), Some("0x12"));
        assert_eq!(signing.get_property_val_str("osc"), Some("1"));
    }
}
