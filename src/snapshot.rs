//! Scans the directories of a plan into one snapshot, from which every result is derived.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::candidate::{Candidate, Instance};
use crate::directory::{DirectoryReport, DirectoryStatus, blocked_by};
use crate::error::{Error, ErrorDetails, NotFound};
use crate::options::Plan;
use crate::outcome::{Ignored, IgnoredReason};
use crate::rank;
use crate::sources::runtime_dir;
use crate::sources::scan::{self, Entry};

/// The id of an instance that no file describes.
const UNPUBLISHED: &str = "unpublished";

/// Everything that one scan found, as far as its result needs it.
///
/// The four results differ in what a scan keeps. [`newest`](Self::newest) copies no entry that is older than the best so
/// far, [`take`](Self::take) keeps the candidates for a list or a watcher, and [`full`](Self::full) keeps every entry for
/// a report.
#[derive(Debug)]
pub struct Snapshot {
    /// The scanned directories, in the order of the plan.
    pub directories: Vec<DirectoryReport>,
    /// The entries that say they are running, newest first: one for each id and, when verifying, one for each port.
    pub candidates: Vec<Candidate>,
    /// The entries that are about to run.
    pub starting: Vec<StartingEntry>,
    /// The entries that do not count; only in a full snapshot.
    pub ignored: Vec<IgnoredEntry>,
    ignored_counts: Vec<(IgnoredReason, usize)>,
    nested_runtime_dir: Option<PathBuf>,
    unreadable: Option<(PathBuf, String)>,
    detail: Detail,
}

/// An entry that is starting or restarting.
#[derive(Debug)]
pub struct StartingEntry {
    pub path: PathBuf,
    pub restarting: bool,
    pub instance_id: String,
    pub updated_at: DateTime<Utc>,
}

/// An entry that does not count, with its candidate if it says that it is running.
#[derive(Debug)]
pub struct IgnoredEntry {
    pub path: PathBuf,
    pub ignored: Ignored,
    pub candidate: Option<Candidate>,
}

/// What a snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    Newest,
    Candidates,
    Full,
}

impl Snapshot {
    /// Scans the directories of a plan for candidates and sends no request.
    ///
    /// # Errors
    ///
    /// The plan was cancelled, or the scan of a directory broke off: what came before may not be the newest.
    pub fn take(plan: &Plan) -> Result<Self, Error> {
        Self::scan(plan, Detail::Candidates)
    }

    /// Scans for the newest candidate alone.
    ///
    /// # Errors
    ///
    /// See [`take`](Self::take).
    pub fn newest(plan: &Plan) -> Result<Self, Error> {
        Self::scan(plan, Detail::Newest)
    }

    /// Scans for every entry.
    ///
    /// # Errors
    ///
    /// The plan was cancelled. A scan that broke off shows in the status of its directory.
    pub fn full(plan: &Plan) -> Result<Self, Error> {
        Self::scan(plan, Detail::Full)
    }

    fn scan(plan: &Plan, detail: Detail) -> Result<Self, Error> {
        let mut snapshot = Self {
            directories: Vec::with_capacity(plan.dirs.len()),
            candidates: Vec::new(),
            starting: Vec::new(),
            ignored: Vec::new(),
            ignored_counts: Vec::new(),
            nested_runtime_dir: None,
            unreadable: None,
            detail,
        };
        for (index, dir) in plan.dirs.iter().enumerate() {
            let mut began = false;
            let result = scan::scan(&dir.path, &plan.cancel, |name, entry| {
                began = true;
                snapshot.add(index, &dir.path, name, entry);
            });
            let status = DirectoryStatus::of(&dir.path, result);
            if began
                && detail != Detail::Full
                && let Some(error) = status.as_error(&dir.path)
            {
                return Err(error);
            }
            let (path, legacy) = (dir.path.clone(), dir.legacy);
            snapshot.directories.push(DirectoryReport { path, legacy, status });
        }
        if plan.cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        snapshot.deduplicate(plan.probe_timeout.is_some());
        Ok(snapshot)
    }

    /// Sorts one entry into its class.
    fn add(&mut self, dir: usize, dir_path: &Path, name: &OsStr, entry: Entry<'_>) {
        match entry {
            Entry::Running(entry) if self.detail == Detail::Newest => match self.candidates.first_mut() {
                // Most entries are rejected by their time alone.
                Some(best) if entry.rank.updated_at < best.instance.updated_at => {}
                Some(best) if entry.rank >= best.rank() => {}
                Some(best) => *best = entry.to_candidate(dir),
                None => self.candidates.push(entry.to_candidate(dir)),
            },
            Entry::Running(entry) => self.candidates.push(entry.to_candidate(dir)),
            Entry::Starting { config, updated_at } => self.starting.push(StartingEntry {
                path: dir_path.join(name),
                restarting: config.restarting,
                instance_id: config.instance_id.map_or_else(String::new, Into::into),
                updated_at,
            }),
            Entry::Ignored(ignored) => {
                match self.ignored_counts.iter_mut().find(|(known, _)| *known == ignored.reason) {
                    Some((_, count)) => *count += 1,
                    None => self.ignored_counts.push((ignored.reason, 1)),
                }
                if ignored.reason == IgnoredReason::MissingFile && runtime_dir::is_runtime_dir_name(name) {
                    self.nested_runtime_dir = Some(dir_path.join(name));
                }
                if let Some(system_error) = &ignored.system_error {
                    self.unreadable.get_or_insert_with(|| {
                        let file = dir_path.join(name).join(scan::CONFIG_FILE_NAME);
                        (blocked_by(&file).unwrap_or(file), system_error.clone())
                    });
                }
                if self.detail == Detail::Full {
                    let ignored = scan::describe_missing_file(&dir_path.join(name), ignored);
                    self.ignored.push(IgnoredEntry { path: dir_path.join(name), ignored, candidate: None });
                }
            }
        }
    }

