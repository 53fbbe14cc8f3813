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

/// Sorts, newest first; where a folder is seen twice, through a link, what was seen first stays first.
pub fn newest_first<T>(entries: &mut [T], rank: impl Fn(&T) -> Rank<'_>) {
    entries.sort_by(|a, b| rank(a).cmp(&rank(b)));
}

/// Parts the first entry of each key from the later ones of the same key, both in the order they came in.
pub fn partition_first<T>(entries: Vec<T>, is_first: &[bool]) -> (Vec<T>, Vec<T>) {
    let mut is_first = is_first.iter();
    entries.into_iter().partition(|_| is_first.next() == Some(&true))
}

/// Which entries are the first of their key.
pub fn is_first_of_key<'a, T, K: Eq + Hash>(entries: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<bool> {
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().map(|entry| seen.insert(key(entry))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn ties_go_to_the_newer_file_then_to_the_id_then_to_the_folder() {
        // Publication, file, id, folder: in the order they should come.
        let ordered = [
            (9, 0, "Z", "z"),
            (5, 3, "Z", "z"),
            (5, 2, "A", "z"),
            (5, 2, "B", "a"),
            (5, 2, "B", "b"),
            (1, 9, "A", "a"),
        ];
        type Entry = (i64, i64, &'static str, &'static str);
        fn rank((updated_at, file_modified, instance_id, folder): &Entry) -> Rank<'_> {
            Rank {
                updated_at: at(*updated_at),
                file_modified: at(*file_modified),
                instance_id,
                folder: OsStr::new(folder),
            }
        }
        for turn in 0..ordered.len() {
            let mut entries = ordered;
            entries.rotate_left(turn);
            newest_first(&mut entries, rank);
            assert_eq!(entries, ordered);
        }
    }

    #[test]
    fn the_first_of_each_key_stays_and_the_order_with_it() {
        let entries = vec![("b", 1), ("a", 2), ("b", 3), ("a", 4)];
        let is_first_of_key = is_first_of_key(&entries, |entry| entry.0);
        assert_eq!(
            partition_first(entries, &is_first_of_key),
            (vec![("b", 1), ("a", 2)], vec![("b", 3), ("a", 4)])
        );
    }
}
