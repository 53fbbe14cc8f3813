//! Which folders does the system report on, and to whom does an event matter?
//!
//! One backend of notify for the whole process, which is one inotify instance, kqueue or set of
//! ReadDirectoryChangesW calls. Folders are watched one by one, never with all that is below them.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use super::FeedId;
use super::inbox::{Inbox, Part, Touch, Trouble};
use crate::scan;

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
    NoEvents(String),
}

/// Whom a folder's events concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    pub feed: FeedId,
    pub place: usize,
    pub entries: Entries,
}

/// Which entries of a folder matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entries {
    /// This one, since the way leads through it.
    Step(OsString),
    /// All that can be an instance's folder.
    Instances,
    /// The file.
    File,
}

impl Entries {
    fn part(&self) -> Part {
        match self {
            Self::Step(_) => Part::Way,
            Self::Instances => Part::Base,
            Self::File => Part::Instance,
        }
    }

    pub fn matter(&self, name: &OsStr) -> bool {
        match self {
            Self::Step(step) => step == name,
            Self::Instances => !name.as_encoded_bytes().starts_with(b"."),
            Self::File => name == scan::FILE,
        }
    }
}

type Concerns = HashMap<PathBuf, Vec<Concern>>;

pub struct Files {
    inbox: Arc<Inbox>,
    /// Read by notify's thread, which must never wait for this one: it is locked for moments, and never while
    /// notify is called.
    concerns: Arc<Mutex<Concerns>>,
    backend: Option<Backend>,
    /// Counts the backends, so that the end of an old one is not taken for the end of this one.
    generation: u64,
    /// The folders that the backend watches, sorted, so that those below a path are side by side.
    armed: Vec<PathBuf>,
    /// After a panic: events have proved dangerous, so there are none any more.
    given_up: bool,
}

impl Files {
    pub fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            concerns: Arc::default(),
            backend: None,
            generation: 0,
            armed: Vec::new(),
            given_up: false,
        }
    }

    /// From now on there are no events, and nothing is to be armed.
    pub fn give_up(&mut self) {
        self.given_up = true;
        self.concerns().clear();
        self.backend = None;
        self.armed.clear();
    }

    /// Has the events of a folder told to whom it concerns.
    pub fn concern(&mut self, dir: &Path, concern: Concern) {
        let mut concerns = self.concerns();
        match concerns.get_mut(dir) {
            Some(all) => all.push(concern),
            None => drop(concerns.insert(dir.to_owned(), vec![concern])),
        }
    }

    /// Takes that back; the last one ends the watch.
    pub fn forget_concern(&mut self, dir: &Path, concern: &Concern) {
        let mut concerns = self.concerns();
        let Some(all) = concerns.get_mut(dir) else { return };
        if let Some(place) = all.iter().position(|each| each == concern) {
            all.swap_remove(place);
        }
        if all.is_empty() {
            concerns.remove(dir);
            drop(concerns);
            self.disarm(dir);
        }
    }

    /// Has a folder watched, which it may be already. Gives whether it was not.
    pub fn arm(&mut self, dir: &Path) -> Result<bool, Refusal> {
        let Err(place) = self.place_of(dir) else { return Ok(false) };
        let backend = match &mut self.backend {
            Some(backend) => backend,
            None if self.given_up => return Err(Refusal::NoEvents("they have failed before".into())),
            none => {
                self.generation += 1;
                none.insert(Backend::start(&self.inbox, &self.concerns, self.generation)?)
            }
        };
        backend.watch(dir)?;
        self.armed.insert(place, dir.to_owned());
        Ok(true)
    }

    /// What stands at a path may be something else now: watches at and below it are ended, to be armed anew.
    pub fn reshaped(&mut self, path: &Path) {
        let (Ok(first) | Err(first)) = self.place_of(path);
        let count = self.armed[first..].iter().take_while(|dir| dir.starts_with(path)).count();
        for dir in self.armed.drain(first..first + count) {
            if let Some(backend) = &mut self.backend {
                backend.unwatch(&dir);
            }
        }
    }

    /// A backend has ended; where it is the present one the next [`arm`](Self::arm) starts another. Gives whether it
    /// was.
    pub fn ended(&mut self, generation: u64) -> bool {
        let ended = generation == self.generation && self.backend.take().is_some();
        if ended {
            self.armed.clear();
        }
        ended
    }

    fn disarm(&mut self, dir: &Path) {
        let Ok(place) = self.place_of(dir) else { return };
        self.armed.remove(place);
        if let Some(backend) = &mut self.backend {
            backend.unwatch(dir);
        }
    }

    /// Where a folder is among those that are armed, or would be.
    fn place_of(&self, dir: &Path) -> Result<usize, usize> {
        self.armed.binary_search_by(|armed| armed.as_path().cmp(dir))
    }

    fn concerns(&self) -> MutexGuard<'_, Concerns> {
        lock(&self.concerns)
    }
}

