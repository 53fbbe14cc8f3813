//! What was seen on the way, and what does it mean where nothing runs?

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use crate::candidate::Found;
use crate::error::{Error, ErrorCode};
use crate::ignored::{Ignored, IgnoredReason};
use crate::options::Plan;
use crate::sources::config::Config;
use crate::sources::runtime_dir::{self, RuntimeDir};
use crate::sources::scan::{self, Entry, Published};

/// What became of one folder of instances.
#[derive(Debug)]
pub enum DirectoryStatus {
    /// It was read.
    Read,
    /// It does not exist, or is a link that leads nowhere.
    Missing,
    /// It, or a folder above it, is something else.
    NotADirectory,
    /// The system does not let this process read it.
    AccessDenied(io::Error),
    /// It cannot be read for another reason.
    Error(io::Error),
}

impl DirectoryStatus {
    pub(crate) fn of(result: io::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Read,
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Self::Missing,
                ErrorKind::NotADirectory => Self::NotADirectory,
                // EACCES and EPERM: a macOS sandbox answers with the latter.
                ErrorKind::PermissionDenied => Self::AccessDenied(error),
                _ => Self::Error(error),
            },
        }
    }
}

/// All folders of a plan, and what their entries came to, running ones apart.
#[derive(Debug)]
pub struct Survey<'a> {
    dirs: Vec<(&'a RuntimeDir, DirectoryStatus)>,
    starting: Option<PathBuf>,
    ignored: Vec<(IgnoredReason, usize)>,
    /// An entry that looks like the folder of instances itself: the one above it was named.
    within: Option<PathBuf>,
}

impl<'a> Survey<'a> {
    /// Scans every folder of the plan and hands each entry that says it is running to `running`.
    ///
    /// # Errors
    ///
    /// Where the plan was cancelled, and where a scan broke off: what came before it may not be the newest.
    pub fn take(plan: &'a Plan, mut running: impl FnMut(&Found<'_>)) -> Result<Self, Error> {
        let mut survey = Self {
            dirs: Vec::with_capacity(plan.dirs.len()),
            starting: None,
            ignored: Vec::new(),
            within: None,
        };
        for dir in &plan.dirs {
            let mut began = false;
            let result = scan::scan(&dir.path, &plan.cancel, |entry| {
                began = true;
                survey.note(dir, entry, &mut running);
            });
            let status = DirectoryStatus::of(result);
            if began && let Some(error) = unreadable(dir, &status) {
                return Err(error);
            }
            survey.dirs.push((dir, status));
        }
        if plan.cancel.is_cancelled() { Err(Error::cancelled()) } else { Ok(survey) }
    }

    fn note(&mut self, dir: &RuntimeDir, entry: Entry<'_>, running: &mut impl FnMut(&Found<'_>)) {
        match entry.verdict {
            Ok(Published { config: Config::Running(config), updated_at, file_modified }) => {
                running(&Found::new(&dir.path, entry.name, config, updated_at, file_modified));
            }
            Ok(Published { config: Config::Starting(_), .. }) => {
                self.starting.get_or_insert_with(|| dir.path.join(entry.name));
            }
            Err(Ignored { reason, .. }) => {
                match self.ignored.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => self.ignored.push((reason, 1)),
                }
                if reason == IgnoredReason::MissingFile && runtime_dir::is_runtime_dir_name(entry.name) {
                    self.within = Some(dir.path.join(entry.name));
                }
            }
        }
    }

    /// Why there is no running instance: the most helpful of all that was seen, and of what came of asking.
    pub fn why_none(&self, not_responding_error: Option<Error>) -> Error {
        if let Some(path) = &self.starting {
            return Error::new(
                ErrorCode::Starting,
                format!(
                    "Osaurus is starting: {} does not say running yet. Wait for it (waitForRunningInstance), or try again in a moment",
                    path.display()
                ),
            );
        }
        self.dirs
            .iter()
            .find_map(|(dir, status)| unreadable(dir, status))
            .or(not_responding_error)
            .unwrap_or_else(|| Error::new(ErrorCode::NotFound, self.not_found()))
    }

    fn not_found(&self) -> String {
        let with = |wanted: fn(&DirectoryStatus) -> bool| {
            let paths = self.dirs.iter().filter(move |(_, status)| wanted(status));
            paths.map(|(dir, _)| dir.path.display().to_string()).collect::<Vec<_>>()
        };
        let read = with(|status| matches!(status, DirectoryStatus::Read));
        let missing = with(|status| matches!(status, DirectoryStatus::Missing));
        let what = match (&*read, &*missing) {
            ([], [only]) => format!("{only} does not exist"),
            ([], [current, older @ ..]) => {
                format!("{current} does not exist, nor do {} folders of older versions", older.len())
            }
            _ if self.ignored.is_empty() => format!("no instance in {}", read.join(", ")),
            _ => {
                let reasons: Vec<_> =
                    self.ignored.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
                let next = match &self.within {
                    Some(path) => format!("Look in {} instead (baseDir)", path.display()),
                    None => "Start Osaurus, or ask inspectRuntime() why each entry was left out".to_owned(),
                };
                return format!(
                    "Osaurus not found: no running instance in {} ({}). {next}",
                    read.join(", "),
                    reasons.join(", ")
                );
            }
        };
        format!("Osaurus not found: {what}. Start Osaurus and try again")
    }
}

/// A folder that is there and cannot be read, as an error.
fn unreadable(dir: &RuntimeDir, status: &DirectoryStatus) -> Option<Error> {
    let path = dir.path.display();
    let (code, words) = match status {
        DirectoryStatus::Read | DirectoryStatus::Missing => return None,
        DirectoryStatus::NotADirectory => (
            ErrorCode::Io,
            format!("{path} is not a folder. Look at what is there, or name another folder (baseDir)"),
        ),
        DirectoryStatus::AccessDenied(error) => (
            ErrorCode::AccessDenied,
            format!(
                "{path}: {error}. Give this app access to it; a sandboxed app has to ask its user for the folder"
            ),
        ),
        DirectoryStatus::Error(error) => {
            (ErrorCode::Io, format!("{path}: {error}. Mend the cause and try again"))
        }
    };
    Some(Error::new(code, format!("Osaurus folder cannot be read: {words}")))
}
