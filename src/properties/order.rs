//! Checks that the order of entries depends on nothing but the entries.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::OsStr;

use chrono::DateTime;

use crate::rank::{Rank, is_first_of_key, sort_newest_first};

/// Sorting entries from any input order gives one total order, newest first, whose first entry is the minimum. Five bytes
/// make one entry, with few values each so that ties occur.
pub fn order(bytes: &[u8]) {
    let text = |byte: u8| ["", "A", "B", "a", "\u{e4}", "AA", "Z", "\u{1f995}"][usize::from(byte % 8)];
    let time = |byte: u8| DateTime::from_timestamp_millis(i64::from(byte % 4) - 2).expect("a time");
    let (entries, order) = bytes.split_at(bytes.len() / 6 * 5);
    let mut entries: Vec<Rank<'_>> = entries
        .chunks_exact(5)
        .take(48)
        .map(|entry| Rank {
            updated_at: time(entry[0]),
            file_modified: time(entry[1]),
            instance_id: Cow::Borrowed(text(entry[2])),
            name: OsStr::new(["x", "y", "z", "X"][usize::from(entry[3] % 4)]),
        })
        .collect();
    let mut shuffled = entries.clone();
    for (at, &byte) in order.iter().enumerate().take(shuffled.len()) {
        let other = usize::from(byte) % shuffled.len();
        shuffled.swap(at, other);
    }
    let best = shuffled.iter().cloned().reduce(|best, next| if next < best { next } else { best });
    sort_newest_first(&mut entries, |entry| entry.clone());
    sort_newest_first(&mut shuffled, |entry| entry.clone());
    assert_eq!(entries, shuffled, "the order depends on the input");
    assert_eq!(entries.first().cloned(), best, "the latest is not the first");

    for (at, a) in entries.iter().enumerate() {
        for b in &entries[at..] {
            assert_ne!(a.cmp(b), Ordering::Greater, "{a:?} and {b:?}");
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} and {b:?}");
            assert_eq!(a.cmp(b) == Ordering::Equal, a == b, "{a:?} and {b:?}");
            assert!(a.updated_at >= b.updated_at, "{b:?} is newer than {a:?}");
        }
    }
    let is_first = is_first_of_key(&entries, |entry| &*entry.instance_id);
    for (at, entry) in entries.iter().enumerate() {
        let seen_before = entries[..at].iter().any(|other| other.instance_id == entry.instance_id);
        assert_eq!(is_first[at], !seen_before);
    }
}
