//! Watches directories for all sessions with one backend.
//!
//! The backend is one inotify instance, kqueue or set of ReadDirectoryChangesW calls for the whole process.
//! Directories are watched one by one, never with everything below them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use super::backend::{Backend, WatchError};
use super::registry::{Registry, Watch};
use crate::error::DegradedCause;
use crate::system::lock;
use crate::watch::DirId;
use crate::watch::channel::Channel;

/// Above this number all watches are ended with the backend, because ending each costs time for every other.
const MOST_ENDED_SINGLY: usize = 256;

/// The directories that are watched, for all sessions.
pub struct DirWatches {
    channel: Arc<Channel>,
    /// Locked for moments, and never while the backend is called, which waits for its thread, which locks it too.
    registry: Arc<Mutex<Registry>>,
    backend: Option<Backend>,
    /// Counts the backends, so that the end of an earlier one is not mistaken for the end of this one.
    generation: u64,
    /// Watches were ended that other sessions may rely on, so every session has to watch its directories again.
    rearm_wanted: bool,
    /// Set after a panic: file events may cause another one, so they are no longer used.
    disabled: bool,
}

impl DirWatches {
    pub fn new(channel: Arc<Channel>) -> Self {
        Self {
            channel,
            registry: Arc::default(),
            backend: None,
            generation: 0,
            rearm_wanted: false,
            disabled: false,
        }
    }

    /// Ends all file events.
    pub fn disable(&mut self) {
        self.disabled = true;
        self.registry().clear();
        self.backend = None;
    }

    /// Registers what a runtime directory needs in place of `before`. Watches without a registration end.
    pub fn register(&mut self, dir: DirId, before: &BTreeSet<Watch>, wanted: &BTreeSet<Watch>) {
        let mut registry = self.registry();
        // New ones first, so that a directory in both is not unwatched in between.
        wanted.difference(before).for_each(|watch| registry.register(dir, watch));
        before.difference(wanted).for_each(|watch| registry.unregister(dir, watch));
        drop(registry);
        if !before.is_subset(wanted) {
            self.drop_stale();
        }
    }

    /// Watches a registered directory. Returns whether it was not watched already.
    pub fn watch(&mut self, dir: &Path) -> Result<bool, WatchError> {
        if self.disabled {
            return Err(WatchError::Unsupported(DegradedCause::BackendRestarted));
        }
        if !self.registry().begin_watch(dir) {
            return Ok(false);
        }
        let watched = self.backend().and_then(|backend| backend.watch(dir));
        if let Err(error) = watched {
            self.registry().watch_failed(dir);
            return Err(error);
        }
        Ok(true)
    }

    /// Ends the watches that are stale: file events have made them so, and all whose path leads there are dirty as well and
    /// watch again. Returns whether there were any.
    pub fn drop_stale(&mut self) -> bool {
        let stale = self.registry().take_stale();
        if stale.len() > MOST_ENDED_SINGLY {
            self.backend = None;
            self.registry().backend_stopped();
            self.rearm_wanted = true;
        } else if let Some(backend) = &mut self.backend {
            stale.iter().for_each(|dir| backend.unwatch(dir));
        }
        !stale.is_empty()
    }

    /// Ends the watches at and below a path, found to be replaced. Other sessions have to watch again what they need.
    pub fn invalidate_below_and_rearm(&mut self, path: &Path) {
        let any = self.registry().invalidate_below(path);
        self.rearm_wanted |= any;
        self.drop_stale();
    }

    /// Notes that a backend stopped; the next [`watch`](Self::watch) starts another. Returns whether it was in use.
    pub fn backend_stopped(&mut self, generation: u64) -> bool {
        let stopped = generation == self.generation && self.backend.take().is_some();
        if stopped {
            self.registry().backend_stopped();
        }
        stopped
    }

    /// Whether every session has to watch its directories again.
    pub fn rearm_wanted(&self) -> bool {
        self.rearm_wanted
    }

    pub fn rearm_begins(&mut self) {
        self.rearm_wanted = false;
    }

    fn backend(&mut self) -> Result<&mut Backend, WatchError> {
        if self.backend.is_none() {
            self.generation += 1;
            self.backend = Some(Backend::start(&self.channel, &self.registry, self.generation)?);
        }
        self.backend.as_mut().ok_or(WatchError::NotFound)
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }
}
