//! What does notify do for us, and what may it refuse?

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use notify::{ErrorKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use super::concern::{Concerns, Listener};
use crate::error::DegradedCause;
use crate::watch::inbox::Inbox;

/// What the kernel is to report. Neither opens nor reads, so our own looks do not wake us; and of writes only that
/// the writer has closed the file: a log in the home folder that is written to all day wakes nobody.
#[cfg(target_os = "linux")]
const EVENTS: EventKindMask = EventKindMask::CREATE
    .union(EventKindMask::REMOVE)
    .union(EventKindMask::MODIFY_NAME)
    .union(EventKindMask::MODIFY_META)
    .union(EventKindMask::ACCESS_CLOSE);

/// kqueue and ReadDirectoryChangesW know no other mask than notify's own, which it applies to what they report:
/// entries that come and go are a write to their folder.
#[cfg(not(target_os = "linux"))]
const EVENTS: EventKindMask = EventKindMask::CORE;

/// Why a folder is not watched.
#[derive(Debug)]
pub enum Refusal {
    /// It is not there any more.
    Gone,
    /// This process may not read it.
    Denied,
    /// The system has no events for it; in words, why and what to do.
    NoEvents(DegradedCause),
}

/// A watcher of notify, whose end does no harm.
pub struct Backend(Option<RecommendedWatcher>);

impl Backend {
    pub fn start(
        inbox: &Arc<Inbox>,
        concerns: &Arc<Mutex<Concerns>>,
        generation: u64,
    ) -> Result<Self, Refusal> {
        let listener = Listener { inbox: Arc::clone(inbox), concerns: Arc::clone(concerns), generation };
        // It follows links only in watches of whole trees, of which there are none here.
        let config = notify::Config::default().with_event_kinds(EVENTS);
        match RecommendedWatcher::new(move |event| listener.hear(event), config) {
            Ok(watcher) => Ok(Self(Some(watcher))),
            Err(error) => Err(refusal(&error)),
        }
    }

    pub fn watch(&mut self, dir: &Path) -> Result<(), Refusal> {
        let Some(watcher) = &mut self.0 else { return Ok(()) };
        watcher.watch(dir, RecursiveMode::NonRecursive).map_err(|error| refusal(&error))
    }

    /// What is gone already is no longer watched either, so a failure is as good.
    pub fn unwatch(&mut self, dir: &Path) {
        if let Some(watcher) = &mut self.0 {
            let _ = watcher.unwatch(dir);
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It panics where its thread has ended before it, which the listener has reported by then.
        let watcher = self.0.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(watcher)));
    }
}

fn refusal(error: &notify::Error) -> Refusal {
    match &error.kind {
        ErrorKind::PathNotFound => Refusal::Gone,
        ErrorKind::Io(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Gone,
            io::ErrorKind::PermissionDenied => Refusal::Denied,
            _ => Refusal::NoEvents(no_events(error)),
        },
        ErrorKind::MaxFilesWatch => Refusal::NoEvents(DegradedCause::WatchLimit),
        _ => Refusal::NoEvents(DegradedCause::Refused { system_error: error.to_string() }),
    }
}

fn no_events(error: &io::Error) -> DegradedCause {
    let system_error = error.to_string();
    if cfg!(target_os = "linux") && crate::system::is_resource_exhausted(error) {
        DegradedCause::ResourceExhausted { system_error }
    } else {
        DegradedCause::Refused { system_error }
    }
}
