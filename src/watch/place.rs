//! What has to be watched so that nothing is missed that happens to one folder of instances?
//!
//! Every folder on the way to it, itself, and the folder of each instance: publishing is a rename inside that one.
//! A watch is armed before what it watches is read, so whatever happens afterwards is an event.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::FeedId;
use super::disk;
use super::files::{Concern, Entries, Files, Refusal};
use super::inbox::{Part, Touch};
use super::trail::{Found, Trail};
use crate::error::DegradedCause;
use crate::sources::scan;

/// The way is walked again after its watches are armed, until it is the same; and given up for now where somebody
/// changes it all the time, since each change is an event.
const MOST_WALKS: usize = 8;

pub struct Place {
    feed: FeedId,
    index: usize,
    path: PathBuf,
    trail: Trail,
    /// What the way is watched for.
    on_the_way: Vec<(PathBuf, Concern)>,
    /// The folders of instances that are watched, by name.
    instances: HashSet<OsString>,
    /// What has to be done anew.
    stale: Stale,
    /// Why events of it may be missed, in words.
    blind: Option<DegradedCause>,
}

/// What may be otherwise than it is known.
#[derive(Debug, Default)]
struct Stale {
    way: bool,
    listing: bool,
    instances: Vec<OsString>,
}

/// What has changed of what is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Followed {
    Nothing,
    /// Folders of instances came or went.
    Instances,
    /// The way leads elsewhere.
    Way,
}

impl Place {
    pub fn new(feed: FeedId, index: usize, path: PathBuf) -> Self {
        Self {
            feed,
            index,
            path,
            trail: Trail::default(),
            on_the_way: Vec::new(),
            instances: HashSet::new(),
            stale: Stale { way: true, ..Stale::default() },
            blind: None,
        }
    }

    /// Why events of it may be missed.
    pub fn blind(&self) -> Option<&DegradedCause> {
        self.blind.as_ref()
    }

    /// Nothing is taken for granted any more.
    pub fn doubt(&mut self) {
        self.stale.way = true;
        self.stale.listing = true;
    }

    /// Notes an event. Gives whether the files have to be read again, whatever has become of the way.
    pub fn touched(&mut self, touch: &Touch) -> bool {
        let end = self.trail.end.as_deref();
        match touch.part {
            Part::Way => {
                self.stale.way = true;
                return touch.reshaped;
            }
            Part::Base if end == Some(&touch.path) => {
                self.stale.listing = true;
                self.stale.way |= touch.reshaped;
            }
            Part::Base => self.note_instance(&touch.path),
            Part::Instance if touch.path.parent() == end => self.note_instance(&touch.path),
            Part::Instance => {}
        }
        true
    }

    fn note_instance(&mut self, path: &Path) {
        if let Some(name) = path.file_name() {
            self.stale.instances.push(name.to_owned());
        }
    }

    /// Watches what has to be watched now, which may be something else than before.
    pub fn follow(&mut self, files: &mut Files) -> Followed {
        let stale = std::mem::take(&mut self.stale);
        if stale.way {
            self.blind = None;
        }
        let moved = stale.way && self.walk(files);
        let mut instances = false;
        if moved || stale.listing {
            instances = self.list(files);
        } else {
            for name in stale.instances {
                instances |= self.keep_or_drop(files, name);
            }
        }
        match (moved, instances) {
            (true, _) => Followed::Way,
            (false, true) => Followed::Instances,
            (false, false) => Followed::Nothing,
        }
    }

    fn walk(&mut self, files: &mut Files) -> bool {
        let mut changed = false;
        for _ in 0..MOST_WALKS {
            let trail = Trail::of(&self.path);
            if trail.end != self.trail.end {
                self.leave_instances(files);
            }
            for path in trail.replaced_since(&self.trail) {
                files.found_reshaped(&path);
            }
            changed |= trail != self.trail;
            self.trail = trail;
            let armed = self.arm_the_way(files);
            changed |= armed;
            if !armed || Trail::of(&self.path) == self.trail {
                break;
            }
            self.blind = None;
        }
        if let Some(end) = &self.trail.end
            && disk::is_shared(end)
        {
            let cause = DegradedCause::SharedDisk { path: end.clone() };
            self.blind.get_or_insert(cause);
        }
        changed
    }

