//! Why does each entry count, or not?

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::candidate::{self, Candidate, Found};
use crate::error::Error;
use crate::ignored::{Ignored, IgnoredReason};
use crate::instance::Instance;
use crate::options::Plan;
use crate::probe::{self, ProbeOutcome, ProbeResult, Query};
use crate::sources::config::Config;
use crate::sources::scan::{self, Entry, Published};
pub use crate::survey::DirectoryStatus;
use crate::verify;

/// Everything that was looked at.
#[derive(Debug)]
pub struct RuntimeReport {
    /// The folders, in the order they were looked at.
    pub directories: Vec<DirectoryReport>,
    /// Running ones first, newest first, then starting ones, then ignored ones, both by the folder's name.
    pub entries: Vec<EntryReport>,
}

/// One folder of instances.
#[derive(Debug)]
pub struct DirectoryReport {
    /// Absolute.
    pub path: PathBuf,
    /// Whether only older versions of Osaurus publish there.
    pub legacy: bool,
    /// What became of it.
    pub status: DirectoryStatus,
}

/// One entry of such a folder.
#[derive(Debug)]
pub struct EntryReport {
    /// The instance's own folder.
    pub path: PathBuf,
    /// What it is.
    pub status: EntryStatus,
}

/// What an entry is.
#[derive(Debug)]
pub enum EntryStatus {
    /// It counts.
    Running {
        /// As [`list`](super::list) would give it.
        instance: Instance,
        /// Only when verifying.
        probe: Option<ProbeReport>,
    },
    /// It is about to run.
    Starting {
        /// After having run before.
        restarting: bool,
        /// The folder's name where the file has none.
        instance_id: String,
        /// As published, or else the folder's modification time.
        updated_at: DateTime<Utc>,
    },
    /// It does not count.
    Ignored {
        /// Why.
        ignored: Ignored,
        /// Where the entry says it is running, and is well formed.
        instance: Option<Instance>,
        /// Where its server was asked.
        probe: Option<ProbeReport>,
    },
}

/// What came of asking one server.
#[derive(Debug)]
pub struct ProbeReport {
    /// How it answered `GET /`.
    pub outcome: ProbeOutcome,
    /// The server that was asked.
    pub url: String,
    /// From its connect to the outcome.
    pub duration: Duration,
    /// Whether it wants an access key, by its answer to `GET /v1/models`; unknown where it gave none.
    pub wants_key: Option<bool>,
}

pub(crate) fn inspect(plan: &Plan) -> Result<RuntimeReport, Error> {
    let mut findings = Findings::default();
    let mut directories = Vec::with_capacity(plan.dirs.len());
    for dir in &plan.dirs {
        let result = scan::scan(&dir.path, &plan.cancel, |entry| findings.note(&dir.path, entry));
        directories.push(DirectoryReport {
            path: dir.path.clone(),
            legacy: dir.legacy,
            status: DirectoryStatus::of(result),
        });
    }
    if plan.cancel.is_cancelled() {
        return Err(Error::cancelled());
    }
    Ok(RuntimeReport { directories, entries: findings.into_entries(plan)? })
}

#[derive(Default)]
struct Findings {
    running: Vec<Candidate>,
    starting: Vec<EntryReport>,
    ignored: Vec<EntryReport>,
}

impl Findings {
    fn note(&mut self, dir: &Path, entry: Entry<'_>) {
        match entry.verdict {
            Ok(Published { config: Config::Running(config), updated_at, file_modified }) => {
                let found = Found::new(dir, entry.name, config, updated_at, file_modified);
                self.running.push(found.to_candidate());
            }
            Ok(Published { config: Config::Starting(config), updated_at, .. }) => {
                let instance_id = config.instance_id.unwrap_or_else(|| entry.name.to_string_lossy());
                let status = EntryStatus::Starting {
                    restarting: config.restarting,
                    instance_id: instance_id.into_owned(),
                    updated_at,
                };
                self.starting.push(EntryReport { path: dir.join(entry.name), status });
            }
            Err(ignored) => {
                let status = EntryStatus::Ignored { ignored, instance: None, probe: None };
                self.ignored.push(EntryReport { path: dir.join(entry.name), status });
            }
        }
    }

