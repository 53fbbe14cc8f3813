//! Walks a path as the system does and records every directory that decides where it leads.
//!
//! Whatever is created, removed, renamed or replaced in one of these directories may change the target, links and what
//! they lead to included.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// About as many links as a system follows on one path.
const MOST_LINKS: usize = 40;

/// The entries on a path, as far as they exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathWalk {
    /// The entries that were looked up, in this order.
    pub steps: Vec<Step>,
    /// The real path of the directory that the path leads to; none if the path ends before it.
    pub target: Option<PathBuf>,
}

/// An entry looked up in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The real path of the directory, without links.
    pub dir: PathBuf,
    pub name: OsString,
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    Directory(Identity),
    Link(PathBuf),
    /// Something that leads no further.
    Other,
    Missing,
    /// The system does not say.
    Unknown,
}

/// Distinguishes a directory from another one at the same path, as far as the system does.
type Identity = (u64, u64);

impl PathWalk {
    /// Walks an absolute path.
    pub fn walk(path: &Path) -> Self {
        Self::walk_with(path, lstat)
    }

    fn walk_with(path: &Path, lstat: impl Fn(&Path) -> EntryKind) -> Self {
        let mut walk = Self::default();
        let mut here = PathBuf::new();
        let mut ahead = VecDeque::new();
        let mut links = 0;
        push_components(path, &mut here, &mut ahead);
        while let Some(name) = ahead.pop_front() {
            if name == ".." {
                here.pop();
                continue;
            }
            let kind = lstat(&here.join(&name));
            walk.steps.push(Step { dir: here.clone(), name: name.clone(), kind: kind.clone() });
            match kind {
                EntryKind::Directory(_) => here.push(name),
                EntryKind::Link(target) if links < MOST_LINKS => {
                    links += 1;
                    push_components(&target, &mut here, &mut ahead);
                }
                _ => return walk,
            }
        }
        walk.target = Some(here);
        walk
    }

    /// The paths at which something else stands than in an earlier walk.
    pub fn replaced_since<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = PathBuf> + 'a {
        self.steps.iter().filter_map(|step| {
            let replaced =
                |old: &&Step| old.dir == step.dir && old.name == step.name && old.kind != step.kind;
            earlier.steps.iter().find(replaced).map(|_| step.dir.join(&step.name))
        })
    }
}

