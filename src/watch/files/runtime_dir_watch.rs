//! Watches everything that decides what one runtime directory holds.
//!
//! This is every directory on the path to it, the runtime directory itself, and the directory of each instance, because
//! publishing is a rename inside that one. A watch is armed before what it watches is read, so whatever happens
//! afterwards is an event.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::backend::WatchError;
use super::dir_watches::DirWatches;
use super::path_walk::{EntryKind, PathWalk};
use super::registry::{Registration, WatchRole};
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
    /// The directories on the path that are registered, the runtime directory included.
    ancestor_watches: Vec<(PathBuf, WatchRole)>,
    /// The names of the instance directories that are registered.
    instances: HashSet<OsString>,
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
            ancestor_watches: Vec::new(),
            instances: HashSet::new(),
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
            let armed = self.watch_ancestors(watches);
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
    fn watch_ancestors(&mut self, watches: &mut DirWatches) -> bool {
        let mut wanted: Vec<(PathBuf, WatchRole)> = Vec::new();
        for step in &self.walk.steps {
            let watch = (step.dir.clone(), WatchRole::Ancestor(step.name.clone()));
            if !wanted.contains(&watch) {
                wanted.push(watch);
            }
        }
        if let Some(target) = &self.walk.target {
            wanted.push((target.clone(), WatchRole::RuntimeDir));
        }
        // New ones first, so that a directory in both is not unwatched in between.
        for (dir, role) in wanted.iter().filter(|watch| !self.ancestor_watches.contains(watch)) {
            watches.register(dir, self.registration(role));
        }
        let before = std::mem::replace(&mut self.ancestor_watches, wanted);
        for (dir, role) in before.iter().filter(|watch| !self.ancestor_watches.contains(watch)) {
            watches.unregister(dir, &self.registration(role));
        }

        let mut armed = false;
        for (dir, _) in &self.ancestor_watches {
            let reason = match watches.watch(dir) {
                Ok(new) => {
                    armed |= new;
                    None
                }
                // The path has changed, which the next walk will show.
                Err(WatchError::NotFound) => {
                    armed = true;
                    None
                }
                Err(WatchError::PermissionDenied) => self.unwatchable_reason(dir),
                Err(WatchError::Unsupported(reason)) => Some(reason),
            };
            if self.degraded_reason.is_none() {
                self.degraded_reason = reason;
            }
        }
        armed
    }

    /// What can be missed if a directory on the path may be passed but not watched. That a directory in it goes is an
    /// event of that directory too; but there is none if one comes, or if a link is replaced. If the path cannot be
    /// passed at all, or ends in a directory that cannot be read, scans fail, and are retried without an event.
    fn unwatchable_reason(&self, dir: &Path) -> Option<DegradedCause> {
        let unseen =
            |kind: &EntryKind| matches!(kind, EntryKind::Missing | EntryKind::Link(_) | EntryKind::Other);
        let missed = self.walk.steps.iter().any(|step| step.dir == dir && unseen(&step.kind));
        missed.then(|| DegradedCause::Unreadable { path: dir.to_owned() })
    }

    /// Watches the directory of every instance. Returns whether these are others than before.
    fn update_instances(&mut self, watches: &mut DirWatches) -> bool {
        let Some(target) = self.walk.target.clone() else { return false };
        // If it cannot be read the scan fails, and that is reported.
        let Ok(entries) = fs::read_dir(&target) else { return false };
        let present: HashSet<OsString> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.file_name())
            .filter(|name| WatchRole::RuntimeDir.matches(name))
            .collect();
        let gone: Vec<_> = self.instances.difference(&present).cloned().collect();
        let mut changed = !gone.is_empty();
        for name in present {
            changed |= self.watch_instance(watches, &target, name);
        }
        for name in gone {
            self.unwatch_instance(watches, &target, &name);
        }
        changed
    }

    /// Returns whether a watch was added.
    fn watch_instance(&mut self, watches: &mut DirWatches, target: &Path, name: OsString) -> bool {
        let dir = target.join(&name);
        if !self.instances.contains(&name) {
            let most = most_instances();
            if self.instances.len() >= most {
                self.degraded_reason.get_or_insert_with(|| DegradedCause::TooManyEntries {
                    path: target.to_owned(),
                    limit: most,
                });
                return false;
            }
            watches.register(&dir, self.registration(&WatchRole::InstanceDir));
            self.instances.insert(name);
        }
        let reason = match watches.watch(&dir) {
            Ok(new) => return new,
            // That it went is an event of the runtime directory.
            Err(WatchError::NotFound) => None,
            Err(WatchError::PermissionDenied) => {
                // If its file cannot be reached either it does not count, and an event says when that changes.
                let file = fs::symlink_metadata(dir.join(CONFIG_FILE_NAME));
                let unreachable = file.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
                (!unreachable).then(|| DegradedCause::Unreadable { path: dir.clone() })
            }
            Err(WatchError::Unsupported(reason)) => Some(reason),
        };
        if self.degraded_reason.is_none() {
            self.degraded_reason = reason;
        }
        false
    }

    fn unwatch_instance(&mut self, watches: &mut DirWatches, target: &Path, name: &OsStr) {
        self.instances.remove(name);
        watches.unregister(&target.join(name), &self.registration(&WatchRole::InstanceDir));
    }

    fn unwatch_instances(&mut self, watches: &mut DirWatches) {
        let Some(target) = self.walk.target.clone() else { return };
        for name in std::mem::take(&mut self.instances) {
            self.unwatch_instance(watches, &target, &name);
        }
    }

    fn registration(&self, role: &WatchRole) -> Registration {
        Registration { dir: self.id, role: role.clone() }
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
