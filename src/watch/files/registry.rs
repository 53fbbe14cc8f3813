//! Maps watched directories to those who need their events.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use crate::sources::scan::CONFIG_FILE_NAME;
use crate::watch::channel::Dirty;
use crate::watch::{DirId, SessionId};

/// One reason to watch a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub dir: DirId,
    pub role: WatchRole,
}

/// What a watched directory is to a runtime directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchRole {
    /// The path to the runtime directory leads through this entry.
    Ancestor(OsString),
    RuntimeDir,
    InstanceDir,
}

impl WatchRole {
    /// Whether an entry of the directory matters.
    pub fn matches(&self, name: &OsStr) -> bool {
        match self {
            Self::Ancestor(entry) => entry == name,
            Self::RuntimeDir => !name.as_encoded_bytes().starts_with(b"."),
            // Some file systems ignore case, and report the name as it is on disk.
            Self::InstanceDir => name.eq_ignore_ascii_case(CONFIG_FILE_NAME),
        }
    }

    /// What an event on an entry, or on the directory itself, makes stale.
    fn dirty(&self, on_entry: bool, structural: bool) -> Dirty {
        match self {
            Self::Ancestor(_) => Dirty { path: true, listing: false, files: structural },
            Self::RuntimeDir => Dirty { path: structural && !on_entry, listing: true, files: true },
            Self::InstanceDir => Dirty { path: false, listing: false, files: true },
        }
    }
}

/// All directories that have to be watched. The backend's thread reads it for every event.
#[derive(Debug, Default)]
pub struct Registry {
    dirs: BTreeMap<PathBuf, WatchedDir>,
}

#[derive(Debug, Default)]
struct WatchedDir {
    registrations: Vec<Registration>,
    watch: WatchState,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum WatchState {
    #[default]
    Unwatched,
    Watched,
    /// Another directory may stand at the path by now, so the watch has to be replaced.
    Stale,
}

impl Registry {
    pub fn register(&mut self, dir: &Path, registration: Registration) {
        if let Some(watched) = self.dirs.get_mut(dir) {
            watched.registrations.push(registration);
        } else {
            let registrations = vec![registration];
            self.dirs.insert(dir.to_owned(), WatchedDir { registrations, watch: WatchState::Unwatched });
        }
    }

    /// Returns whether this was the last registration, so that the backend has to stop watching the directory.
    pub fn unregister(&mut self, dir: &Path, registration: &Registration) -> bool {
        let Some(watched) = self.dirs.get_mut(dir) else { return false };
        if let Some(index) = watched.registrations.iter().position(|each| each == registration) {
            watched.registrations.swap_remove(index);
        }
        let last = watched.registrations.is_empty();
        last && self.dirs.remove(dir).is_some_and(|watched| watched.watch != WatchState::Unwatched)
    }

    /// Returns the directories that the backend has to stop watching.
    pub fn remove_session(&mut self, session: SessionId) -> Vec<PathBuf> {
        let mut unneeded = Vec::new();
        self.dirs.retain(|dir, watched| {
            watched.registrations.retain(|registration| registration.dir.session != session);
            let needed = !watched.registrations.is_empty();
            if !needed && watched.watch != WatchState::Unwatched {
                unneeded.push(dir.clone());
            }
            needed
        });
        unneeded
    }

    /// Notes that the backend is about to watch a directory. Returns false if it does so already.
    ///
    /// Noted before the backend is called, so that an event that follows at once can make the watch stale.
    pub fn begin_watch(&mut self, dir: &Path) -> bool {
        self.dirs.get_mut(dir).is_some_and(|watched| {
            let begins = watched.watch == WatchState::Unwatched;
            if begins {
                watched.watch = WatchState::Watched;
            }
            begins
        })
    }

    pub fn watch_failed(&mut self, dir: &Path) {
        if let Some(watched) = self.dirs.get_mut(dir) {
            watched.watch = WatchState::Unwatched;
        }
    }

    /// Makes the watches at and below a path stale. Returns whether there were any.
    pub fn invalidate_below(&mut self, path: &Path) -> bool {
        let from = (Bound::Included(path), Bound::Unbounded);
        let mut any = false;
        for (_, watched) in self.dirs.range_mut::<Path, _>(from).take_while(|(dir, _)| dir.starts_with(path))
        {
            if watched.watch != WatchState::Unwatched {
                watched.watch = WatchState::Stale;
                any = true;
            }
        }
        any
    }

