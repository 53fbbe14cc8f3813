//! Which folders decide what stands at a path?
//!
//! Every folder on the way does, links and what they lead to included: whatever is made, removed, renamed or
//! replaced there may change where the path leads. The way is walked here as the system walks it, and written down.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many links the system follows on one way, more or less.
const MOST_LINKS: usize = 40;

/// The way to a path, as far as it exists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// What was looked up on the way, in this order.
    pub steps: Vec<Step>,
    /// The folder at the end, by its real path; none where the way ends before it.
    pub end: Option<PathBuf>,
}

/// A name looked up in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The folder's real path, without links.
    pub dir: PathBuf,
    pub name: OsString,
    pub found: Found,
}

/// What stood at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Folder(Identity),
    Link(PathBuf),
    /// Something that leads no further.
    Other,
    Missing,
    /// The system does not tell.
    Hidden,
}

/// Tells a folder from another one at the same place, as far as the system does.
type Identity = (u64, u64);

impl Trail {
    /// Walks the way to an absolute path.
    pub fn of(path: &Path) -> Self {
        let mut trail = Self::default();
        let mut here = PathBuf::new();
        let mut ahead = VecDeque::new();
        let mut links = 0;
        set_out(path, &mut here, &mut ahead);
        while let Some(name) = ahead.pop_front() {
            if name == ".." {
                here.pop();
                continue;
            }
            let found = look_up(&here.join(&name));
            trail.steps.push(Step { dir: here.clone(), name: name.clone(), found: found.clone() });
            match found {
                Found::Folder(_) => here.push(name),
                Found::Link(target) if links < MOST_LINKS => {
                    links += 1;
                    set_out(&target, &mut here, &mut ahead);
                }
                _ => return trail,
            }
        }
        trail.end = Some(here);
        trail
    }

    /// The paths at which something else stands than stood there in an older trail.
    pub fn replaced_since<'a>(&'a self, older: &'a Self) -> impl Iterator<Item = PathBuf> + 'a {
        self.steps.iter().filter_map(|step| {
            let replaced =
                |old: &&Step| old.dir == step.dir && old.name == step.name && old.found != step.found;
            older.steps.iter().find(replaced).map(|_| step.dir.join(&step.name))
        })
    }

    /// The folders on the way, each once.
    #[cfg(test)]
    fn folders(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> = Vec::new();
        for dir in self.steps.iter().map(|step| &*step.dir).chain(self.end.as_deref()) {
            if !folders.contains(&dir) {
                folders.push(dir);
            }
        }
        folders
    }
}

/// Puts the names of a path before those still ahead; an absolute path begins anew at the root.
fn set_out(path: &Path, here: &mut PathBuf, ahead: &mut VecDeque<OsString>) {
    if path.is_absolute() {
        here.clear();
    }
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => here.push(component),
            Component::CurDir => {}
            Component::ParentDir => names.push(OsStr::new("..")),
            Component::Normal(name) => names.push(name),
        }
    }
    for name in names.into_iter().rev() {
        ahead.push_front(name.to_owned());
    }
}

fn look_up(path: &Path) -> Found {
    match fs::symlink_metadata(path) {
        Ok(facts) if facts.is_dir() => Found::Folder(identity(&facts)),
        Ok(facts) if facts.is_symlink() => fs::read_link(path).map_or(Found::Hidden, Found::Link),
        Ok(_) => Found::Other,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Missing,
        Err(_) => Found::Hidden,
    }
}

#[cfg(unix)]
fn identity(facts: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino())
}

#[cfg(not(unix))]
fn identity(facts: &fs::Metadata) -> Identity {
    let made = facts.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    made.map_or((0, 0), |since| (since.as_secs(), since.subsec_nanos().into()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Ground {
        _folder: tempfile::TempDir,
        root: PathBuf,
    }

    impl Ground {
        /// A folder with `real/runtime` in it, and links and files that lead there and elsewhere.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            fs::create_dir_all(root.join("real/runtime")).unwrap();
            fs::write(root.join("file"), "").unwrap();
            symlink("real", root.join("relative")).unwrap();
            symlink(root.join("real"), root.join("absolute")).unwrap();
            symlink("real/../relative", root.join("winding")).unwrap();
            symlink("elsewhere", root.join("dangling")).unwrap();
            symlink("loop", root.join("loop")).unwrap();
            Self { _folder: folder, root }
        }

        /// The folders on the way to a path, and its end, all below the root.
        fn trail(&self, path: &str) -> (Vec<String>, Option<String>) {
            let trail = Trail::of(&self.root.join(path));
            let below = |dir: &Path| dir.strip_prefix(&self.root).ok().map(|dir| dir.display().to_string());
            let folders = trail.folders().into_iter().filter_map(below).collect();
            (folders, trail.end.as_deref().and_then(below))
        }
    }

    #[test]
    fn the_way_passes_every_folder_that_decides_where_it_leads() {
        let ground = Ground::new();
        // name, path, folders on the way, end
        let cases: [(&str, &str, &[&str], Option<&str>); 11] = [
            ("a plain path", "real/runtime", &["", "real", "real/runtime"], Some("real/runtime")),
            ("a missing end", "real/none", &["", "real"], None),
            ("two missing folders", "none/none", &[""], None),
            ("a relative link", "relative/runtime", &["", "real", "real/runtime"], Some("real/runtime")),
            ("an absolute link", "absolute/runtime", &["", "real", "real/runtime"], Some("real/runtime")),
            (
                "a link to a link, by way of ..",
                "winding/runtime",
                &["", "real", "real/runtime"],
                Some("real/runtime"),
            ),
            ("a link that leads nowhere", "dangling/runtime", &[""], None),
            ("a link that leads to itself", "loop/runtime", &[""], None),
            ("a file on the way", "file/runtime", &[""], None),
            ("a file at the end", "file", &[""], None),
            (
                "back and forth",
                "real/./runtime/../runtime",
                &["", "real", "real/runtime"],
                Some("real/runtime"),
            ),
        ];
        for (name, path, folders, end) in cases {
            assert_eq!(
                ground.trail(path),
                (folders.iter().map(ToString::to_string).collect(), end.map(str::to_owned)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_folder_replaced_by_another_makes_another_trail() {
        let ground = Ground::new();
        let path = ground.root.join("real/runtime");
        let before = Trail::of(&path);
        assert_eq!(Trail::of(&path), before);
        fs::rename(&path, ground.root.join("real/old")).unwrap();
        fs::create_dir(&path).unwrap();
        let after = Trail::of(&path);
        assert_ne!(after, before);
        assert_eq!(after.replaced_since(&before).collect::<Vec<_>>(), [path]);
        assert_eq!(after.replaced_since(&after).count(), 0);
    }

    #[test]
    fn a_link_that_leads_elsewhere_makes_another_trail() {
        let ground = Ground::new();
        let path = ground.root.join("relative/runtime");
        let before = Trail::of(&path);
        fs::remove_file(ground.root.join("relative")).unwrap();
        symlink("absolute", ground.root.join("relative")).unwrap();
        assert_ne!(Trail::of(&path), before);
    }
}
