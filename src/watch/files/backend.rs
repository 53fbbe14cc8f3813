//! Wraps the file watcher of the operating system.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use notify::event::{ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use super::registry::Registry;
use crate::error::DegradedCause;
use crate::system::{failpoint, is_resource_exhausted, lock};
use crate::watch::channel::Channel;

/// What the kernel reports. Opens and reads are left out because our own scans would wake us. Of writes only the
/// closing of the file is reported: a log in the home directory that is written to all day causes no wake-up.
#[cfg(target_os = "linux")]
const EVENTS: EventKindMask = EventKindMask::CREATE
    .union(EventKindMask::REMOVE)
    .union(EventKindMask::MODIFY_NAME)
    .union(EventKindMask::MODIFY_META)
    .union(EventKindMask::ACCESS_CLOSE);

/// kqueue and ReadDirectoryChangesW have no mask of their own; notify filters what they report. There, a created or
/// removed entry is a write to its directory.
#[cfg(not(target_os = "linux"))]
const EVENTS: EventKindMask = EventKindMask::CORE;

/// Why a directory is not watched.
#[derive(Debug)]
pub enum WatchError {
    /// The directory no longer exists.
    NotFound,
    /// This process may not read it.
    PermissionDenied,
    /// The system has no events for it.
    Unsupported(DegradedCause),
}

/// A watcher of notify, whose end does no harm.
pub struct Backend(Option<RecommendedWatcher>);

impl Backend {
    pub fn start(
        channel: &Arc<Channel>,
        registry: &Arc<Mutex<Registry>>,
        generation: u64,
    ) -> Result<Self, WatchError> {
        let handler =
            EventHandler { channel: Arc::clone(channel), registry: Arc::clone(registry), generation };
        // It follows links only in watches of whole trees, of which there are none here.
        let config = notify::Config::default().with_event_kinds(EVENTS);
        match RecommendedWatcher::new(move |event| handler.handle_event(event), config) {
            Ok(watcher) => Ok(Self(Some(watcher))),
            Err(error) => Err(watch_error(&error)),
        }
    }

    pub fn watch(&mut self, dir: &Path) -> Result<(), WatchError> {
        let Some(watcher) = &mut self.0 else { return Ok(()) };
        watcher.watch(dir, RecursiveMode::NonRecursive).map_err(|error| watch_error(&error))
    }

    /// Ignores failures: a removed directory is no longer watched either.
    pub fn unwatch(&mut self, dir: &Path) {
        if let Some(watcher) = &mut self.0 {
            let _ = watcher.unwatch(dir);
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // notify panics if its thread has ended before, which the handler has reported by then.
        let watcher = self.0.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(watcher)));
    }
}

/// Turns the events of a backend into flags, on the backend's thread.
struct EventHandler {
    channel: Arc<Channel>,
    registry: Arc<Mutex<Registry>>,
    generation: u64,
}

impl EventHandler {
    fn handle_event(&self, event: notify::Result<Event>) {
        let handled = catch_unwind(AssertUnwindSafe(|| {
            failpoint("watch-event");
            match event {
                Ok(event) if event.need_rescan() => {
                    self.channel.add_events(|events| events.queue_overflowed = true);
                }
                Ok(event) => self.dispatch(&event),
                Err(_) => self.stopped(),
            }
        }));
        if handled.is_err() {
            self.stopped();
        }
    }

    fn dispatch(&self, event: &Event) {
        // inotify reports both ends of a rename before it reports the pair.
        if event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::Both)) {
            return;
        }
        let structural = matches!(
            event.kind,
            EventKind::Create(_)
                | EventKind::Remove(_)
                | EventKind::Modify(ModifyKind::Name(_))
                | EventKind::Other
        );
        let mut registry = lock(&self.registry);
        self.channel.add_events(|events| {
            let mut mark = |dir, dirty| *events.dirty.entry(dir).or_default() |= dirty;
            event.paths.iter().for_each(|path| registry.dispatch(path, structural, &mut mark));
        });
    }

    fn stopped(&self) {
        self.channel.add_events(|events| {
            events.stopped_backend = events.stopped_backend.max(Some(self.generation));
        });
    }
}

impl Drop for EventHandler {
    /// The backend's thread has ended: by a panic of its own, or because the backend was dropped.
    fn drop(&mut self) {
        self.stopped();
    }
}

fn watch_error(error: &notify::Error) -> WatchError {
    match &error.kind {
        ErrorKind::PathNotFound => WatchError::NotFound,
        ErrorKind::Io(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => WatchError::NotFound,
            io::ErrorKind::PermissionDenied => WatchError::PermissionDenied,
            _ => WatchError::Unsupported(no_events(error)),
        },
        ErrorKind::MaxFilesWatch => WatchError::Unsupported(DegradedCause::WatchLimit),
        _ => WatchError::Unsupported(DegradedCause::Refused { system_error: error.to_string() }),
    }
}

fn no_events(error: &io::Error) -> DegradedCause {
    let system_error = error.to_string();
    if cfg!(target_os = "linux") && is_resource_exhausted(error) {
        DegradedCause::ResourceExhausted { system_error }
    } else {
        DegradedCause::Refused { system_error }
    }
}
