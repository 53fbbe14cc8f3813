//! Reports every scanned directory and entry, and why each entry counts or does not.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::candidate::{Candidate, Instance};
use crate::error::Error;
use crate::options::Plan;
use crate::probe::{self, Query};
use crate::snapshot::{IgnoredEntry, Snapshot};
use crate::verify;

pub use crate::outcome::{Ignored, IgnoredReason, ProbeOutcome};
pub use crate::snapshot::{DirectoryReport, DirectoryStatus};

/// The result of [`inspect`](crate::inspect).
#[derive(Debug)]
pub struct RuntimeReport {
    /// The scanned directories, in order.
    pub directories: Vec<DirectoryReport>,
    /// The entries: running ones first, newest first, then starting and then ignored ones, both by name.
    pub entries: Vec<EntryReport>,
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

/// The probe of one server.
#[derive(Debug)]
pub struct ProbeReport {
    /// How the server answered `GET /`.
    pub outcome: ProbeOutcome,
    /// The URL that was probed.
    pub url: String,
    /// The time from the connect to the outcome.
    pub duration: Duration,
    /// Whether the server requires an access key, by its response to `GET /v1/models`; unknown if it gave none.
    pub requires_key: Option<bool>,
}

pub(crate) fn inspect(plan: &Plan) -> Result<RuntimeReport, Error> {
    let mut snapshot = Snapshot::full(plan)?;
    let candidates = std::mem::take(&mut snapshot.candidates);
    let mut ignored: Vec<_> = std::mem::take(&mut snapshot.ignored).into_iter().map(ignored_entry).collect();
    let running = match plan.probe_timeout {
        None => candidates.into_iter().map(|candidate| running_entry(&snapshot, candidate, None)).collect(),
        Some(timeout) => verify(plan, timeout, &snapshot, candidates, &mut ignored)?,
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
    Ok(RuntimeReport { directories: snapshot.directories, entries })
}

/// Probes the candidates, moves those that are not Osaurus to `ignored`, and returns the others.
fn verify(
    plan: &Plan,
    timeout: Duration,
    snapshot: &Snapshot,
    candidates: Vec<Candidate>,
    ignored: &mut Vec<EntryReport>,
) -> Result<Vec<EntryReport>, Error> {
    let results =
        verify::probe_candidates(&candidates, timeout, &plan.cancel, |_| ControlFlow::Continue(()))?;
    let mut alive = Vec::new();
    for (candidate, result) in candidates.into_iter().zip(results) {
        let Some(result) = result else { continue };
        let url = format!("http://{}", candidate.server);
        let (is_osaurus, server) = (result.is_osaurus(), candidate.server);
        let probe =
            ProbeReport { outcome: result.outcome, url, duration: result.duration, requires_key: None };
        if is_osaurus {
            alive.push((candidate, probe));
        } else {
            let detail = format!("its server {server} {}", probe.outcome);
            ignored.push(EntryReport {
                path: snapshot.path_of(&candidate),
                status: EntryStatus::Ignored {
                    ignored: Ignored::new(IgnoredReason::NotResponding, detail),
                    instance: Some(candidate.instance),
                    probe: Some(probe),
                },
            });
        }
    }
    query_access(plan, timeout, &mut alive);
    Ok(alive.into_iter().map(|(candidate, probe)| running_entry(snapshot, candidate, Some(probe))).collect())
}

/// Sends a second request to the verified servers. What it cannot tell stays unknown.
fn query_access(plan: &Plan, timeout: Duration, alive: &mut [(Candidate, ProbeReport)]) {
    let servers: Vec<_> = alive.iter().map(|(candidate, _)| candidate.server).collect();
    let query = Query::Models { access_key: None };
    let probed = probe::probe_all(&servers, query, timeout, &plan.cancel, |index, probed| {
        if let Ok(response) = probed.result {
            alive[index].1.requires_key = match response.status {
                401 => Some(true),
                200 => Some(false),
                _ => None,
            };
        }
        ControlFlow::Continue(())
    });
    // If descriptors have run out for this request alone, the rest of the report stands.
    drop(probed);
}

fn running_entry(snapshot: &Snapshot, candidate: Candidate, probe: Option<ProbeReport>) -> EntryReport {
    let path = snapshot.path_of(&candidate);
    let instance = if probe.is_some() { candidate.verified() } else { candidate.instance };
    EntryReport { path, status: EntryStatus::Running { instance, probe } }
}

fn ignored_entry(IgnoredEntry { path, ignored, candidate }: IgnoredEntry) -> EntryReport {
    let instance = candidate.map(|candidate| candidate.instance);
    EntryReport { path, status: EntryStatus::Ignored { ignored, instance, probe: None } }
}

/// Sorts by name, and entries of the same name in two directories by path.
fn sort_by_name(entries: &mut [EntryReport]) {
    entries.sort_by(|a, b| (a.path.file_name(), &a.path).cmp(&(b.path.file_name(), &b.path)));
}
