//! Defines the options of a discovery and resolves them into directories to scan.

use std::path::PathBuf;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::sources::runtime_dir::{self, RuntimeDir};

/// How long a server on this machine may take to answer, if it is well.
pub const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// Where to look, and how. The default is what the Osaurus guide recommends: `~/.osaurus/runtime`, files alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoverOptions {
    base_dir: Option<PathBuf>,
    legacy_dirs: Option<bool>,
    probe_timeout: Option<Duration>,
}

impl DiscoverOptions {
    /// Looks at `~/.osaurus/runtime` of this user, and trusts what the files say.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at this folder instead, which should be absolute.
    #[must_use]
    pub fn base_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.base_dir = Some(path.into());
        self
    }

    /// Looks also where older versions of Osaurus published; by default only when verifying, since what is there
    /// are mostly leftovers. Nothing with [`base_dir`](Self::base_dir).
    #[must_use]
    pub fn legacy_dirs(mut self, look: bool) -> Self {
        self.legacy_dirs = Some(look);
        self
    }

    /// Counts only servers that answer on the loopback interface as Osaurus does, each within this time from its
    /// connect. [`PROBE_TIMEOUT`] is a good one. Without it no socket is opened.
    ///
    /// What this cannot know: a file cannot be tied to a listener over HTTP, so a server that answers on a leftover's
    /// port is taken for the leftover's; entries of one port are therefore one server, the newest.
    #[must_use]
    pub fn verify(mut self, probe_timeout: Duration) -> Self {
        self.probe_timeout = Some(probe_timeout);
        self
    }

    /// Whether it opens sockets, and so may wait.
    #[cfg(feature = "node")]
    pub(crate) fn opens_sockets(&self) -> bool {
        self.probe_timeout.is_some()
    }

    /// The same with the folders settled, which takes the home folder of the moment, and with a way to end it.
    pub(crate) fn plan(self, cancel: CancelToken) -> Result<Plan, Error> {
        let dirs = match self.base_dir {
            Some(path) => vec![RuntimeDir::chosen(path)],
            None => runtime_dir::for_current_user(self.legacy_dirs.unwrap_or(self.probe_timeout.is_some()))?,
        };
        Ok(Plan { dirs, probe_timeout: self.probe_timeout, cancel })
    }
}

/// A request whose folders are settled, so that it can move to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub dirs: Vec<RuntimeDir>,
    pub probe_timeout: Option<Duration>,
    pub cancel: CancelToken,
}
