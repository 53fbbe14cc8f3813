//! Verifies candidates: keeps those whose server answers as Osaurus.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::candidate::{Candidate, Instance};
use crate::error::{Error, ErrorDetails, Operation};
use crate::options::Plan;
use crate::outcome::ProbeResult;
use crate::probe::{self, Query};
use crate::snapshot::Snapshot;

/// The probe result of each candidate, in order. A candidate has none if its result was no longer needed.
pub type ProbeResults = Vec<Option<ProbeResult>>;

/// The number of servers that an error names.
const MAX_NAMED_SERVERS: usize = 3;

/// Probes the candidates at the same time and hands all results so far to `on_result` after each one, until that breaks.
///
/// # Errors
///
/// [`Cancelled`](crate::ErrorCode::Cancelled) if the token was cancelled, [`Io`](crate::ErrorCode::Io) if the system has
/// no descriptor or port left for a connection.
pub fn probe_candidates(
    candidates: &[Candidate],
    timeout: Duration,
    cancel: &CancelToken,
    on_result: impl FnMut(&ProbeResults) -> ControlFlow<()>,
) -> Result<ProbeResults, Error> {
    let servers: Vec<_> = candidates.iter().map(|candidate| candidate.server).collect();
    probe_servers(&servers, timeout, cancel, on_result)
}

fn probe_servers(
    servers: &[SocketAddr],
    timeout: Duration,
    cancel: &CancelToken,
    mut on_result: impl FnMut(&ProbeResults) -> ControlFlow<()>,
) -> Result<ProbeResults, Error> {
    let mut results = vec![None; servers.len()];
    let probed = probe::probe_all(servers, Query::Identity, timeout, cancel, |index, probed| {
        results[index] = Some(probed.identity_result());
        on_result(&results)
    });
    if cancel.is_cancelled() {
        return Err(Error::cancelled());
    }
    probed.map_err(|error| Error::no_descriptor_or_port(Operation::Probe, &error))?;
    Ok(results)
}

/// Returns the index of the newest candidate that is Osaurus, once it and all newer ones have a result.
pub fn newest(results: &ProbeResults) -> Option<usize> {
    let decided = results.iter().map_while(Option::as_ref);
    decided.enumerate().find(|(_, result)| result.is_osaurus()).map(|(index, _)| index)
}

impl Snapshot {
    /// Returns the instances whose server answered, or the reason why there is none.
    ///
    /// # Errors
    ///
    /// The error that a verifying discovery rejects with if no candidate counts.
    pub fn verified_outcome(&self, results: &ProbeResults) -> Result<Vec<Instance>, Error> {
        let results_of = self.candidates.iter().zip(results);
        let alive = results_of.filter(|(_, result)| result.as_ref().is_some_and(ProbeResult::is_osaurus));
        let instances: Vec<_> = alive.map(|(candidate, _)| candidate.clone().verified()).collect();
        if instances.is_empty() { Err(self.why_none_verified(results)) } else { Ok(instances) }
    }

    /// Returns the reason why no candidate counts after these results.
    pub fn why_none_verified(&self, results: &ProbeResults) -> Error {
        self.why_none(not_responding_error(&self.candidates, results))
    }
}

/// Describes how the candidates failed to be Osaurus. Returns `None` if there are no candidates.
fn not_responding_error(candidates: &[Candidate], results: &ProbeResults) -> Option<Error> {
    if candidates.is_empty() {
        return None;
    }
    let newest = candidates.iter().zip(results).take(MAX_NAMED_SERVERS);
    let servers =
        newest.filter_map(|(candidate, result)| Some((candidate.server, result.as_ref()?.outcome.clone())));
    Some(Error::new(ErrorDetails::NotResponding { servers: servers.collect(), total: candidates.len() }))
}

/// The address and the result of a fallback probe.
#[derive(Debug)]
pub struct FallbackProbe {
    pub server: SocketAddr,
    pub result: ProbeResult,
}

/// Probes the fallback address of a plan, after no candidate answered as Osaurus.
///
/// A file can be wrong while Osaurus runs: it may name a port before or without Osaurus listening there, and a sandboxed
/// process may not be able to read it. [`Snapshot::instance_at`] describes the instance if the fallback is Osaurus.
/// Returns `None` if there is nothing to probe: no fallback, a candidate with the same address, or an instance that is
/// starting, which is about to publish itself.
///
/// # Errors
///
/// See [`probe_candidates`].
pub fn probe_fallback(
    plan: &Plan,
    snapshot: &Snapshot,
    cancel: &CancelToken,
) -> Result<Option<FallbackProbe>, Error> {
    let (Some(server), Some(timeout)) = (plan.fallback, plan.probe_timeout) else { return Ok(None) };
    if snapshot.is_starting() || snapshot.candidates.iter().any(|candidate| candidate.server == server) {
        return Ok(None);
    }
    let result = probe_servers(&[server], timeout, cancel, |_| ControlFlow::Continue(()))?.swap_remove(0);
    Ok(result.map(|result| FallbackProbe { server, result }))
}
