//! Finds Osaurus at addresses that no file names, if no published server answers.

use super::{ProbeState, Verifier};
use crate::candidate::{Candidate, Instance};

impl Verifier {
    /// Whether no candidate answered, so that the last resorts are probed before a state is made.
    pub fn has_pending_last_resort(&self) -> bool {
        self.needs_last_resorts() && self.servers[self.published..].iter().any(ProbeState::is_pending)
    }

    /// The instances at the last resorts that answered, if no candidate did: all that a directory named before it became
    /// unreadable, or else the first one.
    pub fn last_resorts(&self) -> Vec<Instance> {
        let up = |servers: &[ProbeState]| -> Vec<_> {
            let up = servers.iter().filter(|server| server.is_up());
            up.map(|server| server.candidate.clone().verified()).collect()
        };
        let (kept, others) = self.servers[self.published..].split_at(self.kept);
        let (kept, mut others) = (up(kept), up(others));
        others.truncate(1);
        if kept.is_empty() { others } else { kept }
    }

    pub(super) fn needs_last_resorts(&self) -> bool {
        self.servers[..self.published].iter().all(|server| !server.is_pending() && !server.is_up())
    }

    /// The candidates whose servers answered last.
    pub(super) fn answered(&self) -> Vec<Candidate> {
        self.servers.iter().filter(|server| server.is_up()).map(|server| server.candidate.clone()).collect()
    }

    /// The candidates of a scan and, after them, the last resorts.
    pub(super) fn with_last_resorts(
        &self,
        candidates: &[Candidate],
        fallback: Option<Candidate>,
    ) -> Vec<Candidate> {
        let mut all = candidates.to_vec();
        // The fallback wins over a former address with its port, and keeps its place after the others.
        let former = self.former(candidates);
        let former =
            former.filter(|each| fallback.as_ref().is_none_or(|fallback| fallback.server != each.server));
        for last_resort in former.chain(fallback.clone()) {
            if all.iter().all(|candidate| candidate.server.port() != last_resort.server.port()) {
                all.push(last_resort);
            }
        }
        all
    }

    /// The candidates at the addresses where they answered before, if their files name others now.
    fn former(&self, candidates: &[Candidate]) -> impl Iterator<Item = Candidate> {
        self.servers.iter().filter(|server| server.is_up()).filter_map(move |server| {
            let before = &server.candidate;
            let is_same = |each: &&Candidate| each.instance.instance_id == before.instance.instance_id;
            let mut candidate = candidates.iter().find(is_same)?.clone();
            candidate.server = before.server;
            candidate.instance.port = before.server.port();
            Some(candidate)
        })
    }
}
