//! Which folders does the system report on, and to whom does an event matter?
//!
//! One backend of notify for the whole process, which is one inotify instance, kqueue or set of
//! ReadDirectoryChangesW calls. Folders are watched one by one, never with all that is below them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::FeedId;
use super::inbox::Inbox;
use crate::error::DegradedCause;

mod backend;
mod concern;

use backend::Backend;
pub use backend::Refusal;
pub use concern::{Concern, Entries};
use concern::{Concerns, lock};

/// The folders that are watched, for all feeds.
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
    /// Watches were ended that others may rely on, so that all still wanted have to be armed anew.
    wants_arming: bool,
    /// After a panic: events have proved dangerous, so there are none any more.
    given_up: bool,
}

/// More watches than this are ended at once, with the backend: one by one each costs time for every other.
const MOST_ENDED_SINGLY: usize = 256;

impl Files {
    pub fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            concerns: Arc::default(),
            backend: None,
            generation: 0,
            armed: Vec::new(),
            wants_arming: false,
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

    /// Takes back all that was told to a feed.
    pub fn forget_feed(&mut self, feed: FeedId) {
        let mut deserted = Vec::new();
        self.concerns().retain(|dir, all| {
            all.retain(|concern| concern.feed != feed);
            if all.is_empty() {
                deserted.push(dir.clone());
            }
            !all.is_empty()
        });
        self.disarm_all(&deserted);
    }

    /// Has a folder watched, which it may be already. Gives whether it was not.
    pub fn arm(&mut self, dir: &Path) -> Result<bool, Refusal> {
        let Err(place) = self.place_of(dir) else { return Ok(false) };
        let backend = match &mut self.backend {
            Some(backend) => backend,
            None if self.given_up => return Err(Refusal::NoEvents(DegradedCause::BackendRestarted)),
            none => {
                self.generation += 1;
                none.insert(Backend::start(&self.inbox, &self.concerns, self.generation)?)
            }
        };
        backend.watch(dir)?;
        self.armed.insert(place, dir.to_owned());
        Ok(true)
    }

    /// What stands at a path may be something else now: watches at and below it are ended. All whose way leads there
    /// are told of that too, and arm anew.
    pub fn reshaped(&mut self, path: &Path) {
        self.disarm_below(path);
    }

    /// The same, found on one's own way: others may have armed there already, and have to do so again.
    pub fn found_reshaped(&mut self, path: &Path) {
        self.wants_arming |= self.disarm_below(path);
    }

    /// Gives whether anything was watched there.
    fn disarm_below(&mut self, path: &Path) -> bool {
        let (Ok(first) | Err(first)) = self.place_of(path);
        let below = self.armed[first..].iter().take_while(|dir| dir.starts_with(path));
        let below: Vec<_> = below.cloned().collect();
        self.disarm_all(&below);
        !below.is_empty()
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

    /// Whether all have to arm anew what they want.
    pub fn wants_arming(&self) -> bool {
        self.wants_arming
    }

    pub fn arming_is_seen_to(&mut self) {
        self.wants_arming = false;
    }

    fn disarm_all(&mut self, dirs: &[PathBuf]) {
        if dirs.len() > MOST_ENDED_SINGLY {
            self.backend = None;
            self.armed.clear();
            self.wants_arming = true;
        } else {
            for dir in dirs {
                self.disarm(dir);
            }
        }
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
