//! To whom does an event matter?

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use notify::event::{ModifyKind, RenameMode};
use notify::{Event, EventKind};

use crate::watch::FeedId;
use crate::watch::inbox::{Inbox, Part, Touch, Trouble};
use crate::{sources::scan, system::failpoint};

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
            Self::File => name == scan::CONFIG_FILE_NAME,
        }
    }
}

/// By folder.
pub type Concerns = HashMap<PathBuf, Vec<Concern>>;

pub fn lock(concerns: &Mutex<Concerns>) -> MutexGuard<'_, Concerns> {
    crate::system::lock(concerns)
}

/// What runs on notify's thread for every event.
pub struct Listener {
    pub inbox: Arc<Inbox>,
    pub concerns: Arc<Mutex<Concerns>>,
    /// Of the backend it listens to.
    pub generation: u64,
}

impl Listener {
    pub fn hear(&self, event: notify::Result<Event>) {
        let told = catch_unwind(AssertUnwindSafe(|| {
            failpoint("watch-event");
            match event {
                Ok(event) if event.need_rescan() => self.inbox.troubled(Trouble::Overflow),
                Ok(event) => self.tell(&event),
                Err(_) => self.ended(),
            }
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
