//! What does one folder of instances hold?
//!
//! Every entry is judged on its own, and nothing about it stops the others: it may vanish between two calls, be
//! replaced at any moment, be a FIFO that would block or a link to a device that never ends.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::cancel::CancelToken;
use crate::ignored::{Ignored, IgnoredReason};
use crate::sources::config::{self, Config};
use crate::system::failpoint;
use crate::system::is_resource_exhausted;

#[cfg_attr(unix, path = "scan/unix.rs")]
#[cfg_attr(not(unix), path = "scan/portable.rs")]
mod system;

use system::Dir;

/// The file in each instance's folder.
pub const CONFIG_FILE_NAME: &str = "configuration.json";

/// One entry of a folder, borrowed from the scan: only what the caller keeps is copied.
pub struct Entry<'a> {
    /// The folder's name.
    pub name: &'a OsStr,
    /// What its file says, or why it does not count.
    pub verdict: Result<Published<'a>, Ignored>,
}

/// What an entry's file says, and when it was written.
pub struct Published<'a> {
    pub config: Config<'a>,
    /// As published, or else the folder's modification time.
    pub updated_at: DateTime<Utc>,
    /// The file's own modification time, which settles ties.
    pub file_modified: DateTime<Utc>,
}

/// What the system says an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    Link,
    Other,
}

/// What the system says an open file is.
struct FileInfo {
    is_file: bool,
    len: u64,
    modified: SystemTime,
}

/// Reads a folder of instances and hands every entry to `each`, in the order of the disk.
///
/// A raised flag ends the scan early, without an error.
///
/// # Errors
///
/// Where the folder itself cannot be read, or the system has run out of what reading needs (file descriptors,
/// memory), which is no entry's fault.
pub fn scan(path: &Path, cancel: &CancelToken, mut each: impl FnMut(Entry<'_>)) -> io::Result<()> {
    let dir = Dir::open(path)?;
    let mut bytes = Vec::new();
    dir.for_each(|name, kind| {
        failpoint("scan");
        if cancel.is_cancelled() {
            return Ok(false);
        }
        match read_entry(&dir, name, kind, &mut bytes) {
            Ok(published) => each(Entry { name, verdict: Ok(published) }),
            Err(Trouble::Entry(ignored)) => each(Entry { name, verdict: Err(ignored) }),
            Err(Trouble::System(error)) => return Err(error),
        }
        Ok(true)
    })
}

/// Whose trouble it is: the entry's, which costs this entry, or the system's, which costs the scan.
enum Trouble {
    Entry(Ignored),
    System(io::Error),
}

impl From<Ignored> for Trouble {
    fn from(ignored: Ignored) -> Self {
        Self::Entry(ignored)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if is_resource_exhausted(&error) {
            return Self::System(error);
        }
        Self::Entry(match error.kind() {
            ErrorKind::NotFound => {
                Ignored::new(IgnoredReason::MissingFile, format!("there is no {CONFIG_FILE_NAME} in it"))
            }
            ErrorKind::NotADirectory => not_a_directory(),
            _ if system::is_special_file(&error) => not_a_regular_file(),
            _ => {
                Ignored::new(IgnoredReason::Unreadable, format!("{CONFIG_FILE_NAME} cannot be read: {error}"))
            }
        })
    }
}

fn read_entry<'a>(
    dir: &Dir,
    name: &OsStr,
    kind: Kind,
    bytes: &'a mut Vec<u8>,
) -> Result<Published<'a>, Trouble> {
    if name.as_encoded_bytes().starts_with(b".") {
        return Err(Ignored::new(IgnoredReason::Hidden, "its name begins with a dot").into());
    }
    match kind {
        Kind::Directory => {}
        Kind::Link => {
            return Err(Ignored::new(IgnoredReason::Link, "a symbolic link, which is not followed").into());
        }
        Kind::Other => return Err(not_a_directory().into()),
    }
    let file_modified = read_file(dir.open_file(name)?, bytes)?;
    let config = config::parse(bytes)?;
    let published = match &config {
        Config::Running(running) => running.updated_at,
        Config::Starting(starting) => starting.updated_at,
    };
    let updated_at = match published {
        Some(time) => time,
        None => time(dir.modified(name)?),
    };
    Ok(Published { config, updated_at, file_modified })
}

/// Reads a regular file of at most [`config::MAX_BYTES`] whole, in as many calls as it has parts: one.
fn read_file(mut file: File, bytes: &mut Vec<u8>) -> Result<DateTime<Utc>, Trouble> {
    let facts = system::file_info(&file)?;
    if !facts.is_file {
        return Err(not_a_regular_file().into());
    }
    let expected = usize::try_from(facts.len).unwrap_or(usize::MAX);
    if expected > config::MAX_BYTES {
        return Err(too_large().into());
    }
    // One more than expected, so that a file that grew meanwhile is noticed.
    bytes.resize(expected + 1, 0);
    let mut filled = 0;
    loop {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        if filled == expected {
            break;
        }
        if filled == bytes.len() {
            if filled > config::MAX_BYTES {
                return Err(too_large().into());
            }
            bytes.resize(config::MAX_BYTES + 1, 0);
        }
    }
    bytes.truncate(filled);
    Ok(time(facts.modified))
}

fn not_a_directory() -> Ignored {
    Ignored::new(IgnoredReason::NotADirectory, "not a folder")
}

fn not_a_regular_file() -> Ignored {
    Ignored::new(IgnoredReason::NotARegularFile, format!("{CONFIG_FILE_NAME} is not a regular file"))
}

fn too_large() -> Ignored {
    Ignored::new(
        IgnoredReason::TooLarge,
        format!("{CONFIG_FILE_NAME} has more than {} bytes", config::MAX_BYTES),
    )
}

/// A file's time as a date; one that no calendar has (beyond the year 262142) counts as the Unix epoch.
fn time(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let delta = match since {
        Ok(after) => chrono::TimeDelta::from_std(after).ok(),
        Err(before) => chrono::TimeDelta::from_std(before.duration()).ok().map(|delta| -delta),
    };
    delta.and_then(|delta| DateTime::UNIX_EPOCH.checked_add_signed(delta)).unwrap_or_default()
}
