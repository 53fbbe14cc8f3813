//! Where does Osaurus publish?

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode};

/// A folder in which every running Osaurus has a folder of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeDir {
    /// Absolute.
    pub path: PathBuf,
    /// Whether only older versions of Osaurus publish here.
    pub legacy: bool,
}

impl RuntimeDir {
    /// A folder that the caller chose.
    pub fn chosen(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), legacy: false }
    }
}

/// Where every Osaurus since February 2026 publishes, below the home folder.
const CURRENT: &str = ".osaurus/runtime";

/// Where older ones did, newest first: February 2026 where only this folder existed, January 2026, September 2025.
const LEGACY: [&str; 3] = [
    ".osaurus/SharedConfiguration",
    "Library/Application Support/com.dinoki.osaurus/runtime",
    "Library/Application Support/com.dinoki.osaurus/SharedConfiguration",
];

/// The folders to look at for this user: the current one, and with `legacy` the older ones after it.
///
/// The home folder is looked up anew at every call. In a macOS sandbox, where `HOME` is the app's container, it
/// comes from the password database.
///
/// # Errors
///
/// [`ErrorCode::Io`] where the system knows no home folder for this user.
pub fn for_current_user(legacy: bool) -> Result<Vec<RuntimeDir>, Error> {
    let home = home().ok_or_else(|| {
        Error::new(
            ErrorCode::Io,
            "Osaurus folder cannot be read: the home folder of this user is unknown. Set HOME, or name the folder (baseDir)",
        )
    })?;
    Ok(below(&home, legacy))
}

/// Whether an entry is called as the folder of instances itself: then the folder above it was named instead.
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

/// Set by macOS for every sandboxed process.
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
    fn the_current_folder_comes_first_and_older_ones_only_when_asked_for() {
        let home = Path::new("/Users/ada");
        let paths = |legacy| below(home, legacy).into_iter().map(|dir| dir.path).collect::<Vec<_>>();

        assert_eq!(paths(false), [home.join(".osaurus/runtime")]);
        assert_eq!(paths(true)[0], home.join(".osaurus/runtime"));
        assert_eq!(paths(true).len(), 4);
        assert!(below(home, true).iter().skip(1).all(|dir| dir.legacy));
    }
}
