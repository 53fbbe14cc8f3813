//! What do the files say, for a watcher, which asks the servers itself and not every time?

use crate::candidate::Candidate;
use crate::error::{Error, ErrorCode};
use crate::instance::Instance;
use crate::options::Plan;
use crate::verify::{self, ProbeResults};

/// What the files say.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Every entry that says it is running, newest first; where servers are asked, one a server.
    pub candidates: Vec<Candidate>,
    /// What it means if none of them counts.
    why_none: Error,
}

impl Snapshot {
    /// Scans the directories of a plan and sends no request.
    ///
    /// # Errors
    ///
    /// Only if the plan was cancelled; a directory that cannot be read shows in the outcome.
    pub fn take(plan: &Plan) -> Result<Self, Error> {
        let (mut candidates, survey) = plan.candidates()?;
        let why_none = survey.why_none(None);
        if plan.probe_timeout.is_some() {
            (candidates, _) = verify::dedup_by_port(candidates);
        }
        Ok(Self { candidates, why_none })
    }

    /// The instances as [`Plan::list`] gives them, where nobody is asked; where there is none the reason that
    /// [`Plan::latest`] gives.
    pub fn outcome(&self) -> Result<Vec<Instance>, Error> {
        self.or_why_none(self.candidates.iter().map(|each| each.instance.clone()).collect(), None)
    }

    /// The same where the candidates were asked, all or some of them.
    pub fn verified_outcome(&self, results: &ProbeResults) -> Result<Vec<Instance>, Error> {
        let answered = self.candidates.iter().zip(results);
        let alive = answered.filter(|(_, probed)| probed.as_ref().is_some_and(verify::is_osaurus));
        let not_responding_error = verify::not_responding_error(&self.candidates, results);
        self.or_why_none(
            alive.map(|(candidate, _)| candidate.clone().verified()).collect(),
            not_responding_error,
        )
    }

    fn or_why_none(
        &self,
        instances: Vec<Instance>,
        not_responding_error: Option<Error>,
    ) -> Result<Vec<Instance>, Error> {
        if !instances.is_empty() {
            return Ok(instances);
        }
        // Whatever else was seen says more than that nobody answered.
        Err(match not_responding_error {
            Some(error) if self.why_none.code() == ErrorCode::NotFound => error,
            _ => self.why_none.clone(),
        })
    }
}
