//! Maps watched directories to those who need their events.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use crate::sources::scan::CONFIG_FILE_NAME;
use crate::watch::DirId;
use crate::watch::channel::Dirty;

/// A directory that has to be watched for a runtime directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watch {
    pub path: PathBuf,
    pub role: WatchRole,
}

/// What a watched directory is to a runtime directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// For which runtime directories it is watched, and why.
    registrations: Vec<(DirId, WatchRole)>,
    state: WatchState,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum WatchState {
    #[default]
    Unwatched,
    Watched,
    /// Another directory may stand at the path by now, or no registration is left, so the watch has to end.
    Stale,
}

impl Registry {
    pub fn register(&mut self, dir: DirId, watch: &Watch) {
        let watched = self.dirs.entry(watch.path.clone()).or_default();
        watched.registrations.push((dir, watch.role.clone()));
    }

    /// Takes a registration back. The watch of a directory without any is stale.
    pub fn unregister(&mut self, dir: DirId, watch: &Watch) {
        let Some(watched) = self.dirs.get_mut(&watch.path) else { return };
        watched.registrations.retain(|(each, role)| (each, role) != (&dir, &watch.role));
        if watched.registrations.is_empty() {
            if watched.state == WatchState::Unwatched {
                self.dirs.remove(&watch.path);
            } else {
                watched.state = WatchState::Stale;
            }
        }
    }

    /// Notes that the backend is about to watch a directory. Returns false if it does so already.
    ///
    /// Noted before the backend is called, so that an event that follows at once can make the watch stale.
    pub fn begin_watch(&mut self, dir: &Path) -> bool {
        self.dirs.get_mut(dir).is_some_and(|watched| {
            let begins = watched.state == WatchState::Unwatched;
            if begins {
                watched.state = WatchState::Watched;
            }
            begins
        })
    }

    pub fn watch_failed(&mut self, dir: &Path) {
        if let Some(watched) = self.dirs.get_mut(dir) {
            watched.state = WatchState::Unwatched;
        }
    }

    /// Makes the watches at and below a path stale. Returns whether there were any.
    pub fn invalidate_below(&mut self, path: &Path) -> bool {
        let from = (Bound::Included(path), Bound::Unbounded);
        let mut any = false;
        for (_, watched) in self.dirs.range_mut::<Path, _>(from).take_while(|(dir, _)| dir.starts_with(path))
        {
            if watched.state != WatchState::Unwatched {
                watched.state = WatchState::Stale;
                any = true;
            }
        }
        any
    }

    /// Returns the directories whose watch is stale. They count as not watched from now on.
    pub fn take_stale(&mut self) -> Vec<PathBuf> {
        let mut stale = Vec::new();
        self.dirs.retain(|dir, watched| {
            if watched.state == WatchState::Stale {
                watched.state = WatchState::Unwatched;
                stale.push(dir.clone());
            }
            !watched.registrations.is_empty()
        });
        stale
    }

    /// Notes that the backend, with all its watches, is gone.
    pub fn backend_stopped(&mut self) {
        self.dirs.values_mut().for_each(|watched| watched.state = WatchState::Unwatched);
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
        for (dir, role) in self.registrations(path) {
            mark(*dir, role.dirty(false, structural));
        }
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            for (dir, role) in self.registrations(parent).iter().filter(|(_, role)| role.matches(name)) {
                mark(*dir, role.dirty(true, structural));
            }
        }
    }

    fn registrations(&self, dir: &Path) -> &[(DirId, WatchRole)] {
        self.dirs.get(dir).map_or(&[], |watched| &watched.registrations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::SessionId;

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
            registry.register(DIR, &Watch { path: dir.into(), role });
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
        let watch = Watch { path: "/home/runtime".into(), role: WatchRole::RuntimeDir };
        let other = DirId { session: SessionId(2), index: 0 };
        registry.register(other, &watch);
        registry.unregister(DIR, &watch);
        assert!(registry.take_stale().is_empty());
        registry.unregister(other, &watch);
        assert_eq!(registry.take_stale(), [watch.path]);
        assert!(registry.take_stale().is_empty());
        let failed = Watch { path: "/home".into(), role: WatchRole::Ancestor("runtime".into()) };
        registry.watch_failed(&failed.path);
        registry.unregister(DIR, &failed);
        assert!(registry.take_stale().is_empty(), "what failed is not watched");
    }
}
