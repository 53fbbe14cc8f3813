//! Describes the result of scanning one directory.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorDetails};

/// A scanned directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryReport {
    /// The absolute path.
    pub path: PathBuf,
    /// Whether only older versions of Osaurus publish there.
    pub legacy: bool,
    /// The result of the scan.
    pub status: DirectoryStatus,
}

/// The result of scanning one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryStatus {
    /// The directory was scanned.
    Read,
    /// The directory does not exist, or is a link that leads nowhere.
    Missing,
    /// The path, or a parent of it, is not a directory.
    NotADirectory,
    /// The system does not let this process read the directory.
    AccessDenied {
        /// The parent directory that denies access, unless the directory itself does.
        blocked_by: Option<PathBuf>,
        /// The error of the system.
        system_error: String,
    },
    /// The directory cannot be read for another reason.
    Error {
        /// The error of the system.
        system_error: String,
    },
}

impl DirectoryStatus {
    /// Classifies the result of a scan.
    pub(crate) fn of(path: &Path, result: io::Result<()>) -> Self {
        let Err(error) = result else { return Self::Read };
        let system_error = error.to_string();
        match error.kind() {
            ErrorKind::NotFound => Self::Missing,
            ErrorKind::NotADirectory => Self::NotADirectory,
            // EACCES and EPERM: a macOS sandbox answers with the latter.
            ErrorKind::PermissionDenied => Self::AccessDenied { blocked_by: blocked_by(path), system_error },
            _ => Self::Error { system_error },
        }
    }

    /// Returns the error of a directory that exists and cannot be read.
    pub(crate) fn as_error(&self, path: &Path) -> Option<Error> {
        let path = path.to_owned();
        Some(Error::new(match self.clone() {
            Self::Read | Self::Missing => return None,
            Self::NotADirectory => ErrorDetails::NotADirectory { path },
            Self::AccessDenied { blocked_by, system_error } => {
                ErrorDetails::AccessDenied { path, blocked_by, system_error }
            }
            Self::Error { system_error } => ErrorDetails::UnreadableDirectory { path, system_error },
        }))
    }
}

/// Returns the nearest parent of an unreachable path that this process can see, which is the one that denies access.
pub(crate) fn blocked_by(path: &Path) -> Option<PathBuf> {
    let visible = path.ancestors().find(|each| each.symlink_metadata().is_ok())?;
    (visible != path).then(|| visible.to_owned())
}
