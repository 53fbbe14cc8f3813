//! What can go wrong, in words and in stable codes?

use std::fmt;

/// The stable code of an [`Error`], the same as `error.code` in Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// No folder, or nothing valid in it.
    NotFound,
    /// Nothing runs yet, but at least one Osaurus is starting or restarting.
    Starting,
    /// Published as running, but none answered as Osaurus; only when verifying.
    NotResponding,
    /// A folder is there and may not be read, and no other gave an instance.
    AccessDenied,
    /// A folder is there and cannot be read for another reason, and no other gave an instance.
    Io,
    /// File events are missing, so a watcher looks once a second instead.
    WatchDegraded,
    /// The network cannot be searched.
    NetworkUnavailable,
    /// The caller raised the [`CancelToken`](crate::CancelToken) flag.
    Cancelled,
    /// A bug in this crate, caught before it could do harm.
    Internal,
}

impl ErrorCode {
    /// The code as a string.
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

    /// Whether everything was looked at, and nothing runs: an empty list, for those who ask for a list.
    pub(crate) fn means_that_none_runs(self) -> bool {
        matches!(self, Self::NotFound | Self::Starting | Self::NotResponding)
    }
}

/// Why there is no answer: what was looked at, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    message: String,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn network_unavailable(system: &str, _kind: Option<std::io::ErrorKind>) -> Self {
        Self::new(ErrorCode::NetworkUnavailable, system)
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorCode::Cancelled, "The operation was aborted")
    }

    /// From what `catch_unwind` caught.
    pub(crate) fn from_panic(panic: &(dyn std::any::Any + Send)) -> Self {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Self::new(
            ErrorCode::Internal,
            format!(
                "osaurus-discovery failed inside: {said}. This is a bug in osaurus-discovery, please report it"
            ),
        )
    }

    /// The stable code; match on this, not on the message.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
