//! Which instance comes first, and which entries are one and the same?

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;

use chrono::{DateTime, Utc};

/// What decides the order: the newer publication first, then the newer file, then the id, then the folder's
/// name, so that it never depends on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank<'a> {
    pub updated_at: DateTime<Utc>,
    pub file_modified: DateTime<Utc>,
    pub instance_id: &'a str,
    pub folder: &'a OsStr,
}

impl Ord for Rank<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.updated_at, other.file_modified)
            .cmp(&(self.updated_at, self.file_modified))
            .then_with(|| self.instance_id.cmp(other.instance_id))
            .then_with(|| self.folder.cmp(other.folder))
    }
}

impl PartialOrd for Rank<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Sorts, newest first, and parts the first entry of each id from the older ones of the same id.
pub fn order<T>(mut entries: Vec<T>, rank: impl Fn(&T) -> Rank<'_>) -> (Vec<T>, Vec<T>) {
    entries.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
    let mut seen = HashSet::with_capacity(entries.len());
    let first: Vec<bool> = entries.iter().map(|entry| seen.insert(rank(entry).instance_id)).collect();
    let mut first = first.into_iter();
    entries.into_iter().partition(|_| first.next() == Some(true))
}
