//! Which of those that say they are running answer as Osaurus?

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::candidate::Candidate;
use crate::error::{Error, ErrorCode};
use crate::probe::{self, ProbeOutcome, ProbeResult, Query};
use crate::rank;

/// What became of asking each candidate, in their order; none where nobody needed to know any more.
pub type ProbeResults = Vec<Option<ProbeResult>>;

/// Entries that lead to the same port are one server, for which the newest speaks. Gives those, and the rest.
pub fn dedup_by_port(newest_first: Vec<Candidate>) -> (Vec<Candidate>, Vec<Candidate>) {
    let is_first_of_key = rank::is_first_of_key(&newest_first, |candidate| candidate.server.port());
    rank::partition_first(newest_first, &is_first_of_key)
}

/// Probes the candidates at the same time and hands all results so far to `on_result` after each one, until that breaks.
///
/// # Errors
///
/// [`Cancelled`](ErrorCode::Cancelled) if the token was cancelled, [`Io`](ErrorCode::Io) if the system has no
/// descriptor or port left for a connection.
pub fn probe_candidates(
    candidates: &[Candidate],
    timeout: Duration,
    cancel: &CancelToken,
    mut on_result: impl FnMut(&ProbeResults) -> ControlFlow<()>,
) -> Result<ProbeResults, Error> {
    let servers: Vec<_> = candidates.iter().map(|candidate| candidate.server).collect();
    let mut results = vec![None; candidates.len()];
    let probed = probe::probe_all(&servers, Query::Identity, timeout, cancel, |index, result| {
        results[index] = Some(result);
        on_result(&results)
    });
    if cancel.is_cancelled() {
        return Err(Error::cancelled());
    }
    probed.map_err(|error| {
        let next = match error.kind() {
            ErrorKind::AddrNotAvailable => {
                "All ports for outgoing connections are taken: close some, or try again in a minute"
            }
            _ => "Close files or sockets of this process, or raise its limit (ulimit -n)",
        };
        let words = format!("Osaurus cannot be asked: {error}. {next}");
        Error::new(ErrorCode::Io, words)
    })?;
    Ok(results)
}

/// The newest candidate that lives, once it and all newer ones are decided.
pub fn newest(answers: &ProbeResults) -> Option<usize> {
    let decided = answers.iter().map_while(Option::as_ref);
    decided.enumerate().find(|(_, probed)| is_osaurus(probed)).map(|(index, _)| index)
}

pub fn is_osaurus(probed: &ProbeResult) -> bool {
    matches!(probed.outcome, ProbeOutcome::Osaurus { .. })
}

/// An error that says of the candidates how they failed to be Osaurus; none where there was no candidate.
pub fn not_responding_error(candidates: &[Candidate], answers: &ProbeResults) -> Option<Error> {
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
