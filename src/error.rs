//! Defines errors: a stable code, the facts behind it, and the English for Rust callers.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::outcome::{IgnoredReason, ProbeOutcome};

mod code;
mod words;

pub use code::ErrorCode;

/// The reason why there is no result.
///
/// [`code`](Self::code) is stable, [`details`](Self::details) holds the facts, and `Display` says what happened, where,
/// and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorDetails>);

/// The facts of an [`Error`]: paths, addresses, what was seen, and what the system said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorDetails {
    /// No instance is running.
    NotFound(NotFound),
    /// An entry says that Osaurus is about to run.
    Starting {
        /// The directory of the instance.
        path: PathBuf,
        /// Whether it was running before.
        restarting: bool,
    },
    /// No published instance answered as Osaurus.
    NotResponding {
        /// The newest few servers and how each answered.
        servers: Vec<(SocketAddr, ProbeOutcome)>,
        /// The number of servers that are published.
        total: usize,
    },
    /// This process may not read a directory.
    AccessDenied {
        /// The directory.
        path: PathBuf,
        /// The parent directory that denies access, unless the directory itself does.
        blocked_by: Option<PathBuf>,
        /// The error of the system.
        system_error: String,
    },
    /// A directory cannot be read for another reason than access rights.
    UnreadableDirectory {
        /// The directory.
        path: PathBuf,
        /// The error of the system.
        system_error: String,
    },
    /// A directory was expected, and the path leads to something else.
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The system knows no home directory for this user.
    UnknownHome,
    /// The system has run out of what a probe or a watcher needs.
    ResourceExhausted {
        /// What was about to be done.
        operation: Operation,
        /// What has run out.
        resource: Resource,
        /// The error of the system.
        system_error: String,
    },
    /// A watcher receives no file events.
    WatchDegraded(DegradedCause),
    /// No network takes multicast packets.
    NetworkUnavailable {
        /// Whether this machine is in a network, so that it is the system that refuses.
        connected: bool,
        /// The error of the system.
        system_error: String,
    },
    /// The caller cancelled the call.
    Cancelled,
    /// Code of this crate panicked.
    Internal {
        /// The message of the panic.
        panic: String,
        /// Whether a watcher goes on without file events because of it.
        degraded: bool,
    },
}

/// What was scanned where no instance is running.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotFound {
    /// The directories that were scanned.
    pub read: Vec<PathBuf>,
    /// The directories that do not exist.
    pub missing: Vec<PathBuf>,
    /// The number of ignored entries for each reason.
    pub ignored: Vec<(IgnoredReason, usize)>,
    /// An entry that looks like the directory of instances itself: its parent was given instead.
    pub nested_runtime_dir: Option<PathBuf>,
    /// The file or the directory that denies access to an entry, and the error of the system.
    pub unreadable: Option<(PathBuf, String)>,
}

/// An operation that needs descriptors, ports or threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Connecting to servers.
    Probe,
    /// Watching directories.
    Watch,
}

/// A resource that the system can run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// File descriptors, or memory.
    Descriptors,
    /// Ports for outgoing connections.
    Ports,
    /// Threads.
    Threads,
}

/// Why a watcher receives no file events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DegradedCause {
    /// The directory is on a disk that other machines or programs may write to without an event.
    SharedDisk {
        /// The directory.
        path: PathBuf,
    },
    /// This process may not read the directory.
    Unreadable {
        /// The directory.
        path: PathBuf,
    },
    /// The directory has more entries than can be watched.
    TooManyEntries {
        /// The directory.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// This user may watch no more directories.
    WatchLimit,
    /// The process or the user has no descriptor or event queue left.
    ResourceExhausted {
        /// The error of the system.
        system_error: String,
    },
    /// The system refuses for another reason.
    Refused {
        /// The error of the system.
        system_error: String,
    },
    /// The system dropped events because too many happened at once.
    QueueOverflow,
    /// The receiver of file events failed and was restarted.
    BackendRestarted,
}

impl Error {
    pub(crate) fn new(details: ErrorDetails) -> Self {
        Self(Box::new(details))
    }

    /// Makes an error from the system's answer to a multicast packet.
    #[cfg(feature = "network")]
    pub(crate) fn network_unavailable(connected: bool, system_error: String) -> Self {
        Self::new(ErrorDetails::NetworkUnavailable { connected, system_error })
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorDetails::Cancelled)
    }

    /// Makes an error from the payload that `catch_unwind` caught.
    pub(crate) fn from_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Self::new(ErrorDetails::Internal { panic: message.to_owned(), degraded: false })
    }

    /// Marks a panic as one that a watcher survives without file events.
    pub(crate) fn degraded_by_panic(self) -> Self {
        match *self.0 {
            ErrorDetails::Internal { panic, .. } => {
                Self::new(ErrorDetails::Internal { panic, degraded: true })
            }
            other => Self::new(other),
        }
    }

    pub(crate) fn watch_degraded(cause: DegradedCause) -> Self {
        Self::new(ErrorDetails::WatchDegraded(cause))
    }

    /// Makes an error from a failed attempt to start a thread.
    pub(crate) fn no_thread(operation: Operation, error: &io::Error) -> Self {
        Self::exhausted(operation, Resource::Threads, error)
    }

    /// Makes an error from a failed system call that needed a descriptor or a port.
    pub(crate) fn no_descriptor_or_port(operation: Operation, error: &io::Error) -> Self {
        let resource = match error.kind() {
            io::ErrorKind::AddrNotAvailable => Resource::Ports,
            _ => Resource::Descriptors,
        };
        Self::exhausted(operation, resource, error)
    }

    fn exhausted(operation: Operation, resource: Resource, error: &io::Error) -> Self {
        Self::new(ErrorDetails::ResourceExhausted { operation, resource, system_error: error.to_string() })
    }

    /// Returns the stable code. Match on this and not on the message.
    pub fn code(&self) -> ErrorCode {
        match *self.0 {
            ErrorDetails::NotFound(_) => ErrorCode::NotFound,
            ErrorDetails::Starting { .. } => ErrorCode::Starting,
            ErrorDetails::NotResponding { .. } => ErrorCode::NotResponding,
            ErrorDetails::AccessDenied { .. } => ErrorCode::AccessDenied,
            ErrorDetails::UnreadableDirectory { .. }
            | ErrorDetails::NotADirectory { .. }
            | ErrorDetails::UnknownHome
            | ErrorDetails::ResourceExhausted { .. } => ErrorCode::Io,
            ErrorDetails::WatchDegraded(_) => ErrorCode::WatchDegraded,
            ErrorDetails::NetworkUnavailable { .. } => ErrorCode::NetworkUnavailable,
            ErrorDetails::Cancelled => ErrorCode::Cancelled,
            ErrorDetails::Internal { .. } => ErrorCode::Internal,
        }
    }

    /// Returns the facts.
    pub fn details(&self) -> &ErrorDetails {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}
