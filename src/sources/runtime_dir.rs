//! Locates the directories in which Osaurus publishes its instances.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorDetails};

/// A directory that holds one directory for each running instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeDir {
    /// The absolute path.
    pub path: PathBuf,
    /// Whether only older versions of Osaurus publish here.
    pub legacy: bool,
}

/// The directory that Osaurus has used since February 2026, relative to the home directory.
const CURRENT: &str = ".osaurus/runtime";

/// The directories of older versions, newest first: February 2026 if only this one existed, January 2026, September 2025,
/// and unsigned builds.
const LEGACY: [&str; 4] = [
    ".osaurus/SharedConfiguration",
    "Library/Application Support/com.dinoki.osaurus/runtime",
    "Library/Application Support/com.dinoki.osaurus/SharedConfiguration",
    "Library/Application Support/osaurus/SharedConfiguration",
];

/// Returns the directories of the current user: the current one and, with `legacy`, those of older versions after it.
///
/// Every call looks up the home directory. In a macOS sandbox, where `HOME` is the container of the app, the home
/// directory comes from the password database.
///
/// # Errors
///
/// [`Io`](crate::ErrorCode::Io) if the system knows no home directory for this user.
pub fn for_current_user(legacy: bool) -> Result<Vec<RuntimeDir>, Error> {
    let home = home().ok_or_else(|| Error::new(ErrorDetails::UnknownHome))?;
    Ok(below(&home, legacy))
}

/// Whether an entry has the name of the directory of instances, which suggests that its parent was given by mistake.
pub fn is_runtime_dir_name(entry: &OsStr) -> bool {
    Path::new(CURRENT).ends_with(entry)
}

fn below(home: &Path, legacy: bool) -> Vec<RuntimeDir> {
    let mut dirs = vec![RuntimeDir { path: home.join(CURRENT), legacy: false }];
    if legacy {
        dirs.extend(LEGACY.map(|path| RuntimeDir { path: home.join(path), legacy: true }));
    }
    dirs
}

/// The variable that macOS sets for every sandboxed process.
#[cfg(target_os = "macos")]
const SANDBOX: &str = "APP_SANDBOX_CONTAINER_ID";

fn home() -> Option<PathBuf> {
    #[cfg(target_os = "macos")]
    if std::env::var_os(SANDBOX).is_some()
        && let Ok(Some(user)) = nix::unistd::User::from_uid(nix::unistd::Uid::current())
    {
        return Some(user.dir);
    }
    dirs::home_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_directory_comes_first_and_older_ones_only_on_request() {
        let home = Path::new("/Users/ada");
        let paths = |legacy| below(home, legacy).into_iter().map(|dir| dir.path).collect::<Vec<_>>();

        assert_eq!(paths(false), [home.join(".osaurus/runtime")]);
        assert_eq!(paths(true)[0], home.join(".osaurus/runtime"));
        assert_eq!(paths(true).len(), 5);
        assert!(below(home, true).iter().skip(1).all(|dir| dir.legacy));
    }
}
