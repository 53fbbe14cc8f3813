//! Which of the published servers answer, and who has to be asked again?
//!
//! All are asked when the files change, which is also when a suspended one is noticed; and one alone when something
//! happens to the connection that is held to it. Otherwise nobody is asked, since every request shows in the user's
//! Insights.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::inbox::{Inbox, Message};
use super::servers::{Report, Standing};
use super::{FeedId, Look};
use crate::cancel::CancelToken;
use crate::candidate::Candidate;
use crate::candidate::Instance;
use crate::error::{Error, Operation};
use crate::options::Plan;
use crate::outcome::{ProbeOutcome, ProbeResult};
use crate::snapshot::Snapshot;
use crate::system::{self, catch_panic, failpoint, lock};
use crate::verify;

/// So long a run may keep others waiting for a server that does not answer, such as a suspended one; those that are
/// well have answered by then.
const PATIENCE: Duration = Duration::from_millis(250);

type Answers = Vec<Option<ProbeResult>>;

/// The instances, or why there is none.
pub type Outcome = Result<Vec<Instance>, Error>;

/// What is known of the servers of one feed.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// In the order of their files.
    known: Vec<Known>,
    /// Servers whose connection says that something has changed.
    suspects: Vec<SocketAddr>,
    run: Option<Run>,
    /// There is more to ask than the present run does.
    more: bool,
    /// What is known is not relied on: all have to be asked.
    doubted: bool,
}

/// What is known of one server.
#[derive(Debug)]
struct Known {
    candidate: Candidate,
    /// None where asking was cut short.
    answer: Option<ProbeResult>,
    /// What it was asked for.
    look: Look,
    /// What found the candidate as it is.
    published: Look,
}

/// Servers being asked, on a thread of its own.
#[derive(Debug)]
struct Run {
    /// The look that it is for, which no other run is.
    look: Look,
    began: Instant,
    sight: Snapshot,
    /// Those being asked, by their place among the candidates.
    asked: Vec<usize>,
    so_far: Arc<Mutex<Answers>>,
    /// Whether was told what is known so far.
    told: bool,
    cancel: CancelToken,
}

/// The end of a run.
#[derive(Debug)]
pub struct Answered {
    look: Look,
    answers: Result<Answers, Error>,
}

impl Verdicts {
    pub fn suspect(&mut self, server: SocketAddr) {
        if !self.suspects.contains(&server) {
            self.suspects.push(server);
        }
    }

    /// From now on nothing that is known counts.
    pub fn doubt(&mut self) {
        self.doubted = true;
    }