    /// Keeps the newest candidate of each id and, with `by_port`, of each port: entries of one port are one server.
    fn deduplicate(&mut self, by_port: bool) {
        if self.candidates.len() < 2 {
            return;
        }
        rank::sort_newest_first(&mut self.candidates, Candidate::rank);
        let is_first = rank::is_first_of_key(&self.candidates, |each| &*each.instance.instance_id);
        self.ignore_repeated(&is_first, IgnoredReason::DuplicateId, |instance| {
            format!("a newer entry has the same instanceId, {}", instance.instance_id)
        });
        if by_port {
            let is_first = rank::is_first_of_key(&self.candidates, |each| each.server.port());
            self.ignore_repeated(&is_first, IgnoredReason::DuplicatePort, |instance| {
                format!("a newer entry leads to the same port, {}", instance.port)
            });
        }
    }

    fn ignore_repeated(
        &mut self,
        is_first: &[bool],
        reason: IgnoredReason,
        describe: impl Fn(&Instance) -> String,
    ) {
        let (directories, ignored) = (&self.directories, &mut self.ignored);
        let keep = self.detail == Detail::Full;
        rank::retain_first(&mut self.candidates, is_first, |candidate| {
            if keep {
                let path = directories[candidate.dir].path.join(&candidate.name);
                let repeated = Ignored::new(reason, describe(&candidate.instance));
                ignored.push(IgnoredEntry { path, ignored: repeated, candidate: Some(candidate) });
            }
        });
    }

    /// Whether the newest published entry is about to run, as far as all directories could be read.
    ///
    /// An older starting entry was left behind by a crash.
    pub fn is_starting(&self) -> bool {
        let newest_running = self.candidates.first().map(|candidate| candidate.instance.updated_at);
        let newest_starting = self.starting.iter().map(|entry| entry.updated_at).max();
        newest_starting > newest_running && !self.has_unreadable_directory()
    }

    /// Whether a directory exists that cannot be read.
    pub fn has_unreadable_directory(&self) -> bool {
        let is_readable =
            |status: &DirectoryStatus| matches!(status, DirectoryStatus::Read | DirectoryStatus::Missing);
        !self.directories.iter().all(|dir| is_readable(&dir.status))
    }

    /// Describes the instance that answered at an address that no file names: the newest published one with this address,
    /// or one with the id `unpublished` if none is published.
    pub fn instance_at(&self, server: SocketAddr) -> Instance {
        let (port, url) = (server.port(), format!("http://{server}"));
        match self.candidates.first() {
            Some(candidate) => Instance { port, url, ..candidate.instance.clone() },
            None => Instance {
                instance_id: UNPUBLISHED.to_owned(),
                updated_at: DateTime::UNIX_EPOCH,
                address: server.ip().to_string(),
                port,
                url,
                expose_to_network: false,
            },
        }
    }

    /// Returns a candidate for an address that no file names, as [`instance_at`](Self::instance_at) describes it.
    pub fn candidate_at(&self, server: SocketAddr) -> Candidate {
        let instance = self.instance_at(server);
        let file_modified =
            self.candidates.first().map_or(DateTime::UNIX_EPOCH, |newest| newest.file_modified);
        Candidate { dir: 0, name: instance.instance_id.clone().into(), server, file_modified, instance }
    }

    /// Returns the directory of a candidate.
    pub fn path_of(&self, candidate: &Candidate) -> PathBuf {
        self.directories[candidate.dir].path.join(&candidate.name)
    }

    /// Returns the instances that the files describe, or the reason why there is none.
    ///
    /// # Errors
    ///
    /// The error that a discovery rejects with if no candidate counts.
    pub fn outcome(&self) -> Result<Vec<Instance>, Error> {
        match &*self.candidates {
            [] => Err(self.why_none(None)),
            candidates => Ok(candidates.iter().map(|each| each.instance.clone()).collect()),
        }
    }

    /// Returns the most helpful reason why no instance is running, given what verifying the candidates led to.
    pub fn why_none(&self, not_responding: Option<Error>) -> Error {
        if let Some(entry) = self.starting.first() {
            let (path, restarting) = (entry.path.clone(), entry.restarting);
            return Error::new(ErrorDetails::Starting { path, restarting });
        }
        let unreadable = self.directories.iter().find_map(|dir| dir.status.as_error(&dir.path));
        unreadable.or(not_responding).unwrap_or_else(|| Error::new(ErrorDetails::NotFound(self.not_found())))
    }

    fn not_found(&self) -> NotFound {
        let with = |status: &DirectoryStatus| {
            let dirs = self.directories.iter().filter(|dir| dir.status == *status);
            dirs.map(|dir| dir.path.clone()).collect()
        };
        NotFound {
            read: with(&DirectoryStatus::Read),
            missing: with(&DirectoryStatus::Missing),
            ignored: self.ignored_counts.clone(),
            nested_runtime_dir: self.nested_runtime_dir.clone(),
            unreadable: self.unreadable.clone(),
        }
    }
}