/// Puts the components of a path before those that are still ahead. An absolute path starts at the root again.
fn push_components(path: &Path, here: &mut PathBuf, ahead: &mut VecDeque<OsString>) {
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

fn lstat(path: &Path) -> EntryKind {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => EntryKind::Directory(identity(&metadata)),
        Ok(metadata) if metadata.is_symlink() => {
            fs::read_link(path).map_or(EntryKind::Unknown, EntryKind::Link)
        }
        Ok(_) => EntryKind::Other,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => EntryKind::Missing,
        Err(_) => EntryKind::Unknown,
    }
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &fs::Metadata) -> Identity {
    let created = metadata.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    created.map_or((0, 0), |since| (since.as_secs(), since.subsec_nanos().into()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::HashMap;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Directories, links and files by path. Each directory has an identity of its own.
    fn disk(entries: &[(&str, EntryKind)]) -> impl Fn(&Path) -> EntryKind + use<> {
        let entries: HashMap<_, _> =
            entries.iter().map(|(path, kind)| (PathBuf::from(path), kind.clone())).collect();
        move |path: &Path| entries.get(path).cloned().unwrap_or(EntryKind::Missing)
    }

    fn dir(identity: u64) -> EntryKind {
        EntryKind::Directory((1, identity))
    }

    fn link(target: &str) -> EntryKind {
        EntryKind::Link(target.into())
    }

    #[test]
    fn a_walk_passes_every_directory_that_decides_where_the_path_leads() {
        let lstat = disk(&[
            ("/real", dir(1)),
            ("/real/runtime", dir(2)),
            ("/file", EntryKind::Other),
            ("/hidden", EntryKind::Unknown),
            ("/relative", link("real")),
            ("/absolute", link("/real")),
            ("/winding", link("real/../relative")),
            ("/dangling", link("elsewhere")),
            ("/loop", link("loop")),
        ]);
        // name, path, directories on the path, target
        let cases: [(&str, &str, &[&str], Option<&str>); 12] = [
            ("a plain path", "real/runtime", &["/", "/real"], Some("/real/runtime")),
            ("a missing target", "real/none", &["/", "/real"], None),
            ("two missing directories", "none/none", &["/"], None),
            ("a relative link", "relative/runtime", &["/", "/real"], Some("/real/runtime")),
            ("an absolute link", "absolute/runtime", &["/", "/real"], Some("/real/runtime")),
            ("a link to a link, through ..", "winding/runtime", &["/", "/real"], Some("/real/runtime")),
            ("a link that leads nowhere", "dangling/runtime", &["/"], None),
            ("a link that leads to itself", "loop/runtime", &["/"], None),
            ("a file on the path", "file/runtime", &["/"], None),
            ("a file at the end", "file", &["/"], None),
            ("an entry that may not be read", "hidden/runtime", &["/"], None),
            ("back and forth", "real/./runtime/../runtime", &["/", "/real"], Some("/real/runtime")),
        ];
        for (name, path, dirs, target) in cases {
            let walk = PathWalk::walk_with(&Path::new("/").join(path), &lstat);
            let mut passed: Vec<&Path> = Vec::new();
            for step in &walk.steps {
                if !passed.contains(&&*step.dir) {
                    passed.push(&step.dir);
                }
            }
            assert_eq!(passed, dirs.iter().map(Path::new).collect::<Vec<_>>(), "{name}");
            assert_eq!(walk.target.as_deref(), target.map(Path::new), "{name}");
        }
    }

    #[test]
    fn a_walk_differs_if_a_directory_was_replaced_or_a_link_leads_elsewhere() {
        let walk = |entries: &[_]| PathWalk::walk_with(Path::new("/link/runtime"), disk(entries));
        let (one, other) = (("/one", dir(1)), ("/other", dir(2)));
        let before = walk(&[one.clone(), other.clone(), ("/link", link("one")), ("/one/runtime", dir(3))]);
        // name, what the disk holds now, the paths at which something else stands
        type Case = (&'static str, Vec<(&'static str, EntryKind)>, &'static [&'static str]);
        let cases: [Case; 3] = [
            (
                "the directory was replaced",
                vec![one.clone(), ("/link", link("one")), ("/one/runtime", dir(4))],
                &["/one/runtime"],
            ),
            (
                "the link leads elsewhere",
                vec![other, ("/link", link("other")), ("/other/runtime", dir(3))],
                &["/link"],
            ),
            ("the directory is gone", vec![one, ("/link", link("one"))], &["/one/runtime"]),
        ];
        assert_eq!(before.replaced_since(&before).count(), 0);
        for (name, entries, replaced) in cases {
            let after = walk(&entries);
            assert_ne!(after, before, "{name}");
            let replaced: Vec<_> = replaced.iter().map(PathBuf::from).collect();
            assert_eq!(after.replaced_since(&before).collect::<Vec<_>>(), replaced, "{name}");
        }
    }

    #[test]
    fn the_disk_is_read_without_following_links() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        fs::create_dir(root.join("dir")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        symlink("dir", root.join("link")).unwrap();
        let before = lstat(&root.join("dir"));
        assert!(matches!(before, EntryKind::Directory(_)));
        assert_eq!(lstat(&root.join("file")), EntryKind::Other);
        assert_eq!(lstat(&root.join("link")), EntryKind::Link("dir".into()));
        assert_eq!(lstat(&root.join("none")), EntryKind::Missing);
        fs::rename(root.join("dir"), root.join("moved")).unwrap();
        fs::create_dir(root.join("dir")).unwrap();
        assert_ne!(lstat(&root.join("dir")), before, "replaced");
        assert_eq!(PathWalk::walk(&root.join("link")).target, Some(root.join("dir")));
    }
}
