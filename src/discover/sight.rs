//! What do the files say, for a watcher, which asks the servers itself and not every time?

use super::Plan;
use super::candidate::Candidate;
use super::verify::{self, Answers};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode};
use crate::instance::Instance;

/// What the files say.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Every entry that says it is running, newest first; where servers are asked, one a server.
    pub candidates: Vec<Candidate>,
    /// What it means if none of them counts.
    why_none: Error,
}

impl Plan {
    /// Reads the files and asks nobody.
    ///
    /// # Errors
    ///
    /// Only where the plan was cancelled; a folder that cannot be read shows in the outcome.
    pub fn sight(&self) -> Result<Sight, Error> {
        let (mut candidates, survey) = self.candidates()?;
        let why_none = survey.why_none(None);
        if self.verify.is_some() {
            (candidates, _) = verify::one_per_server(candidates);
        }
        Ok(Sight { candidates, why_none })
    }
}

impl Sight {
    /// The instances as [`Plan::list`] gives them, where nobody is asked; where there is none the reason that
    /// [`Plan::latest`] gives.
    pub fn outcome(&self) -> Result<Vec<Instance>, Error> {
        self.or_why_none(self.candidates.iter().map(|each| each.instance.clone()).collect(), None)
    }

    /// The same where the candidates were asked, all or some of them.
    pub fn outcome_of(&self, answers: &Answers) -> Result<Vec<Instance>, Error> {
        let answered = self.candidates.iter().zip(answers);
        let alive = answered.filter(|(_, probed)| probed.as_ref().is_some_and(verify::is_osaurus));
        let none_answered = verify::none_answered(&self.candidates, answers);
        self.or_why_none(alive.map(|(candidate, _)| candidate.clone().verified()).collect(), none_answered)
    }

    fn or_why_none(
        &self,
        instances: Vec<Instance>,
        none_answered: Option<Error>,
    ) -> Result<Vec<Instance>, Error> {
        if !instances.is_empty() {
            return Ok(instances);
        }
        // Whatever else was seen says more than that nobody answered.
        Err(match none_answered {
            Some(error) if self.why_none.code() == ErrorCode::NotFound => error,
            _ => self.why_none.clone(),
        })
    }
}

/// Asks some candidates; `so_far` gets what is known after each answer.
///
/// # Errors
///
/// As [`verify::ask`].
pub fn ask(
    plan: &Plan,
    candidates: &[Candidate],
    cancel: &Cancel,
    so_far: impl Fn(&Answers),
) -> Result<Answers, Error> {
    let Some(timeout) = plan.verify else { return Ok(vec![None; candidates.len()]) };
    verify::ask(candidates, timeout, cancel, |answers| {
        so_far(answers);
        false
    })
}
