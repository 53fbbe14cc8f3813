//! Defines why an entry is ignored and how a server answered.

use std::fmt;
use std::time::Duration;

/// Why an entry does not count as a running Osaurus.
///
/// [`as_str`](Self::as_str) gives the stable word of each reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IgnoredReason {
    /// The name begins with a dot.
    Hidden,
    /// The entry is a plain file, FIFO, socket or device where a directory is expected.
    NotADirectory,
    /// The entry is a symbolic link where a directory is expected.
    Link,
    /// The directory has no `configuration.json`, which is normal for a moment while Osaurus starts or stops.
    MissingFile,
    /// `configuration.json` is a directory, a link, a FIFO, a socket or a device.
    NotARegularFile,
    /// `configuration.json` has more than 64 KiB.
    TooLarge,
    /// The system refuses to read the file.
    Unreadable,
    /// The file is not UTF-8, not JSON, or nested more than 127 levels deep.
    NotJson,
    /// The file is JSON, but not an object.
    NotAnObject,
    /// `health` is missing or not a string.
    BadHealth,
    /// `health` is a string other than `running`, `starting` and `restarting`.
    NotRunning,
    /// `port` is missing or not a whole number from 1 to 65535.
    BadPort,
    /// `address` is missing or neither an IP address nor a host name.
    BadAddress,
    /// `instanceId` is not a string.
    BadInstanceId,
    /// `exposeToNetwork` is not a boolean.
    BadExposeToNetwork,
    /// A newer entry has the same `instanceId`.
    DuplicateId,
    /// A newer entry leads to the same port, so both are one server; only when verifying.
    DuplicatePort,
    /// The server does not answer as Osaurus; only when verifying.
    NotResponding,
}

impl IgnoredReason {
    /// Returns the stable word, as in `IgnoredReason` of the TypeScript types.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::NotADirectory => "not-a-directory",
            Self::Link => "link",
            Self::MissingFile => "missing-file",
            Self::NotARegularFile => "not-a-regular-file",
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
            Self::NotJson => "not-json",
            Self::NotAnObject => "not-an-object",
            Self::BadHealth => "bad-health",
            Self::NotRunning => "not-running",
            Self::BadPort => "bad-port",
            Self::BadAddress => "bad-address",
            Self::BadInstanceId => "bad-instance-id",
            Self::BadExposeToNetwork => "bad-expose-to-network",
            Self::DuplicateId => "duplicate-id",
            Self::DuplicatePort => "duplicate-port",
            Self::NotResponding => "not-responding",
        }
    }
}

impl fmt::Display for IgnoredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason why an entry is ignored, and a description of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The stable reason.
    pub reason: IgnoredReason,
    /// One sentence for a person, without the path.
    pub detail: String,
    /// The error of the system, for [`IgnoredReason::Unreadable`].
    pub system_error: Option<String>,
}

impl Ignored {
    pub(crate) fn new(reason: IgnoredReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), system_error: None }
    }
}

/// How one server answered a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The server answered as only Osaurus does.
    Osaurus,
    /// The connection was refused: no program listens on the port.
    Refused,
    /// The deadline passed before the answer was complete.
    TimedOut,
    /// Another program listens on the port. The text says what it did.
    NotOsaurus(String),
    /// The system could not carry out the probe. The text is the error of the system.
    Error(String),
}

impl fmt::Display for ProbeOutcome {
    /// Writes the predicate of a sentence whose subject is the server, for example `refused the connection`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Osaurus => f.write_str("answered as Osaurus"),
            Self::Refused => f.write_str("refused the connection"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::NotOsaurus(words) => f.write_str(words),
            Self::Error(words) => write!(f, "could not be probed ({words})"),
        }
    }
}

/// Whether a server accepts requests with the access key that was given, or without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessKeyStatus {
    /// The server needs no key.
    NotRequired,
    /// The server needs a key and none was given.
    Required,
    /// The server needs a key and accepts the one that was given.
    Accepted,
    /// The key has expired.
    Expired,
    /// The user has revoked the key.
    Revoked,
    /// The server does not know the key.
    Unknown,
    /// The server needs a key and its user has made none yet.
    NoneConfigured,
}

/// The outcome of one probe and its duration from the connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeResult {
    pub outcome: ProbeOutcome,
    pub duration: Duration,
}

impl ProbeResult {
    pub fn is_osaurus(&self) -> bool {
        self.outcome == ProbeOutcome::Osaurus
    }
}
