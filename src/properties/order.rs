//! Does the order of instances depend on anything but themselves?

use std::cmp::Ordering;
use std::ffi::OsStr;

use chrono::DateTime;

use crate::rank::{Rank, is_first_of_key, newest_first};

/// Whatever order entries come in, they leave in one: total, the newest first, one entry an id, and the first is
/// the one that a search for the best finds. An entry is made of five bytes; few values each, so that ties happen.
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
            instance_id: text(entry[2]),
            folder: OsStr::new(["x", "y", "z", "X"][usize::from(entry[3] % 4)]),
        })
        .collect();
    let mut shuffled = entries.clone();
    for (at, &byte) in order.iter().enumerate().take(shuffled.len()) {
        let other = usize::from(byte) % shuffled.len();
        shuffled.swap(at, other);
    }
    let best = shuffled.iter().copied().reduce(|best, next| if next < best { next } else { best });
    newest_first(&mut entries, |entry| *entry);
    newest_first(&mut shuffled, |entry| *entry);
    assert_eq!(entries, shuffled, "the order depends on the input");
    assert_eq!(entries.first().copied(), best, "the latest is not the first");

    for (at, a) in entries.iter().enumerate() {
        for b in &entries[at..] {
            assert_ne!(a.cmp(b), Ordering::Greater, "{a:?} and {b:?}");
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} and {b:?}");
            assert_eq!(a.cmp(b) == Ordering::Equal, a == b, "{a:?} and {b:?}");
            assert!(a.updated_at >= b.updated_at, "{b:?} is newer than {a:?}");
        }
    }
    let is_first = is_first_of_key(&entries, |entry| entry.instance_id);
    for (at, entry) in entries.iter().enumerate() {
        let seen_before = entries[..at].iter().any(|other| other.instance_id == entry.instance_id);
        assert_eq!(is_first[at], !seen_before);
    }
}