    /// Returns the directories whose watch is stale. They count as not watched from now on.
    pub fn take_stale(&mut self) -> Vec<PathBuf> {
        let stale = self.dirs.iter_mut().filter(|(_, watched)| watched.watch == WatchState::Stale);
        stale
            .map(|(dir, watched)| {
                watched.watch = WatchState::Unwatched;
                dir.clone()
            })
            .collect()
    }

    /// Notes that the backend, with all its watches, is gone.
    pub fn backend_stopped(&mut self) {
        self.dirs.values_mut().for_each(|watched| watched.watch = WatchState::Unwatched);
    }

    pub fn clear(&mut self) {
        self.dirs.clear();
    }

    /// Hands what an event on `path` makes stale to `mark`. Structural is an event by which something else may stand
    /// at the path: it was created, removed, renamed or replaced.
    pub fn dispatch(&mut self, path: &Path, structural: bool, mut mark: impl FnMut(DirId, Dirty)) {
        if structural {
            self.invalidate_below(path);
        }
        for registration in self.registrations(path) {
            mark(registration.dir, registration.role.dirty(false, structural));
        }
        if let (Some(dir), Some(name)) = (path.parent(), path.file_name()) {
            for registration in self.registrations(dir).iter().filter(|each| each.role.matches(name)) {
                mark(registration.dir, registration.role.dirty(true, structural));
            }
        }
    }

    fn registrations(&self, dir: &Path) -> &[Registration] {
        self.dirs.get(dir).map_or(&[], |watched| &watched.registrations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId(1);
    const DIR: DirId = DirId { session: SESSION, index: 0 };

    fn registry() -> Registry {
        let mut registry = Registry::default();
        let ancestor = |name: &str| WatchRole::Ancestor(name.into());
        for (dir, role) in [
            ("/", ancestor("home")),
            ("/home", ancestor("runtime")),
            ("/home/runtime", WatchRole::RuntimeDir),
            ("/home/runtime/A", WatchRole::InstanceDir),
        ] {
            registry.register(Path::new(dir), Registration { dir: DIR, role });
            assert!(registry.begin_watch(Path::new(dir)), "{dir}");
            assert!(!registry.begin_watch(Path::new(dir)), "{dir} again");
        }
        registry
    }

    #[test]
    fn each_event_makes_stale_what_it_may_have_changed() {
        let file = CONFIG_FILE_NAME;
        // path, structural, what is dirty (path, listing, files), stale watches
        let cases: [(&str, bool, Option<&str>, &[&str]); 10] = [
            ("/other", true, None, &[]),
            ("/home", false, Some("p--"), &[]),
            ("/home", true, Some("p-f"), &["/home", "/home/runtime", "/home/runtime/A"]),
            ("/home/log", true, None, &[]),
            ("/home/runtime", false, Some("pl"), &[]),
            ("/home/runtime", true, Some("plf"), &["/home/runtime", "/home/runtime/A"]),
            ("/home/runtime/B", true, Some("-lf"), &[]),
            ("/home/runtime/.hidden", true, None, &[]),
            ("/home/runtime/A", true, Some("-lf"), &["/home/runtime/A"]),
            ("/home/runtime/A/temporary", true, None, &[]),
        ];
        for (path, structural, flags, stale) in cases {
            let mut registry = registry();
            let mut dirty = None::<Dirty>;
            registry.dispatch(Path::new(path), structural, |dir, more| {
                assert_eq!(dir, DIR);
                *dirty.get_or_insert_default() |= more;
            });
            let flags = flags.map(|flags| Dirty {
                path: flags.contains('p'),
                listing: flags.contains('l'),
                files: flags.contains('f') || flags.contains('l'),
            });
            assert_eq!(dirty, flags, "{path}, structural: {structural}");
            assert_eq!(registry.take_stale(), stale.iter().map(PathBuf::from).collect::<Vec<_>>(), "{path}");
        }
        let mut files = None;
        let path = Path::new("/home/runtime/A").join(file);
        registry().dispatch(&path, true, |_, dirty| files = Some(dirty));
        assert_eq!(files, Some(Dirty { path: false, listing: false, files: true }));
    }

    #[test]
    fn a_directory_is_unwatched_with_its_last_registration() {
        let mut registry = registry();
        let (dir, other) = (Path::new("/home/runtime"), DirId { session: SessionId(2), index: 0 });
        let of = |dir| Registration { dir, role: WatchRole::RuntimeDir };
        registry.register(dir, of(other));
        assert!(!registry.unregister(dir, &of(DIR)));
        assert!(registry.unregister(dir, &of(other)));
        registry.watch_failed(Path::new("/home"));
        let unneeded = registry.remove_session(SESSION);
        assert_eq!(unneeded, ["/", "/home/runtime/A"].map(PathBuf::from), "what failed is not watched");
    }
}
