//! Words errors for Rust callers: what happened, where, and what to do.

use std::fmt::{Display, Formatter, Result};
use std::path::PathBuf;

use super::{DegradedCause, ErrorDetails, NotFound, Operation, Resource};

impl Display for ErrorDetails {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotFound(facts) => write!(f, "Osaurus not found: {facts}"),
            Self::Starting { path, .. } => write!(
                f,
                "Osaurus is starting: {} is not running yet. Watch for it, or try again in a moment.",
                path.display()
            ),
            Self::NotResponding { servers, total } => {
                f.write_str("Osaurus is not responding: published as running, but ")?;
                for (index, (server, outcome)) in servers.iter().enumerate() {
                    write!(f, "{}{server} {outcome}", if index == 0 { "" } else { "; " })?;
                }
                if *total > servers.len() {
                    write!(f, "; and {} more", total - servers.len())?;
                }
                f.write_str(". Start Osaurus and try again.")
            }
            Self::AccessDenied { path, blocked_by, system_error } => {
                let closed = blocked_by.as_ref().unwrap_or(path).display();
                let path = path.display();
                write!(f, "Osaurus folder cannot be read: {path}: {system_error}. Give this process access to {closed}.")
            }
            Self::UnreadableDirectory { path, system_error } => {
                let path = path.display();
                write!(f, "Osaurus folder cannot be read: {path}: {system_error}. Fix the cause and try again.")
            }
            Self::NotADirectory { path } => {
                let path = path.display();
                write!(f, "Osaurus folder cannot be read: {path} is not a directory. Remove it, or pass another directory.")
            }
            Self::UnknownHome => f.write_str(
                "Osaurus folder cannot be read: the home directory of this user is unknown. Set HOME, or pass a directory.",
            ),
            Self::ResourceExhausted { operation, resource, system_error } => {
                let operation = match operation {
                    Operation::Probe => "probed",
                    Operation::Watch => "watched",
                };
                let advice = match resource {
                    Resource::Descriptors => {
                        "Close files or sockets of this process, or raise its limit (ulimit -n)."
                    }
                    Resource::Ports => {
                        "All ports for outgoing connections are taken: close some, or try again in a minute."
                    }
                    Resource::Threads => "End threads or processes of this user.",
                };
                write!(f, "Osaurus cannot be {operation}: {system_error}. {advice}")
            }
            Self::WatchDegraded(cause) => {
                write!(f, "File events are unavailable: {cause}. Scanning once a second instead.")
            }
            Self::NetworkUnavailable { connected, system_error } => {
                let advice = if !connected {
                    "Connect this machine to a network."
                } else if cfg!(target_os = "macos") {
                    "Allow this app under System Settings > Privacy & Security > Local Network."
                } else {
                    "Allow this program to share UDP port 5353 and to send multicast packets."
                };
                write!(f, "The local network cannot be searched: {system_error}. {advice}")
            }
            Self::Cancelled => f.write_str("The operation was cancelled"),
            Self::Internal { panic, degraded } => {
                write!(f, "Internal error in osaurus-discovery: {panic}. Please report this bug.")?;
                if *degraded { f.write_str(" Scanning once a second from now on.") } else { Ok(()) }
            }
        }
    }
}

impl Display for NotFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (&*self.read, &*self.missing) {
            ([], [only]) => write!(f, "{} does not exist", only.display())?,
            ([], [current, older @ ..]) => {
                let (current, older) = (current.display(), older.len());
                write!(f, "{current} does not exist, nor do {older} directories of older versions")?;
            }
            (read, _) if self.ignored.is_empty() => write!(f, "no instance in {}", list(read))?,
            (read, _) => {
                let reasons = self.ignored.iter().map(|(reason, count)| format!("{count} {reason}"));
                let reasons = reasons.collect::<Vec<_>>().join(", ");
                write!(f, "no running instance in {} ({reasons})", list(read))?;
            }
        }
        if let Some(nested) = &self.nested_runtime_dir {
            write!(f, ". Pass {} instead.", nested.display())
        } else if let Some((path, system_error)) = &self.unreadable {
            write!(
                f,
                ". {}: {system_error}. Osaurus may be running: give this process access to it.",
                path.display()
            )
        } else {
            f.write_str(". Start Osaurus and try again.")
        }
    }
}