fn lock(concerns: &Mutex<Concerns>) -> MutexGuard<'_, Concerns> {
    concerns.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A watcher of notify, whose end does no harm.
struct Backend(Option<RecommendedWatcher>);

impl Backend {
    fn start(inbox: &Arc<Inbox>, concerns: &Arc<Mutex<Concerns>>, generation: u64) -> Result<Self, Refusal> {
        let listener = Listener { inbox: Arc::clone(inbox), concerns: Arc::clone(concerns), generation };
        // It follows links only in watches of whole trees, of which there are none here.
        let config = notify::Config::default().with_event_kinds(EVENTS);
        match RecommendedWatcher::new(move |event| listener.hear(event), config) {
            Ok(watcher) => Ok(Self(Some(watcher))),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn watch(&mut self, dir: &Path) -> Result<(), Refusal> {
        let Some(watcher) = &mut self.0 else { return Ok(()) };
        watcher.watch(dir, RecursiveMode::NonRecursive).map_err(|error| refusal(&error))
    }

    /// What is gone already is no longer watched either, so a failure is as good.
    fn unwatch(&mut self, dir: &Path) {
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
        ErrorKind::MaxFilesWatch => Refusal::NoEvents(
            "this user may watch no more folders. Raise the limit: sysctl fs.inotify.max_user_watches".into(),
        ),
        _ => Refusal::NoEvents(error.to_string()),
    }
}

fn no_events(error: &io::Error) -> String {
    if cfg!(target_os = "linux") && crate::exhausted::is_exhausted(error) {
        return format!(
            "{error}. Close files of this process or programs that watch files, or raise the limits: ulimit -n, \
             sysctl fs.inotify.max_user_instances"
        );
    }
    error.to_string()
}

/// What runs on notify's thread for every event.
struct Listener {
    inbox: Arc<Inbox>,
    concerns: Arc<Mutex<Concerns>>,
    generation: u64,
}

impl Listener {
    fn hear(&self, event: notify::Result<Event>) {
        let told = catch_unwind(AssertUnwindSafe(|| match event {
            Ok(event) if event.need_rescan() => self.inbox.troubled(Trouble::Overflow),
            Ok(event) => self.tell(&event),
            Err(_) => self.ended(),
        }));
        if told.is_err() {
            self.ended();
        }
    }

    fn ended(&self) {
        self.inbox.troubled(Trouble::Ended { generation: self.generation });
    }

    fn tell(&self, event: &Event) {
        // inotify tells both ends of a rename before it tells the pair.
        if event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::Both)) {
            return;
        }
        let reshaped = matches!(
            event.kind,
            EventKind::Create(_)
                | EventKind::Remove(_)
                | EventKind::Modify(ModifyKind::Name(_))
                | EventKind::Other
        );
        let concerns = lock(&self.concerns);
        for path in &event.paths {
            let tell = |concern: &Concern| {
                self.inbox.touched(Touch {
                    feed: concern.feed,
                    place: concern.place,
                    part: concern.entries.part(),
                    path: path.clone(),
                    reshaped,
                });
            };
            concerns.get(path).into_iter().flatten().for_each(tell);
            if let (Some(dir), Some(name)) = (path.parent(), path.file_name()) {
                let all = concerns.get(dir).into_iter().flatten();
                all.filter(|concern| concern.entries.matter(name)).for_each(tell);
            }
        }
    }
}

impl Drop for Listener {
    /// The backend's thread has ended: by a panic of its own, or since nobody needs it any more.
    fn drop(&mut self) {
        self.ended();
    }
}
