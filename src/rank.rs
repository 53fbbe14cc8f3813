//! Orders entries, newest first, and removes repeated ones.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::hash::Hash;

use chrono::{DateTime, Utc};

/// The key that entries are ordered by: the newest publication first, then the newest file, then the id, then the name.
///
/// The order is total, so it never depends on the order of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank<'a> {
    pub updated_at: DateTime<Utc>,
    pub file_modified: DateTime<Utc>,
    pub instance_id: Cow<'a, str>,
    pub name: &'a OsStr,
}

impl Ord for Rank<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.updated_at, other.file_modified)
            .cmp(&(self.updated_at, self.file_modified))
            .then_with(|| self.instance_id.cmp(&other.instance_id))
            .then_with(|| self.name.cmp(other.name))
    }
}

impl PartialOrd for Rank<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Sorts entries, newest first. Equal entries, seen twice through a link, keep their order.
pub fn sort_newest_first<T>(entries: &mut [T], rank: impl Fn(&T) -> Rank<'_>) {
    entries.sort_by(|a, b| rank(a).cmp(&rank(b)));
}

/// Keeps the entries that [`is_first_of_key`] flagged, in order, and hands the others to `rejected`.
pub fn retain_first<T>(entries: &mut Vec<T>, is_first: &[bool], mut rejected: impl FnMut(T)) {
    if is_first.contains(&false) {
        let all = std::mem::take(entries);
        for (entry, is_first) in all.into_iter().zip(is_first) {
            if *is_first { entries.push(entry) } else { rejected(entry) }
        }
    }
}

/// Returns for each entry whether it is the first of its key.
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
    fn ties_are_broken_by_file_time_then_id_then_name() {
        // Publication time, file time, id, name, in the expected order.
        let ordered = [
            (9, 0, "Z", "z"),
            (5, 3, "Z", "z"),
            (5, 2, "A", "z"),
            (5, 2, "B", "a"),
            (5, 2, "B", "b"),
            (1, 9, "A", "a"),
        ];
        type Entry = (i64, i64, &'static str, &'static str);
        fn rank((updated_at, file_modified, instance_id, name): &Entry) -> Rank<'_> {
            Rank {
                updated_at: at(*updated_at),
                file_modified: at(*file_modified),
                instance_id: Cow::Borrowed(instance_id),
                name: OsStr::new(name),
            }
        }
        for turn in 0..ordered.len() {
            let mut entries = ordered;
            entries.rotate_left(turn);
            sort_newest_first(&mut entries, rank);
            assert_eq!(entries, ordered);
        }
    }

    #[test]
    fn only_the_first_entry_of_each_key_is_kept_in_order() {
        let mut entries = vec![("b", 1), ("a", 2), ("b", 3), ("a", 4)];
        let mut rejected = Vec::new();
        let is_first = is_first_of_key(&entries, |entry| entry.0);
        retain_first(&mut entries, &is_first, |entry| rejected.push(entry));
        assert_eq!((entries, rejected), (vec![("b", 1), ("a", 2)], vec![("b", 3), ("a", 4)]));
    }
}
