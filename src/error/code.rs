//! Names the codes of errors, which are the same in Rust and Node.

/// The stable code of an [`Error`](super::Error), equal to `error.code` in Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// No directory of instances exists, or none holds a valid entry.
    NotFound,
    /// No instance is running, but at least one is starting or restarting.
    Starting,
    /// Instances are published as running, but none answered as Osaurus; only when verifying.
    NotResponding,
    /// A directory exists that this process may not read, and no other directory held an instance.
    AccessDenied,
    /// A directory cannot be read for another reason and no other held an instance, or the system has no descriptor,
    /// port or thread left.
    Io,
    /// A watcher receives no file events and scans once a second instead.
    WatchDegraded,
    /// Multicast DNS does not work on any network of this machine at the moment.
    NetworkUnavailable,
    /// The caller cancelled the [`CancelToken`](crate::CancelToken).
    Cancelled,
    /// A bug in this crate, caught before it could do harm.
    Internal,
}

impl ErrorCode {
    /// Returns the code as a string, for example `OSAURUS_NOT_FOUND`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "OSAURUS_NOT_FOUND",
            Self::Starting => "OSAURUS_STARTING",
            Self::NotResponding => "OSAURUS_NOT_RESPONDING",
            Self::AccessDenied => "OSAURUS_ACCESS_DENIED",
            Self::Io => "OSAURUS_IO",
            Self::WatchDegraded => "OSAURUS_WATCH_DEGRADED",
            Self::NetworkUnavailable => "OSAURUS_NETWORK_UNAVAILABLE",
            Self::Cancelled => "ABORT_ERR",
            Self::Internal => "OSAURUS_INTERNAL",
        }
    }

    /// Whether every directory was scanned and no instance is running, which a list reports as empty.
    pub(crate) fn means_none_running(self) -> bool {
        matches!(self, Self::NotFound | Self::Starting | Self::NotResponding)
    }
}
