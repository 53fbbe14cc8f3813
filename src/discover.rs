//! Which Osaurus runs on this machine?

use std::path::PathBuf;
use std::time::Duration;

use crate::cancel::Cancel;
use crate::error::Error;
use crate::instance::Instance;
use crate::runtime_dir::{self, RuntimeDir};

mod candidate;
mod inspect;
pub(crate) mod sight;
mod survey;
mod verify;

pub(crate) use candidate::Candidate;
use survey::Survey;

pub use inspect::{DirectoryReport, EntryReport, EntryStatus, ProbeReport, RuntimeReport};
pub use survey::DirStatus;

/// Where to look, and how. The default is what the Osaurus guide recommends: `~/.osaurus/runtime`, files alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    base_dir: Option<PathBuf>,
    legacy_dirs: Option<bool>,
    verify: Option<Duration>,
}

impl Request {
    /// Looks at `~/.osaurus/runtime` of this user, and trusts what the files say.
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

    /// Looks also where older versions of Osaurus published; by default only when verifying, since what is there
    /// are mostly leftovers. Nothing with [`base_dir`](Self::base_dir).
    #[must_use]
    pub fn legacy_dirs(mut self, look: bool) -> Self {
        self.legacy_dirs = Some(look);
        self
    }

    /// Counts only servers that answer on the loopback interface as Osaurus does, each within this time from its
    /// connect. [`PROBE_TIMEOUT`] is a good one. Without it no socket is opened.
    ///
    /// What this cannot know: a file cannot be tied to a listener over HTTP, so a server that answers on a leftover's
    /// port is taken for the leftover's; entries of one port are therefore one server, the newest.
    #[must_use]
    pub fn verify(mut self, probe_timeout: Duration) -> Self {
        self.verify = Some(probe_timeout);
        self
    }

    /// Whether it opens sockets, and so may wait.
    #[cfg(feature = "node")]
    pub(crate) fn asks_servers(&self) -> bool {
        self.verify.is_some()
    }

    /// The same with the folders settled, which takes the home folder of the moment, and with a way to end it.
    pub(crate) fn plan(self, cancel: Cancel) -> Result<Plan, Error> {
        let dirs = match self.base_dir {
            Some(path) => vec![RuntimeDir::chosen(path)],
            None => runtime_dir::of_this_user(self.legacy_dirs.unwrap_or(self.verify.is_some()))?,
        };
        Ok(Plan { dirs, verify: self.verify, cancel })
    }
}

/// How long a server on this machine may take to answer, if it is well.
pub const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// The newest running instance.
///
/// # Errors
///
/// [`NotFound`](crate::ErrorCode::NotFound) where there is none, [`Starting`](crate::ErrorCode::Starting) where one
/// is about to run, [`NotResponding`](crate::ErrorCode::NotResponding) where those published do not answer when
/// verifying, [`AccessDenied`](crate::ErrorCode::AccessDenied) and [`Io`](crate::ErrorCode::Io) where a folder
/// cannot be read and no other gave an instance, [`Cancelled`](crate::ErrorCode::Cancelled) soon after the flag is
/// raised.
pub fn latest(request: &Request, cancel: &Cancel) -> Result<Instance, Error> {
    request.clone().plan(cancel.clone())?.latest()
}

/// All running instances, newest first; none is an empty list.
///
/// # Errors
///
/// As [`latest`], but for [`NotFound`](crate::ErrorCode::NotFound), [`Starting`](crate::ErrorCode::Starting) and
/// [`NotResponding`](crate::ErrorCode::NotResponding).
pub fn list(request: &Request, cancel: &Cancel) -> Result<Vec<Instance>, Error> {
    request.clone().plan(cancel.clone())?.list()
}

/// Everything that was looked at, and why each entry counts or does not.
///
/// # Errors
///
/// [`Cancelled`](crate::ErrorCode::Cancelled), and [`Io`](crate::ErrorCode::Io) where the home folder is unknown or
/// servers cannot be asked; what is wrong with a folder or an entry is in the report.
pub fn inspect(request: &Request, cancel: &Cancel) -> Result<RuntimeReport, Error> {
    request.clone().plan(cancel.clone())?.inspect()
}

/// A request whose folders are settled, so that it can move to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub dirs: Vec<RuntimeDir>,
    pub verify: Option<Duration>,
    pub cancel: Cancel,
}

impl Plan {
    pub fn latest(&self) -> Result<Instance, Error> {
        match self.verify {
            None => self.latest_published(),
            Some(timeout) => self.latest_verified(timeout),
        }
    }

    pub fn list(&self) -> Result<Vec<Instance>, Error> {
        let (candidates, survey) = self.candidates()?;
        let (running, none_answered) = match self.verify {
            None => (candidates.into_iter().map(|candidate| candidate.instance).collect(), None),
            Some(timeout) => {
                let (candidates, _superseded) = verify::one_per_server(candidates);
                let answers = verify::ask(&candidates, timeout, &self.cancel, |_| false)?;
                let none_answered = verify::none_answered(&candidates, &answers);
                let answered = candidates.into_iter().zip(&answers);
                let alive = answered.filter(|(_, probed)| probed.as_ref().is_some_and(verify::is_osaurus));
                (alive.map(|(candidate, _)| candidate.verified()).collect(), none_answered)
            }
        };
        if Vec::is_empty(&running) {
            let error = survey.why_none(none_answered);
            if !error.code().means_that_none_runs() {
                return Err(error);
            }
        }
        Ok(running)
    }

    pub fn inspect(&self) -> Result<RuntimeReport, Error> {
        inspect::inspect(self)
    }

    /// Nothing is copied for an entry that is older than the best so far, which its time alone tells of most.
    fn latest_published(&self) -> Result<Instance, Error> {
        let mut best: Option<Candidate> = None;
        let survey = Survey::take(self, |found| {
            if best
                .as_ref()
                .is_none_or(|best| found.updated_at >= best.instance.updated_at && found.rank() < best.rank())
            {
                best = Some(found.to_candidate());
            }
        })?;
        best.map(|best| best.instance).ok_or_else(|| survey.why_none(None))
    }

    fn latest_verified(&self, timeout: Duration) -> Result<Instance, Error> {
        let (candidates, survey) = self.candidates()?;
        let (mut candidates, _superseded) = verify::one_per_server(candidates);
        let answers =
            verify::ask(&candidates, timeout, &self.cancel, |answers| verify::newest(answers).is_some())?;
        match verify::newest(&answers) {
            Some(index) => Ok(candidates.swap_remove(index).verified()),
            None => Err(survey.why_none(verify::none_answered(&candidates, &answers))),
        }
    }

    /// Every entry that says it is running, one an id, newest first.
    fn candidates(&self) -> Result<(Vec<Candidate>, Survey<'_>), Error> {
        let mut found_all = Vec::new();
        let survey = Survey::take(self, |found| found_all.push(found.to_candidate()))?;
        let (candidates, _duplicates) = candidate::one_per_id(found_all);
        Ok((candidates, survey))
    }
}

#[cfg(test)]
mod tests;
