//! Which instance comes first, and which entries are one and the same?

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::hash::Hash;

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

/// Sorts, newest first.
pub fn newest_first<T>(entries: &mut [T], rank: impl Fn(&T) -> Rank<'_>) {
    entries.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
}

/// Parts the first entry of each key from the later ones of the same key, both in the order they came in.
pub fn first_of_each<T>(entries: Vec<T>, is_first: &[bool]) -> (Vec<T>, Vec<T>) {
    let mut is_first = is_first.iter();
    entries.into_iter().partition(|_| is_first.next() == Some(&true))
}

/// Which entries are the first of their key.
pub fn firsts<'a, T, K: Eq + Hash>(entries: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<bool> {
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().map(|entry| seen.insert(key(entry))).collect()
}
