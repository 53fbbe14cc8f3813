//! Defines an instance, and the candidate for one: an entry that says it is running.

use std::borrow::Cow;
use std::ffi::OsString;
use std::net::SocketAddr;

use chrono::{DateTime, Utc};

use crate::rank::Rank;

/// A running Osaurus, as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The id of the launch, unique for every launch. The name of the entry if the file has none.
    pub instance_id: String,
    /// When Osaurus last wrote the file. The modification time of the entry if the file has none.
    ///
    /// This is not a heartbeat: Osaurus writes on a change of health, configuration or address only.
    pub updated_at: DateTime<Utc>,
    /// The published address: an IPv4 or IPv6 literal or a host name.
    pub address: String,
    /// The port, never 0.
    pub port: u16,
    /// The URL that a client on this machine connects to, for example `http://127.0.0.1:1337`.
    pub url: String,
    /// Whether the server accepts connections from the network, in which case every client needs an access key.
    pub expose_to_network: bool,
}

/// An entry that says it is running, with what is needed to order and to probe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The index of the scanned directory in the plan.
    pub dir: usize,
    /// The name of the entry.
    pub name: OsString,
    /// The loopback address to probe.
    pub server: SocketAddr,
    /// The modification time of the file, which breaks ties.
    pub file_modified: DateTime<Utc>,
    /// The instance as published.
    pub instance: Instance,
}

impl Candidate {
    /// Returns the key that candidates are ordered by.
    pub fn rank(&self) -> Rank<'_> {
        Rank {
            updated_at: self.instance.updated_at,
            file_modified: self.file_modified,
            instance_id: Cow::Borrowed(&self.instance.instance_id),
            name: &self.name,
        }
    }

    /// Returns the instance after its server has answered: its URL is the one that answered.
    pub fn verified(mut self) -> Instance {
        self.instance.url = format!("http://{}", self.server);
        self.instance
    }
}
