//! Why does an entry not count?

use std::fmt;

/// Why an entry is no running Osaurus. The word for each is part of the public contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IgnoredReason {
    /// The name begins with a dot.
    Hidden,
    /// A plain file, FIFO, socket or device where a folder is expected.
    NotADirectory,
    /// A symbolic link where a folder is expected.
    Link,
    /// The folder has no `configuration.json`; normal for a moment while Osaurus starts or stops.
    MissingFile,
    /// `configuration.json` is a folder, a link, a FIFO, a socket or a device.
    NotARegularFile,
    /// `configuration.json` has more than 64 KiB.
    TooLarge,
    /// The system refuses to read it.
    Unreadable,
    /// Not UTF-8, no JSON, or nested more than 127 levels deep.
    NotJson,
    /// JSON, but no object.
    NotAnObject,
    /// `health` is missing or no string.
    BadHealth,
    /// `health` is a string that means neither running nor starting.
    NotRunning,
    /// `port` is no whole number from 1 to 65535.
    BadPort,
    /// `address` is no IP address and no host name.
    BadAddress,
    /// `instanceId` is no string.
    BadInstanceId,
    /// `exposeToNetwork` is no boolean.
    BadExposeToNetwork,
    /// A newer entry has the same `instanceId`.
    DuplicateId,
    /// A newer entry leads to the same port, so both are one server; only when verifying.
    DuplicatePort,
    /// It does not answer as Osaurus; only when verifying.
    NotResponding,
}

impl IgnoredReason {
    /// The stable word, as in `IgnoredReason` of the TypeScript types.
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

/// An entry that does not count: a stable reason, and the same in words with what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The kind of trouble.
    pub reason: IgnoredReason,
    /// One sentence for a person, without the path.
    pub detail: String,
}

impl Ignored {
    pub(crate) fn new(reason: IgnoredReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