impl Display for DegradedCause {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::SharedDisk { path } => {
                write!(f, "{} is on a disk that others may write to without an event", path.display())
            }
            Self::Unreadable { path } => write!(f, "this process may not read {}", path.display()),
            Self::TooManyEntries { path, limit } => {
                let path = path.display();
                write!(f, "{path} has more than {limit} entries; remove what crashes have left there")
            }
            Self::WatchLimit => f.write_str(
                "this user may watch no more directories; raise the limit fs.inotify.max_user_watches",
            ),
            Self::ResourceExhausted { system_error } => write!(
                f,
                "{system_error}; close files or raise the limits (ulimit -n, fs.inotify.max_user_instances)"
            ),
            Self::Refused { system_error } => f.write_str(system_error),
            Self::QueueOverflow => f.write_str("the system dropped some because too many happened at once"),
            Self::BackendRestarted => f.write_str("their receiver failed and was restarted"),
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{IgnoredReason, ProbeOutcome};

    fn not_found(facts: NotFound) -> ErrorDetails {
        ErrorDetails::NotFound(facts)
    }

    #[test]
    fn a_message_says_what_happened_where_and_what_to_do() {
        let path = PathBuf::from("/runtime");
        let denied = || "Permission denied".to_owned();
        let server = "127.0.0.1:1337".parse().unwrap();
        let cases = [
            (
                not_found(NotFound { missing: vec![path.clone()], ..NotFound::default() }),
                "Osaurus not found: /runtime does not exist. Start Osaurus and try again.",
            ),
            (
                not_found(NotFound {
                    missing: vec![path.clone(), "/older".into(), "/oldest".into()],
                    ..NotFound::default()
                }),
                "Osaurus not found: /runtime does not exist, nor do 2 directories of older versions. Start Osaurus and try again.",
            ),
            (
                not_found(NotFound { read: vec![path.clone()], ..NotFound::default() }),
                "Osaurus not found: no instance in /runtime. Start Osaurus and try again.",
            ),
            (
                not_found(NotFound {
                    read: vec![path.clone()],
                    ignored: vec![(IgnoredReason::NotJson, 2), (IgnoredReason::Hidden, 1)],
                    ..NotFound::default()
                }),
                "Osaurus not found: no running instance in /runtime (2 not-json, 1 hidden). Start Osaurus and try again.",
            ),
            (
                not_found(NotFound {
                    read: vec![path.clone()],
                    ignored: vec![(IgnoredReason::Unreadable, 1)],
                    unreadable: Some(("/runtime/A".into(), denied())),
                    ..NotFound::default()
                }),
                "Osaurus not found: no running instance in /runtime (1 unreadable). /runtime/A: Permission denied. \
                 Osaurus may be running: give this process access to it.",
            ),
            (
                ErrorDetails::NotResponding { servers: vec![(server, ProbeOutcome::Refused)], total: 3 },
                "Osaurus is not responding: published as running, but 127.0.0.1:1337 refused the connection; and 2 more. \
                 Start Osaurus and try again.",
            ),
            (
                ErrorDetails::AccessDenied {
                    path: path.clone(),
                    blocked_by: Some("/".into()),
                    system_error: denied(),
                },
                "Osaurus folder cannot be read: /runtime: Permission denied. Give this process access to /.",
            ),
            (
                ErrorDetails::NotADirectory { path },
                "Osaurus folder cannot be read: /runtime is not a directory. Remove it, or pass another directory.",
            ),
            (
                ErrorDetails::WatchDegraded(DegradedCause::BackendRestarted),
                "File events are unavailable: their receiver failed and was restarted. Scanning once a second instead.",
            ),
            (
                ErrorDetails::Internal { panic: "oh".into(), degraded: true },
                "Internal error in osaurus-discovery: oh. Please report this bug. Scanning once a second from now on.",
            ),
        ];
        for (details, expected) in cases {
            assert_eq!(details.to_string(), expected);
        }
    }
}