    fn ignore(
        &mut self,
        candidate: Candidate,
        reason: IgnoredReason,
        detail: String,
        probe: Option<ProbeReport>,
    ) {
        let ignored = Ignored::new(reason, detail);
        let path = candidate.path();
        let status = EntryStatus::Ignored { ignored, instance: Some(candidate.instance), probe };
        self.ignored.push(EntryReport { path, status });
    }

    fn into_entries(mut self, plan: &Plan) -> Result<Vec<EntryReport>, Error> {
        let (candidates, duplicates) = candidate::dedup_by_id(std::mem::take(&mut self.running));
        for candidate in duplicates {
            let detail = format!("a newer entry has the same instanceId, {}", candidate.instance.instance_id);
            self.ignore(candidate, IgnoredReason::DuplicateId, detail, None);
        }
        let running = match plan.probe_timeout {
            None => candidates.into_iter().map(|candidate| running(candidate, None)).collect(),
            Some(timeout) => self.verify(plan, timeout, candidates)?,
        };
        sort_by_name(&mut self.starting);
        sort_by_name(&mut self.ignored);
        Ok([running, self.starting, self.ignored].into_iter().flatten().collect())
    }

    fn verify(
        &mut self,
        plan: &Plan,
        timeout: Duration,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<EntryReport>, Error> {
        let (candidates, superseded) = verify::dedup_by_port(candidates);
        for candidate in superseded {
            let detail = format!("a newer entry leads to the same port, {}", candidate.instance.port);
            self.ignore(candidate, IgnoredReason::DuplicatePort, detail, None);
        }
        let answers =
            verify::probe_candidates(&candidates, timeout, &plan.cancel, |_| ControlFlow::Continue(()))?;
        let mut alive = Vec::new();
        for (candidate, probed) in candidates.into_iter().zip(answers) {
            let Some(probed) = probed else { continue };
            if verify::is_osaurus(&probed) {
                alive.push((candidate, probed));
            } else {
                let detail = format!("its server {} {}", candidate.server, probed.outcome);
                let probe = Some(probe_report(&candidate, probed, None));
                self.ignore(candidate, IgnoredReason::NotResponding, detail, probe);
            }
        }
        let keys = which_want_keys(plan, timeout, &alive);
        let reports = alive.into_iter().zip(keys).map(|((candidate, probed), wants_key)| {
            let probe = probe_report(&candidate, probed, wants_key);
            running(candidate, Some(probe))
        });
        Ok(reports.collect())
    }
}

/// The same name in two directories: by the path of those.
fn sort_by_name(entries: &mut [EntryReport]) {
    entries.sort_by(|a, b| (a.path.file_name(), &a.path).cmp(&(b.path.file_name(), &b.path)));
}

fn running(candidate: Candidate, probe: Option<ProbeReport>) -> EntryReport {
    let path = candidate.path();
    let instance = if probe.is_some() { candidate.verified() } else { candidate.instance };
    EntryReport { path, status: EntryStatus::Running { instance, probe } }
}

fn probe_report(candidate: &Candidate, probed: ProbeResult, wants_key: Option<bool>) -> ProbeReport {
    let url = format!("http://{}", candidate.server);
    ProbeReport { outcome: probed.outcome, url, duration: probed.duration, wants_key }
}

/// A second request to those that are Osaurus. What it cannot tell stays unknown.
fn which_want_keys(plan: &Plan, timeout: Duration, alive: &[(Candidate, ProbeResult)]) -> Vec<Option<bool>> {
    let servers: Vec<_> = alive.iter().map(|(candidate, _)| candidate.server).collect();
    let mut keys = vec![None; alive.len()];
    let asked = probe::probe_all(&servers, Query::Models, timeout, &plan.cancel, |index, probed| {
        if let ProbeOutcome::Osaurus { status } = probed.outcome {
            keys[index] = match status {
                401 => Some(true),
                200 => Some(false),
                _ => None,
            };
        }
        ControlFlow::Continue(())
    });
    // Out of descriptors only for this request: the rest of the report stands.
    drop(asked);
    keys
}
