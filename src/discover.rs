//! Which Osaurus runs on this machine?

use std::path::PathBuf;

use crate::cancel::Cancel;
use crate::error::Error;
use crate::instance::Instance;
use crate::runtime_dir::{self, RuntimeDir};
use crate::select;

mod candidate;
mod survey;

use candidate::Candidate;
use survey::Survey;

/// Where to look, and how. The default is what the Osaurus guide recommends: `~/.osaurus/runtime`, files alone.
#[derive(Debug, Clone, Default)]
pub struct Request {
    base_dir: Option<PathBuf>,
    legacy_dirs: bool,
    cancel: Cancel,
}

impl Request {
    /// Looks at `~/.osaurus/runtime` of this user.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at this folder instead, which should be absolute.
    #[must_use]
    pub fn base_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.base_dir = Some(path.into());
        self
    }

    /// Looks also where older versions of Osaurus published. Nothing with [`base_dir`](Self::base_dir).
    #[must_use]
    pub fn legacy_dirs(mut self, look: bool) -> Self {
        self.legacy_dirs = look;
        self
    }

    /// Gives up with [`ErrorCode::Cancelled`](crate::ErrorCode::Cancelled) soon after the flag is raised.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// The same with the folders settled, which takes the home folder of the moment.
    pub(crate) fn plan(self) -> Result<Plan, Error> {
        let dirs = match self.base_dir {
            Some(path) => vec![RuntimeDir::chosen(path)],
            None => runtime_dir::of_this_user(self.legacy_dirs)?,
        };
        Ok(Plan { dirs, cancel: self.cancel })
    }
}

/// The newest running instance.
///
/// # Errors
///
/// [`NotFound`](crate::ErrorCode::NotFound) where there is none, [`Starting`](crate::ErrorCode::Starting) where one
/// is about to run, [`AccessDenied`](crate::ErrorCode::AccessDenied) and [`Io`](crate::ErrorCode::Io) where a
/// folder cannot be read and no other gave an instance.
pub fn latest(request: &Request) -> Result<Instance, Error> {
    request.clone().plan()?.latest()
}

/// All running instances, newest first; none is an empty list.
///
/// # Errors
///
/// As [`latest`], but for [`NotFound`](crate::ErrorCode::NotFound) and [`Starting`](crate::ErrorCode::Starting).
pub fn list(request: &Request) -> Result<Vec<Instance>, Error> {
    request.clone().plan()?.list()
}

/// A request whose folders are settled, so that it can move to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub dirs: Vec<RuntimeDir>,
    pub cancel: Cancel,
}

impl Plan {
    pub fn latest(&self) -> Result<Instance, Error> {
        // Nothing is copied for an entry that is older than the best so far.
        let mut best: Option<Candidate> = None;
        let survey = Survey::take(self, |found| {
            if best.as_ref().is_none_or(|best| found.rank() < best.rank()) {
                best = Some(found.to_candidate());
            }
        })?;
        best.map(|best| best.instance).ok_or_else(|| survey.why_none())
    }

    pub fn list(&self) -> Result<Vec<Instance>, Error> {
        let mut found_all = Vec::new();
        let survey = Survey::take(self, |found| found_all.push(found.to_candidate()))?;
        let (running, _duplicates) = select::order(found_all, Candidate::rank);
        if running.is_empty() {
            survey.unreadable()?;
        }
        Ok(running.into_iter().map(|candidate| candidate.instance).collect())
    }
}
