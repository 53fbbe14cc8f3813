//! Which of those that say they are running answer as Osaurus?

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::time::Duration;

use super::candidate::Candidate;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode};
use crate::probe::{self, Outcome, Probed, Question};
use crate::select;

/// What became of asking each candidate, in their order; none where nobody needed to know any more.
pub type Answers = Vec<Option<Probed>>;

/// Entries that lead to the same port are one server, for which the newest speaks. Gives those, and the rest.
pub fn one_per_server(newest_first: Vec<Candidate>) -> (Vec<Candidate>, Vec<Candidate>) {
    let firsts = select::firsts(&newest_first, |candidate| candidate.server.port());
    select::first_of_each(newest_first, &firsts)
}

/// Asks the candidates who they are, until that is enough.
///
/// # Errors
///
/// Where the flag was raised, or the system has no descriptor or port left to ask with.
pub fn ask(
    candidates: &[Candidate],
    timeout: Duration,
    cancel: &Cancel,
    enough: impl Fn(&Answers) -> bool,
) -> Result<Answers, Error> {
    let servers: Vec<_> = candidates.iter().map(|candidate| candidate.server).collect();
    let mut answers = vec![None; candidates.len()];
    let asked = probe::ask(&servers, Question::WhoAreYou, timeout, cancel, |index, probed| {
        answers[index] = Some(probed);
        if enough(&answers) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if cancel.is_cancelled() {
        return Err(Error::cancelled());
    }
    asked.map_err(|error| {
        let next = match error.kind() {
            ErrorKind::AddrNotAvailable => {
                "All ports for outgoing connections are taken: close some, or try again in a minute"
            }
            _ => "Close files or sockets of this process, or raise its limit (ulimit -n)",
        };
        let words = format!("Osaurus cannot be asked: {error}. {next}");
        Error::new(ErrorCode::Io, words)
    })?;
    Ok(answers)
}

/// The newest candidate that lives, once it and all newer ones are decided.
pub fn newest(answers: &Answers) -> Option<usize> {
    let decided = answers.iter().map_while(Option::as_ref);
    decided.enumerate().find(|(_, probed)| is_osaurus(probed)).map(|(index, _)| index)
}

pub fn is_osaurus(probed: &Probed) -> bool {
    matches!(probed.outcome, Outcome::Osaurus { .. })
}

/// An error that says of the candidates how they failed to be Osaurus; none where there was no candidate.
pub fn none_answered(candidates: &[Candidate], answers: &Answers) -> Option<Error> {
    const NAMED: usize = 3;
    if candidates.is_empty() {
        return None;
    }
    let mut said: Vec<_> = candidates
        .iter()
        .zip(answers)
        .take(NAMED)
        .filter_map(|(candidate, probed)| Some(format!("{} {}", candidate.server, probed.as_ref()?.outcome)))
        .collect();
    if candidates.len() > NAMED {
        said.push(format!("and {} more", candidates.len() - NAMED));
    }
    let words = format!(
        "Osaurus is not responding: published as running, but {}. It may have crashed: start it again, or ask inspectRuntime() for details",
        said.join("; ")
    );
    Some(Error::new(ErrorCode::NotResponding, words))
}
