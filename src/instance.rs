//! What is a running Osaurus?

use chrono::{DateTime, Utc};

/// One Osaurus that says it is running, as its file published it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Unique for every launch; the folder's name where the file has none.
    pub instance_id: String,
    /// When Osaurus last wrote the file; the folder's modification time where the file does not say.
    ///
    /// It is no heartbeat: Osaurus writes on a change of health, configuration or address only.
    pub updated_at: DateTime<Utc>,
    /// The address as published: an IPv4 or IPv6 literal or a host name.
    pub address: String,
    /// The port, never 0.
    pub port: u16,
    /// Where a client on this machine connects, for example `http://127.0.0.1:1337`.
    pub url: String,
    /// Whether the server listens to the network; if so it asks every client for an access key.
    pub expose_to_network: bool,
}
