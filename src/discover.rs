//! Finds the running instances: the newest, all of them, or a report on every entry.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::candidate::{self, Candidate};
use crate::error::Error;
use crate::instance::Instance;
use crate::options::{DiscoverOptions, Plan};
use crate::report::{self, RuntimeReport};
use crate::survey::Survey;
use crate::verify;

/// The newest running instance.
///
/// # Errors
///
/// [`NotFound`](crate::ErrorCode::NotFound) where there is none, [`Starting`](crate::ErrorCode::Starting) where one
/// is about to run, [`NotResponding`](crate::ErrorCode::NotResponding) where those published do not answer when
/// verifying, [`AccessDenied`](crate::ErrorCode::AccessDenied) and [`Io`](crate::ErrorCode::Io) where a folder
/// cannot be read and no other gave an instance, [`Cancelled`](crate::ErrorCode::Cancelled) soon after the flag is
/// raised.
pub fn latest(options: &DiscoverOptions, cancel: &CancelToken) -> Result<Instance, Error> {
    options.clone().plan(cancel.clone())?.latest()
}

/// All running instances, newest first; none is an empty list.
///
/// # Errors
///
/// As [`latest`], but for [`NotFound`](crate::ErrorCode::NotFound), [`Starting`](crate::ErrorCode::Starting) and
/// [`NotResponding`](crate::ErrorCode::NotResponding).
pub fn list(options: &DiscoverOptions, cancel: &CancelToken) -> Result<Vec<Instance>, Error> {
    options.clone().plan(cancel.clone())?.list()
}

/// Everything that was looked at, and why each entry counts or does not.
///
/// # Errors
///
/// [`Cancelled`](crate::ErrorCode::Cancelled), and [`Io`](crate::ErrorCode::Io) where the home folder is unknown or
/// servers cannot be asked; what is wrong with a folder or an entry is in the report.
pub fn inspect(options: &DiscoverOptions, cancel: &CancelToken) -> Result<RuntimeReport, Error> {
    options.clone().plan(cancel.clone())?.inspect()
}

impl Plan {
    pub fn latest(&self) -> Result<Instance, Error> {
        match self.probe_timeout {
            None => self.latest_published(),
            Some(timeout) => self.latest_verified(timeout),
        }
    }

    pub fn list(&self) -> Result<Vec<Instance>, Error> {
        let (candidates, survey) = self.candidates()?;
        let (running, not_responding_error) = match self.probe_timeout {
            None => (candidates.into_iter().map(|candidate| candidate.instance).collect(), None),
            Some(timeout) => {
                let (candidates, _superseded) = verify::dedup_by_port(candidates);
                let answers = verify::probe_candidates(&candidates, timeout, &self.cancel, |_| {
                    ControlFlow::Continue(())
                })?;
                let not_responding_error = verify::not_responding_error(&candidates, &answers);
                let answered = candidates.into_iter().zip(&answers);
                let alive = answered.filter(|(_, probed)| probed.as_ref().is_some_and(verify::is_osaurus));
                (alive.map(|(candidate, _)| candidate.verified()).collect(), not_responding_error)
            }
        };
        if Vec::is_empty(&running) {
            let error = survey.why_none(not_responding_error);
            if !error.code().means_that_none_runs() {
                return Err(error);
            }
        }
        Ok(running)
    }

    pub fn inspect(&self) -> Result<RuntimeReport, Error> {
        report::inspect(self)
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
        let (mut candidates, _superseded) = verify::dedup_by_port(candidates);
        let answers = verify::probe_candidates(&candidates, timeout, &self.cancel, |results| {
            match verify::newest(results) {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })?;
        match verify::newest(&answers) {
            Some(index) => Ok(candidates.swap_remove(index).verified()),
            None => Err(survey.why_none(verify::not_responding_error(&candidates, &answers))),
        }
    }

    /// Every entry that says it is running, one an id, newest first.
    pub(crate) fn candidates(&self) -> Result<(Vec<Candidate>, Survey<'_>), Error> {
        let mut found_all = Vec::new();
        let survey = Survey::take(self, |found| found_all.push(found.to_candidate()))?;
        let (candidates, _duplicates) = candidate::dedup_by_id(found_all);
        Ok((candidates, survey))
    }
}

#[cfg(test)]
mod tests;
