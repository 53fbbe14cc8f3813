//! Reports every scanned directory and entry, and why each entry counts or does not.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::access;
use crate::candidate::{Candidate, Instance};
use crate::error::Error;
use crate::options::Plan;
use crate::outcome::ProbeResult;
use crate::snapshot::{IgnoredEntry, Snapshot};
use crate::verify::{self, FallbackProbe};

pub use crate::directory::{DirectoryReport, DirectoryStatus};
pub use crate::outcome::{AccessKeyStatus, Ignored, IgnoredReason, ProbeOutcome};

/// The result of [`inspect`](crate::inspect).
#[derive(Debug)]
pub struct RuntimeReport {
    /// The scanned directories, in order.
    pub directories: Vec<DirectoryReport>,
    /// The entries: running ones first, newest first, then starting and then ignored ones, both by name.
    pub entries: Vec<EntryReport>,
    /// The probe of the default address; only if no published instance answered where its file says.
    pub fallback: Option<FallbackReport>,
}

/// The probe of the default address, 127.0.0.1:1337.
#[derive(Debug)]
pub struct FallbackReport {
    /// The probe.
    pub probe: ProbeReport,
    /// The instance, if Osaurus answered. No entry describes it if its id is `unpublished`.
    pub instance: Option<Instance>,
}

/// One entry of a scanned directory.
#[derive(Debug)]
pub struct EntryReport {
    /// The path of the entry.
    pub path: PathBuf,
    /// The status of the entry.
    pub status: EntryStatus,
}

/// The status of an entry.
#[derive(Debug)]
pub enum EntryStatus {
    /// The entry counts as a running instance.
    Running {
        /// The instance, as [`list`](crate::list) returns it.
        instance: Instance,
        /// The probe of its server; only when verifying.
        probe: Option<ProbeReport>,
        /// What the file says, if it is wrong: Osaurus answered at the default address instead.
        published: Option<PublishedReport>,
    },
    /// The instance is about to run.
    Starting {
        /// Whether it was running before.
        restarting: bool,
        /// The id of the launch. The name of the entry if the file has none.
        instance_id: String,
        /// The published time. The modification time of the entry if the file has none.
        updated_at: DateTime<Utc>,
    },
    /// The entry does not count.
    Ignored {
        /// The reason.
        ignored: Ignored,
        /// The instance, if the entry says that it is running and is well formed.
        instance: Option<Instance>,
        /// The probe of its server, if it was probed.
        probe: Option<ProbeReport>,
    },
}

/// What a wrong file says.
#[derive(Debug)]
pub struct PublishedReport {
    /// The instance as published.
    pub instance: Instance,
    /// The probe of the published server.
    pub probe: Option<ProbeReport>,
}

/// The probe of one server.
#[derive(Debug, Clone)]
pub struct ProbeReport {
    /// How the server answered `GET /`.
    pub outcome: ProbeOutcome,
    /// The URL that was probed.
    pub url: String,
    /// The time from the connect to the outcome.
    pub duration: Duration,
    /// Whether the server accepts the access key or needs none; unknown if its responses do not tell.
    pub access_key: Option<AccessKeyStatus>,
    /// The names of the models, if the server listed them.
    pub models: Option<Vec<String>>,
    /// The status of the last response to `GET /v1/models`.
    pub models_status: Option<u16>,
    /// The origins that the server allows pages to call it from, by `Access-Control-Allow-Origin`: usually `*`. Without it
    /// pages are refused.
    pub allow_origin: Option<String>,
}

impl ProbeReport {
    fn new(server: SocketAddr, result: ProbeResult) -> Self {
        Self {
            outcome: result.outcome,
            url: format!("http://{server}"),
            duration: result.duration,
            access_key: None,
            models: None,
            models_status: None,
            allow_origin: None,
        }
    }

    fn is_osaurus(&self) -> bool {
        self.outcome == ProbeOutcome::Osaurus
    }
}

pub(crate) fn inspect(plan: &Plan) -> Result<RuntimeReport, Error> {
    let mut snapshot = Snapshot::full(plan)?;
    let mut ignored: Vec<_> = std::mem::take(&mut snapshot.ignored).into_iter().map(ignored_entry).collect();
    let (running, fallback) = match plan.probe_timeout {
        None => (published_entries(&snapshot), None),
        Some(timeout) => verified_entries(plan, timeout, &snapshot, &mut ignored)?,
    };
    let mut starting: Vec<_> = snapshot
        .starting
        .into_iter()
        .map(|entry| EntryReport {
            path: entry.path,
            status: EntryStatus::Starting {
                restarting: entry.restarting,
                instance_id: entry.instance_id,
                updated_at: entry.updated_at,
            },
        })
        .collect();
    sort_by_name(&mut starting);
    sort_by_name(&mut ignored);
    let entries = [running, starting, ignored].into_iter().flatten().collect();
    Ok(RuntimeReport { directories: snapshot.directories, entries, fallback })
}