    /// When something is due, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.run {
            Some(run) => (self.more || !run.told).then(|| run.began + PATIENCE),
            None => self.more.then(Instant::now),
        }
    }

    /// Whether it is time to look again, since there was more to ask than the present run does, or did.
    pub fn wants_a_look(&mut self, now: Instant) -> bool {
        let free = self.run.as_ref().is_none_or(|run| run.began + PATIENCE <= now);
        free && std::mem::take(&mut self.more)
    }

    /// Asks whoever has to be asked after this sight; the answers come to the inbox. Where it is nobody, or nobody can
    /// be asked, gives the outcome at once.
    pub fn ask(
        &mut self,
        feed: FeedId,
        look: Look,
        plan: &Plan,
        sight: Snapshot,
        inbox: &Arc<Inbox>,
    ) -> Option<Outcome> {
        if let Some(run) = &self.run {
            if run.sight.candidates == sight.candidates && self.suspects.is_empty() {
                // Nor for a doubt, which is seen to after it: where one follows the other, no run would come to its end.
                return None;
            }
            if Instant::now() < run.began + PATIENCE {
                self.more = true;
                return None;
            }
            self.cut_short();
        }
        let asked = self.to_be_asked(&sight.candidates);
        self.suspects.clear();
        self.doubted = false;
        if asked.is_empty() {
            return Some(self.conclude(look, &sight, &[], Vec::new()));
        }
        let candidates: Vec<_> = asked.iter().map(|&place| sight.candidates[place].clone()).collect();
        let so_far = Arc::new(Mutex::new(vec![None; asked.len()]));
        let cancel = CancelToken::new();
        let work = {
            let (plan, so_far, cancel) = (plan.clone(), Arc::clone(&so_far), cancel.clone());
            move || {
                failpoint("watch-ask");
                let Some(timeout) = plan.probe_timeout else { return Ok(vec![None; candidates.len()]) };
                verify::probe_candidates(&candidates, timeout, &cancel, |answers| {
                    lock(&so_far).clone_from(answers);
                    ControlFlow::Continue(())
                })
            }
        };
        let inbox = Arc::clone(inbox);
        let report = move || {
            let answers = catch_panic(work);
            inbox.post(Message::Answered(feed, Answered { look, answers }));
        };
        if let Err(error) = system::spawn_thread("osaurus-ask", Box::new(report)) {
            self.doubted = true;
            return Some(Err(Error::no_thread(Operation::Probe, &error)));
        }
        let began = Instant::now();
        self.run = Some(Run { look, began, sight, asked, so_far, told: false, cancel });
        None
    }

    /// The outcome of a run that has ended, and the look it belongs to; none where it was cut short before.
    pub fn answered(&mut self, answered: Answered) -> Option<(Look, Outcome)> {
        let run = self.run.take_if(|run| run.look == answered.look)?;
        self.more |= self.doubted;
        let outcome =
            answered.answers.and_then(|answers| self.conclude(run.look, &run.sight, &run.asked, answers));
        Some((run.look, outcome))
    }

    /// The outcome by what is known so far, once for a run that takes long. Those that have not answered yet count as
    /// they did before; so it belongs to an earlier look, which is given too.
    pub fn so_far(&mut self, now: Instant) -> Option<(Look, Outcome)> {
        let mut run = self.run.take_if(|run| !run.told && run.began + PATIENCE <= now)?;
        run.told = true;
        let answers = lock(&run.so_far).clone();
        let outcome = self.conclude(run.look, &run.sight, &run.asked, answers);
        let answered = self.known.iter().filter(|known| known.answer.is_some());
        let oldest = answered.map(|known| known.look).fold(run.look.previous(), Look::min);
        self.run = Some(run);
        Some((oldest, outcome))
    }

    /// Ends a run: those that have not answered by now count as they did before, and have to be asked again.
    fn cut_short(&mut self) {
        let Some(run) = self.run.take() else { return };
        run.cancel.cancel();
        let answers = lock(&run.so_far).clone();
        for (&place, answer) in run.asked.iter().zip(&answers) {
            if answer.is_none() {
                self.suspect(run.sight.candidates[place].server);
            }
        }
        // What they come to is seen after the next run, which is about to begin.
        drop(self.conclude(run.look, &run.sight, &run.asked, answers));
    }

    /// How it stands with each server that was asked.
    pub fn reports(&self) -> Vec<Report> {
        let report = |known: &Known| {
            let standing = standing(known.answer.as_ref()?);
            Some(Report { server: known.candidate.server, standing, published: known.published })
        };
        self.known.iter().filter_map(report).collect()
    }

    /// The candidates to ask, by place: all where the files say anything new.
    fn to_be_asked(&self, candidates: &[Candidate]) -> Vec<usize> {
        let news = !self.known.iter().map(|known| &known.candidate).eq(candidates);
        let unsure = |place: &usize| {
            let Known { candidate, answer, .. } = &self.known[*place];
            answer.is_none() || self.suspects.contains(&candidate.server)
        };
        (0..candidates.len()).filter(|place| news || self.doubted || unsure(place)).collect()
    }

    /// Takes over what a run has found out; gives what it comes to with what was known before.
    fn conclude(&mut self, look: Look, sight: &Snapshot, asked: &[usize], answers: Answers) -> Outcome {
        let mut before: HashMap<_, _> = std::mem::take(&mut self.known)
            .into_iter()
            .map(|known| (known.candidate.server, known))
            .collect();
        let candidates = sight.candidates.iter();
        self.known = candidates
            .map(|candidate| match before.remove(&candidate.server) {
                Some(known) if known.candidate == *candidate => known,
                _ => Known { candidate: candidate.clone(), answer: None, look, published: look },
            })
            .collect();
        for (&place, answer) in asked.iter().zip(answers) {
            if answer.is_some() {
                self.known[place].answer = answer;
                self.known[place].look = look;
            }
        }
        let answers: Answers = self.known.iter().map(|known| known.answer.clone()).collect();
        sight.verified_outcome(&answers)
    }
}

impl Drop for Verdicts {
    fn drop(&mut self) {
        if let Some(run) = &self.run {
            run.cancel.cancel();
        }
    }
}
fn standing(probed: &ProbeResult) -> Standing {
    match probed.outcome {
        ProbeOutcome::Osaurus => Standing::Osaurus,
        ProbeOutcome::TimedOut => Standing::Silent,
        ProbeOutcome::Refused | ProbeOutcome::NotOsaurus(_) | ProbeOutcome::Error(_) => Standing::Absent,
    }
}
