//! Watches everything that decides what one runtime directory holds.
//!
//! This is every directory on the path to it, the runtime directory itself, and the directory of each instance, because
//! publishing is a rename inside that one. A watch is armed before what it watches is read, so whatever happens
//! afterwards is an event.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::backend::WatchError;
use super::dir_watches::DirWatches;
use super::path_walk::{EntryKind, PathWalk};
use super::registry::{Watch, WatchRole};
use super::shared_disk;
use crate::error::DegradedCause;
use crate::sources::scan::CONFIG_FILE_NAME;
use crate::watch::DirId;
use crate::watch::channel::Dirty;

/// The path is walked again after its watches are armed, until it stays the same; or so many times, because each
/// further change is an event.
const MOST_WALKS: usize = 8;

pub struct RuntimeDirWatch {
    id: DirId,
    path: PathBuf,
    walk: PathWalk,
    /// What is registered for the path, the runtime directory included.
    on_path: BTreeSet<Watch>,
    /// What is registered for the instances.
    instances: BTreeSet<Watch>,
    stale: Dirty,
    degraded_reason: Option<DegradedCause>,
}

/// What has changed among the directories that are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WatchUpdate {
    Unchanged,
    Instances,
    Path,
}

impl RuntimeDirWatch {
    pub fn new(id: DirId, path: PathBuf) -> Self {
        Self {
            id,
            path,
            walk: PathWalk::default(),
            on_path: BTreeSet::new(),
            instances: BTreeSet::new(),
            stale: Dirty { path: true, listing: true, files: false },
            degraded_reason: None,
        }
    }

    /// Why events may be missed.
    pub fn degraded_reason(&self) -> Option<&DegradedCause> {
        self.degraded_reason.as_ref()
    }

    /// Notes what has to be read again at the next [`update`](Self::update).
    pub fn mark_stale(&mut self, stale: Dirty) {
        self.stale |= stale;
    }

    /// Watches what has to be watched now, as far as that is stale.
    pub fn update(&mut self, watches: &mut DirWatches) -> WatchUpdate {
        let stale = std::mem::take(&mut self.stale);
        if stale.path {
            self.degraded_reason = None;
        }
        if stale.path && self.update_path(watches) {
            self.update_instances(watches);
            return WatchUpdate::Path;
        }
        if stale.listing && self.update_instances(watches) {
            return WatchUpdate::Instances;
        }
        WatchUpdate::Unchanged
    }

    /// Ends all watches.
    pub fn unwatch(&mut self, watches: &mut DirWatches) {
        self.unwatch_instances(watches);
        watches.register(self.id, &std::mem::take(&mut self.on_path), &BTreeSet::new());
    }

    /// Returns whether the path leads elsewhere, or a watch on it was added.
    fn update_path(&mut self, watches: &mut DirWatches) -> bool {
        let mut changed = false;
        for _ in 0..MOST_WALKS {
            let walk = PathWalk::walk(&self.path);
            if walk.target != self.walk.target {
                self.unwatch_instances(watches);
            }
            for path in walk.replaced_since(&self.walk) {
                watches.invalidate_below_and_rearm(&path);
            }
            changed |= walk != self.walk;
            self.walk = walk;
            let armed = self.watch_path(watches);
            changed |= armed;
            if !armed || PathWalk::walk(&self.path) == self.walk {
                break;
            }
            self.degraded_reason = None;
        }
        if let Some(target) = &self.walk.target
            && shared_disk::is_shared(target)
        {
            let reason = DegradedCause::SharedDisk { path: target.clone() };
            self.degraded_reason.get_or_insert(reason);
        }
        changed
    }

    /// Returns whether a watch was added.
    fn watch_path(&mut self, watches: &mut DirWatches) -> bool {
        let ancestors =
            self.walk.steps.iter().map(|step| (&step.dir, WatchRole::Ancestor(step.name.clone())));
        let all = ancestors.chain(self.walk.target.iter().map(|target| (target, WatchRole::RuntimeDir)));
        let wanted = all.map(|(path, role)| Watch { path: path.clone(), role }).collect();
        watches.register(self.id, &self.on_path, &wanted);
        let armed = self.arm(watches, &wanted);
        self.on_path = wanted;
        armed
    }

    /// Watches the directory of every instance. Returns whether these are others than before.
    fn update_instances(&mut self, watches: &mut DirWatches) -> bool {
        let Some(target) = &self.walk.target else { return false };
        // If it cannot be read the scan fails, and that is reported.
        let Ok(entries) = fs::read_dir(target) else { return false };
        let present = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter(|entry| WatchRole::RuntimeDir.matches(&entry.file_name()))
            .map(|entry| Watch { path: entry.path(), role: WatchRole::InstanceDir });
        let (mut wanted, new): (BTreeSet<_>, BTreeSet<_>) =
            present.partition(|watch| self.instances.contains(watch));
        let limit = most_instances();
        if wanted.len() + new.len() > limit {
            let path = target.clone();
            self.degraded_reason.get_or_insert(DegradedCause::TooManyEntries { path, limit });
        }
        let any_gone = wanted.len() < self.instances.len();
        wanted.extend(new.into_iter().take(limit.saturating_sub(wanted.len())));
        watches.register(self.id, &self.instances, &wanted);
        let armed = self.arm(watches, &wanted);
        self.instances = wanted;
        armed || any_gone
    }

    fn unwatch_instances(&mut self, watches: &mut DirWatches) {
        watches.register(self.id, &std::mem::take(&mut self.instances), &BTreeSet::new());
    }

    /// Watches registered directories. Returns whether one was not watched already.
    fn arm(&mut self, watches: &mut DirWatches, registered: &BTreeSet<Watch>) -> bool {
        let mut armed = false;
        for watch in registered {
            let reason = match watches.watch(&watch.path) {
                Ok(new) => {
                    armed |= new;
                    None
                }
                Err(WatchError::NotFound) => {
                    // The path has changed, which the next walk shows. That an instance went is an event of its parent.
                    armed |= watch.role != WatchRole::InstanceDir;
                    None
                }
                Err(WatchError::PermissionDenied) => {
                    let path = || watch.path.clone();
                    self.may_miss_events(watch).then(|| DegradedCause::Unreadable { path: path() })
                }
                Err(WatchError::Unsupported(reason)) => Some(reason),
            };
            if self.degraded_reason.is_none() {
                self.degraded_reason = reason;
            }
        }
        armed
    }

    /// Whether events can be missed that matter if this process may not watch a directory.
    fn may_miss_events(&self, watch: &Watch) -> bool {
        if watch.role == WatchRole::InstanceDir {
            // If its file cannot be reached either it does not count, and an event says when that changes.
            let file = fs::symlink_metadata(watch.path.join(CONFIG_FILE_NAME));
            return !file.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
        }
        // A directory on the path may be passed but not watched. That a directory in it goes is an event of that directory
        // too; but there is none if one comes, or if a link is replaced. If the path cannot be passed at all, or ends in a
        // directory that cannot be read, scans fail, and are retried without an event.
        let unseen =
            |kind: &EntryKind| matches!(kind, EntryKind::Missing | EntryKind::Link(_) | EntryKind::Other);
        self.walk.steps.iter().any(|step| step.dir == watch.path && unseen(&step.kind))
    }
}

/// How many instance directories are watched. kqueue needs an open file for each, and three quarters of the files that
/// a process may open are left to the application.
#[cfg(target_os = "macos")]
fn most_instances() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|files| usize::try_from(files / 4).ok()).unwrap_or(usize::MAX)
}

#[cfg(not(target_os = "macos"))]
fn most_instances() -> usize {
    usize::MAX
}