fn published_entries(snapshot: &Snapshot) -> Vec<EntryReport> {
    let entry = |candidate: &Candidate| EntryReport {
        path: snapshot.path_of(candidate),
        status: EntryStatus::Running { instance: candidate.instance.clone(), probe: None, published: None },
    };
    snapshot.candidates.iter().map(entry).collect()
}

/// Probes the candidates, adds those that are not Osaurus to `ignored`, and returns the others.
fn verified_entries(
    plan: &Plan,
    timeout: Duration,
    snapshot: &Snapshot,
    ignored: &mut Vec<EntryReport>,
) -> Result<(Vec<EntryReport>, Option<FallbackReport>), Error> {
    let candidates = &snapshot.candidates;
    let results = verify::probe_candidates(candidates, timeout, &plan.cancel, |_| ControlFlow::Continue(()))?;
    let probes = candidates.iter().zip(results);
    let mut probes: Vec<_> = probes
        .filter_map(|(each, result)| Some((each.server, ProbeReport::new(each.server, result?))))
        .collect();
    let has_none = !probes.iter().any(|(_, probe)| probe.is_osaurus());
    let fallback = if has_none { verify::probe_fallback(plan, snapshot, &plan.cancel)? } else { None };
    let has_fallback = fallback.is_some();
    probes
        .extend(fallback.map(|FallbackProbe { server, result }| (server, ProbeReport::new(server, result))));
    query_models(plan, timeout, &mut probes);

    let fallback = if has_fallback { probes.pop() } else { None };
    let fallback = fallback.map(|(server, probe)| FallbackReport {
        instance: probe.is_osaurus().then(|| snapshot.instance_at(server)),
        probe,
    });
    let mut running = Vec::new();
    for (candidate, (server, probe)) in candidates.iter().zip(probes) {
        let (path, published) = (snapshot.path_of(candidate), candidate.instance.clone());
        let at_fallback = fallback.as_ref().filter(|_| running.is_empty());
        let status = if probe.is_osaurus() {
            let instance = candidate.clone().verified();
            EntryStatus::Running { instance, probe: Some(probe), published: None }
        } else if let Some(FallbackReport { probe: answered, instance: Some(instance) }) = at_fallback {
            let published = PublishedReport { instance: published, probe: Some(probe) };
            EntryStatus::Running {
                instance: instance.clone(),
                probe: Some(answered.clone()),
                published: Some(published),
            }
        } else {
            let detail = format!("its server {server} {}", probe.outcome);
            let why = Ignored::new(IgnoredReason::NotResponding, detail);
            EntryStatus::Ignored { ignored: why, instance: Some(published), probe: Some(probe) }
        };
        match status {
            EntryStatus::Running { .. } => running.push(EntryReport { path, status }),
            _ => ignored.push(EntryReport { path, status }),
        }
    }
    Ok((running, fallback))
}

/// Sends a second request to the servers that are Osaurus.
fn query_models(plan: &Plan, timeout: Duration, probes: &mut [(SocketAddr, ProbeReport)]) {
    let verified: Vec<_> = probes.iter_mut().filter(|(_, probe)| probe.is_osaurus()).collect();
    let servers: Vec<_> = verified.iter().map(|(server, _)| *server).collect();
    for ((_, probe), access) in verified.into_iter().zip(access::query(plan, timeout, &servers)) {
        probe.access_key = access.key;
        probe.models = access.models;
        probe.models_status = access.status;
        probe.allow_origin = access.allow_origin;
    }
}

fn ignored_entry(IgnoredEntry { path, ignored, candidate }: IgnoredEntry) -> EntryReport {
    let instance = candidate.map(|candidate| candidate.instance);
    EntryReport { path, status: EntryStatus::Ignored { ignored, instance, probe: None } }
}

/// Sorts by name, and entries of the same name in two directories by path.
fn sort_by_name(entries: &mut [EntryReport]) {
    entries.sort_by(|a, b| (a.path.file_name(), &a.path).cmp(&(b.path.file_name(), &b.path)));
}
