//! Scans one directory of instances.
//!
//! Each entry is judged on its own and never stops the others: it may vanish between two calls, be replaced at any
//! moment, be a FIFO that would block, or a link to a device that never ends.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::config::{self, Config, Running, Starting};
use crate::cancel::CancelToken;
use crate::candidate::{Candidate, Instance};
use crate::outcome::{Ignored, IgnoredReason};
use crate::rank::Rank;
use crate::system::{failpoint, is_resource_exhausted};

#[cfg_attr(unix, path = "scan/unix.rs")]
#[cfg_attr(not(unix), path = "scan/portable.rs")]
mod system;

use system::Dir;

/// The name of the file in each instance's directory.
pub const CONFIG_FILE_NAME: &str = "configuration.json";

/// One entry of a directory, borrowed from the scan: only what the caller keeps is copied.
pub enum Entry<'a> {
    Running(RunningEntry<'a>),
    Starting {
        config: Starting<'a>,
        /// The published time, or the modification time of the entry.
        updated_at: DateTime<Utc>,
    },
    Ignored(Ignored),
}

/// An entry that says it is running.
pub struct RunningEntry<'a> {
    pub rank: Rank<'a>,
    config: Running<'a>,
}

impl RunningEntry<'_> {
    /// Copies the entry, which belongs to the directory with the index `dir`.
    pub fn to_candidate(&self, dir: usize) -> Candidate {
        Candidate {
            dir,
            name: self.rank.name.to_owned(),
            server: self.config.server(),
            file_modified: self.rank.file_modified,
            instance: Instance {
                instance_id: self.rank.instance_id.clone().into_owned(),
                updated_at: self.rank.updated_at,
                address: self.config.address.clone().into_owned(),
                port: self.config.port,
                url: self.config.url(),
                expose_to_network: self.config.expose_to_network,
            },
        }
    }
}

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    Link,
    Other,
}

/// The metadata of an open file.
struct FileInfo {
    is_file: bool,
    len: u64,
    modified: SystemTime,
}

/// Scans a directory of instances and hands each entry and its name to `on_entry`, in the order of the disk.
///
/// A cancelled token ends the scan early, without an error.
///
/// # Errors
///
/// The directory itself cannot be read, or the system has run out of descriptors or memory, which is the fault of no
/// entry.
pub fn scan(
    path: &Path,
    cancel: &CancelToken,
    mut on_entry: impl FnMut(&OsStr, Entry<'_>),
) -> io::Result<()> {
    let dir = Dir::open(path)?;
    let mut bytes = Vec::new();
    dir.for_each(|name, kind| {
        failpoint("scan");
        if cancel.is_cancelled() {
            return Ok(false);
        }
        match read_entry(&dir, name, kind, &mut bytes) {
            Ok(entry) => on_entry(name, entry),
            Err(ReadError::Entry(ignored)) => on_entry(name, Entry::Ignored(ignored)),
            Err(ReadError::System(error)) => return Err(error),
        }
        Ok(true)
    })
}

/// Adds to a missing file that a file whose name differs in case exists, which only some file systems tell apart.
pub fn describe_missing_file(entry: &Path, mut ignored: Ignored) -> Ignored {
    if ignored.reason == IgnoredReason::MissingFile
        && let Ok(files) = entry.read_dir()
    {
        let names = files.flatten().map(|file| file.file_name());
        if let Some(name) = names.into_iter().find(|name| name.eq_ignore_ascii_case(CONFIG_FILE_NAME)) {
            ignored.detail += &format!(", but a {}; the names differ in case", name.display());
        }
    }
    ignored
}

/// Why an entry was not read: an error of the entry, which is ignored, or of the system, which ends the scan.
enum ReadError {
    Entry(Ignored),
    System(io::Error),
}

impl From<Ignored> for ReadError {
    fn from(ignored: Ignored) -> Self {
        Self::Entry(ignored)
    }
}

impl From<io::Error> for ReadError {
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
            _ => Ignored {
                reason: IgnoredReason::Unreadable,
                detail: format!("{CONFIG_FILE_NAME} cannot be read: {error}"),
                system_error: Some(error.to_string()),
            },
        })
    }
}

fn read_entry<'a>(
    dir: &Dir,
    name: &'a OsStr,
    kind: Kind,
    bytes: &'a mut Vec<u8>,
) -> Result<Entry<'a>, ReadError> {
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
    let or_modified = |published: Option<DateTime<Utc>>| match published {
        Some(time) => Ok(time),
        None => dir.modified(name).map(to_date),
    };
    Ok(match config::parse(bytes)? {
        Config::Running(config) => {
            let instance_id = config.instance_id.clone().unwrap_or_else(|| name.to_string_lossy());
            let updated_at = or_modified(config.updated_at)?;
            Entry::Running(RunningEntry {
                rank: Rank { updated_at, file_modified, instance_id, name },
                config,
            })
        }
        Config::Starting(mut config) => {
            config.instance_id.get_or_insert_with(|| name.to_string_lossy());
            let updated_at = or_modified(config.updated_at)?;
            Entry::Starting { config, updated_at }
        }
    })
}

/// Reads a regular file of at most [`config::MAX_BYTES`] whole.
fn read_file(mut file: File, bytes: &mut Vec<u8>) -> Result<DateTime<Utc>, ReadError> {
    let info = system::file_info(&file)?;
    if !info.is_file {
        return Err(not_a_regular_file().into());
    }
    let expected = usize::try_from(info.len).unwrap_or(usize::MAX);
    if expected > config::MAX_BYTES {
        return Err(too_large().into());
    }
    // One byte more than expected, to notice a file that has grown.
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
    Ok(to_date(info.modified))
}

fn not_a_directory() -> Ignored {
    Ignored::new(IgnoredReason::NotADirectory, "not a directory")
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

/// Converts the time of a file. A time beyond the year 262142, which no calendar has, becomes the Unix epoch.
fn to_date(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let delta = match since {
        Ok(after) => chrono::TimeDelta::from_std(after).ok(),
        Err(before) => chrono::TimeDelta::from_std(before.duration()).ok().map(|delta| -delta),
    };
    delta.and_then(|delta| DateTime::UNIX_EPOCH.checked_add_signed(delta)).unwrap_or_default()
}
