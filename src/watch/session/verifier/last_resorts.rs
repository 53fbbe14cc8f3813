//! Finds Osaurus at addresses that no file names, if no published server answers.

use super::{ProbeState, Verifier};
use crate::candidate::{Candidate, Instance};
use crate::outcome::ProbeResult;

impl Verifier {
    /// Whether no candidate answered, so that the last resorts are probed before a state is made.
    pub fn has_pending_last_resort(&self) -> bool {
        self.needs_last_resorts() && self.servers[self.published..].iter().any(ProbeState::is_pending)
    }

    /// The instances at the last resorts that answered, if no candidate did: all that a directory named before it became
    /// unreadable, or else the first one.
    pub fn last_resorts(&self) -> Vec<Instance> {
        let answered = |server: &&ProbeState| server.result.as_ref().is_some_and(ProbeResult::is_osaurus);
        let instance = |server: &ProbeState| server.candidate.clone().verified();
        let (kept, others) = self.servers[self.published..].split_at(self.kept);
        let kept: Vec<_> = kept.iter().filter(answered).map(instance).collect();
        if kept.is_empty() { others.iter().find(answered).map(instance).into_iter().collect() } else { kept }
    }

    /// The candidates whose servers answered last.
    pub(super) fn answered(&self) -> Vec<Candidate> {
        let answered = |server: &&ProbeState| server.result.as_ref().is_some_and(ProbeResult::is_osaurus);
        self.servers.iter().filter(answered).map(|server| server.candidate.clone()).collect()
    }

    pub(super) fn needs_last_resorts(&self) -> bool {
        let settled = |server: &ProbeState| {
            !server.is_pending() && !server.result.as_ref().is_some_and(ProbeResult::is_osaurus)
        };
        self.servers[..self.published].iter().all(settled)
    }

    /// The candidates of a scan and, after them, the last resorts.
    pub(super) fn with_last_resorts(
        &self,
        candidates: &[Candidate],
        fallback: Option<Candidate>,
    ) -> Vec<Candidate> {
        let mut all = candidates.to_vec();
        let mut last_resorts = self.former(candidates);
        if let Some(fallback) = fallback {
            last_resorts.retain(|former| former.server != fallback.server);
            last_resorts.push(fallback);
        }
        for last_resort in last_resorts {
            if all.iter().all(|candidate| candidate.server.port() != last_resort.server.port()) {
                all.push(last_resort);
            }
        }
        all
    }

    /// The candidates at the addresses where they answered before, if their files name others now.
    pub(super) fn former(&self, candidates: &[Candidate]) -> Vec<Candidate> {
        let former = |state: &ProbeState| {
            let answered = state.result.as_ref().is_some_and(ProbeResult::is_osaurus);
            let now = |candidate: &&Candidate| {
                candidate.instance.instance_id == state.candidate.instance.instance_id
            };
            let mut candidate = candidates.iter().find(now).filter(|_| answered)?.clone();
            candidate.server = state.candidate.server;
            candidate.instance.port = candidate.server.port();
            Some(candidate)
        };
        self.servers.iter().filter_map(former).collect()
    }
}