    /// Gives whether a watch was added.
    fn arm_the_way(&mut self, files: &mut Files) -> bool {
        let (feed, place) = (self.feed, self.index);
        let concern = |entries| Concern { feed, place, entries };
        let mut wanted: Vec<(PathBuf, Concern)> = Vec::new();
        for step in &self.trail.steps {
            let pair = (step.dir.clone(), concern(Entries::Step(step.name.clone())));
            if !wanted.contains(&pair) {
                wanted.push(pair);
            }
        }
        if let Some(end) = &self.trail.end {
            wanted.push((end.clone(), concern(Entries::Instances)));
        }
        // New ones first: a folder in both is not let go and taken up again.
        for (dir, concern) in &wanted {
            if !self.on_the_way.iter().any(|held| held.0 == *dir && held.1 == *concern) {
                files.concern(dir, concern.clone());
            }
        }
        for (dir, concern) in std::mem::replace(&mut self.on_the_way, wanted) {
            if !self.on_the_way.iter().any(|held| held.0 == dir && held.1 == concern) {
                files.forget_concern(&dir, &concern);
            }
        }

        let mut armed = false;
        for place in 0..self.on_the_way.len() {
            let dir = &self.on_the_way[place].0;
            match files.arm(dir) {
                Ok(new) => armed |= new,
                // The way has changed, which the next walk will show.
                Err(Refusal::Gone) => armed = true,
                Err(Refusal::Denied) => {
                    if let Some(cause) = self.unseen(dir) {
                        self.blind.get_or_insert(cause);
                    }
                }
                Err(Refusal::NoEvents(cause)) => {
                    self.blind.get_or_insert(cause);
                }
            }
        }
        armed
    }

    /// What can be missed where a folder on the way may be passed but not watched: that a folder in it goes is an
    /// event of that folder too, but nothing tells that one comes, or that a link is replaced. Where the way cannot
    /// be passed at all, or ends in a folder that cannot be read, looking fails, and is tried again by itself.
    fn unseen(&self, dir: &Path) -> Option<DegradedCause> {
        let unseen = |found: &Found| matches!(found, Found::Missing | Found::Link(_) | Found::Other);
        let misses = self.trail.steps.iter().any(|step| step.dir == dir && unseen(&step.found));
        misses.then(|| DegradedCause::Unreadable { path: dir.to_owned() })
    }

    /// Watches the folder of every instance. Gives whether that is something else than before.
    fn list(&mut self, files: &mut Files) -> bool {
        let Some(end) = &self.trail.end else { return false };
        // Where it cannot be read looking fails, which is where that is told.
        let Ok(entries) = fs::read_dir(end) else { return false };
        let there: HashSet<OsString> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.file_name())
            .filter(|name| Entries::Instances.matter(name))
            .collect();
        let gone: Vec<_> = self.instances.difference(&there).cloned().collect();
        let mut changed = false;
        for name in there {
            changed |= self.watch_instance(files, name);
        }
        for name in gone {
            changed |= self.leave_instance(files, &name);
        }
        changed
    }

    fn keep_or_drop(&mut self, files: &mut Files, name: OsString) -> bool {
        let Some(end) = &self.trail.end else { return false };
        let path = end.join(&name);
        if fs::symlink_metadata(path).is_ok_and(|facts| facts.is_dir()) {
            self.watch_instance(files, name)
        } else {
            self.leave_instance(files, &name)
        }
    }

    fn watch_instance(&mut self, files: &mut Files, name: OsString) -> bool {
        let Some(end) = &self.trail.end else { return false };
        let dir = end.join(&name);
        if !self.instances.contains(&name) {
            let most = most_instances();
            if self.instances.len() >= most {
                self.blind
                    .get_or_insert_with(|| DegradedCause::TooManyEntries { path: end.clone(), limit: most });
                return false;
            }
            files.concern(&dir, self.instance_concern());
            self.instances.insert(name);
        }
        match files.arm(&dir) {
            Ok(new) => return new,
            // That it went is an event of the folder it was in.
            Err(Refusal::Gone) => {}
            Err(Refusal::Denied) => {
                // Where its file cannot be reached either, it does not count; and that this changes is an event.
                let file = fs::symlink_metadata(dir.join(scan::CONFIG_FILE_NAME));
                if !file.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
                    self.blind.get_or_insert_with(|| DegradedCause::Unreadable { path: dir.to_owned() });
                }
            }
            Err(Refusal::NoEvents(cause)) => {
                self.blind.get_or_insert(cause);
            }
        }
        false
    }

    fn leave_instance(&mut self, files: &mut Files, name: &OsStr) -> bool {
        let was = self.instances.remove(name);
        if was && let Some(end) = &self.trail.end {
            files.forget_concern(&end.join(name), &self.instance_concern());
        }
        was
    }

    fn leave_instances(&mut self, files: &mut Files) {
        for name in std::mem::take(&mut self.instances) {
            if let Some(end) = &self.trail.end {
                files.forget_concern(&end.join(name), &self.instance_concern());
            }
        }
    }

    fn instance_concern(&self) -> Concern {
        Concern { feed: self.feed, place: self.index, entries: Entries::File }
    }
}

/// So many instances' folders are watched. kqueue needs an open file for each, and of those the app that this runs
/// in keeps three quarters for itself.
#[cfg(target_os = "macos")]
fn most_instances() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|files| usize::try_from(files / 4).ok()).unwrap_or(usize::MAX)
}

#[cfg(not(target_os = "macos"))]
fn most_instances() -> usize {
    usize::MAX
}
