//! Defines the options of a discovery and resolves them into directories to scan.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::sources::runtime_dir::{self, RuntimeDir};

/// The time in which a healthy server on this machine answers, many times over.
pub const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// The port that Osaurus listens on unless its user chooses another one.
const DEFAULT_PORT: u16 = 1337;

/// The variable that moves the fallback to another port, or disables it with `0`. It exists for tests, which must not
/// connect to a real Osaurus.
const FALLBACK_PORT: &str = "OSAURUS_DISCOVERY_FALLBACK_PORT";

/// Where to search and whether to verify. The default scans `~/.osaurus/runtime` and trusts the files.
///
/// ```
/// use osaurus_discovery::{DiscoverOptions, PROBE_TIMEOUT};
///
/// let options = DiscoverOptions::new().verify(PROBE_TIMEOUT);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoverOptions {
    base_dir: Option<PathBuf>,
    legacy_dirs: Option<bool>,
    probe_timeout: Option<Duration>,
    access_key: Option<AccessKey>,
}

/// An access key, which no formatting shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessKey(pub String);

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey(..)")
    }
}

impl DiscoverOptions {
    /// Returns the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans this directory instead of `~/.osaurus/runtime`. The path should be absolute.
    #[must_use]
    pub fn base_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.base_dir = Some(path.into());
        self
    }

    /// Scans the directories of older versions of Osaurus too. Has no effect with [`base_dir`](Self::base_dir).
    ///
    /// The default is to scan them only when verifying, because most of what they hold was left behind by crashes.
    #[must_use]
    pub fn legacy_dirs(mut self, scan: bool) -> Self {
        self.legacy_dirs = Some(scan);
        self
    }

    /// Counts only servers that answer as Osaurus on the loopback interface, each within `probe_timeout` of its connect.
    /// [`PROBE_TIMEOUT`] is a good value. Without `verify` no socket is opened.
    ///
    /// Limitation: Osaurus does not report its instance id over HTTP, so a file cannot be matched to the process that
    /// listens on its port. Entries of one port therefore count as one server, which is described by the newest.
    #[must_use]
    pub fn verify(mut self, probe_timeout: Duration) -> Self {
        self.probe_timeout = Some(probe_timeout);
        self
    }

    /// Checks this access key with each verified server that requires one; only in [`inspect`](crate::inspect), and only
    /// when verifying.
    ///
    /// The key is sent to no server that has not just answered as Osaurus. It appears in no report and no error. A key
    /// with characters other than visible ASCII is not sent.
    #[must_use]
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.access_key = Some(AccessKey(key.into()));
        self
    }

    /// Whether a discovery with these options opens sockets, and so may wait.
    #[cfg(feature = "node")]
    pub(crate) fn opens_sockets(&self) -> bool {
        self.probe_timeout.is_some()
    }

    /// Resolves the directories, which looks up the home directory now, and adds a way to cancel.
    pub(crate) fn plan(self, cancel: CancelToken) -> Result<Plan, Error> {
        let verifies_defaults = self.probe_timeout.is_some() && self.base_dir.is_none();
        let fallback = if verifies_defaults { fallback_server() } else { None };
        let dirs = match self.base_dir {
            Some(path) => vec![RuntimeDir { path, legacy: false }],
            None => runtime_dir::for_current_user(self.legacy_dirs.unwrap_or(self.probe_timeout.is_some()))?,
        };
        let access_key = self.access_key.filter(|key| key.0.bytes().all(|byte| byte.is_ascii_graphic()));
        Ok(Plan { dirs, probe_timeout: self.probe_timeout, fallback, access_key, cancel })
    }
}

/// Options whose directories are resolved, so that they can move to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub dirs: Vec<RuntimeDir>,
    pub probe_timeout: Option<Duration>,
    /// The address to probe if no published instance answers. Osaurus may listen there although no file says so.
    pub fallback: Option<SocketAddr>,
    pub access_key: Option<AccessKey>,
    pub cancel: CancelToken,
}

impl Plan {
    /// Whether both plans lead to the same result.
    pub fn is_same_query(&self, other: &Self) -> bool {
        self.dirs == other.dirs
            && self.probe_timeout == other.probe_timeout
            && self.fallback == other.fallback
    }
}

fn fallback_server() -> Option<SocketAddr> {
    let port = std::env::var(FALLBACK_PORT).ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_PORT);
    (port != 0).then_some((Ipv4Addr::LOCALHOST, port).into())
}
