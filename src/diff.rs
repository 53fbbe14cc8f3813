//! Computes the change between two lists of instances.

use std::collections::HashMap;

use crate::candidate::Instance;
use crate::error::Error;

/// The change from one list of instances to another. Lists are ordered newest first and hold one instance for each id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// All instances after the change, newest first.
    pub instances: Vec<Instance>,
    /// The instances that are new.
    pub added: Vec<Instance>,
    /// The instances of which a field changed, or which moved ahead of others.
    pub updated: Vec<Instance>,
    /// The instances that are gone, as they were, in their old order.
    pub removed: Vec<Instance>,
    /// Why `instances` is empty: the error that [`latest`](crate::latest) returns; `None` if an instance is running.
    pub reason: Option<Error>,
}

impl Change {
    /// Computes the change from `old` to `new`.
    #[must_use]
    pub fn between(old: &[Instance], new: &[Instance]) -> Self {
        let (before, after) = (places(old), places(new));
        let was = |instance: &Instance| before.get(id(instance)).copied();

        // As many unchanged instances as possible have kept their place, and the others moved past them.
        let same: Vec<usize> =
            new.iter().filter_map(|each| was(each).filter(|&place| old[place] == *each)).collect();
        let mut stayed = vec![false; old.len()];
        for place in longest_increasing(&same) {
            stayed[place] = true;
        }

        let (mut added, mut updated) = (Vec::new(), Vec::new());
        for instance in new {
            match was(instance) {
                None => added.push(instance.clone()),
                Some(place) if stayed[place] => {}
                Some(_) => updated.push(instance.clone()),
            }
        }
        let removed = old.iter().filter(|instance| !after.contains_key(id(instance))).cloned().collect();
        Self { instances: new.to_vec(), added, updated, removed, reason: None }
    }

    /// Whether the lists were equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.removed.is_empty()
    }
}

fn places(state: &[Instance]) -> HashMap<&str, usize> {
    state.iter().map(id).zip(0..).collect()
}

fn id(instance: &Instance) -> &str {
    &instance.instance_id
}

/// Returns a longest increasing subsequence; of several, one without the elements that moved ahead.
fn longest_increasing(places: &[usize]) -> Vec<usize> {
    // For each length, the index at which the subsequence of that length with the smallest end ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        let length = ends.partition_point(|&end| places[end] < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut next = ends.last().copied();
    let mut found = Vec::with_capacity(ends.len());
    while let Some(at) = next {
        found.push(places[at]);
        next = before[at];
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::DateTime;

    use super::*;

    fn instance(id: &str, port: u16) -> Instance {
        Instance {
            instance_id: id.into(),
            updated_at: DateTime::UNIX_EPOCH,
            address: "127.0.0.1".into(),
            port,
            url: format!("http://127.0.0.1:{port}"),
            expose_to_network: false,
        }
    }

    /// Makes one instance of each letter. An upper-case letter is the same instance with another port.
    fn state(letters: &str) -> Vec<Instance> {
        letters
            .chars()
            .map(|c| instance(&c.to_lowercase().to_string(), u16::from(c.is_uppercase()) + 1))
            .collect()
    }

    fn ids(instances: &[Instance]) -> String {
        instances.iter().map(id).collect()
    }

    #[test]
    fn each_difference_is_reported_once_by_kind() {
        // name, before, after, added, updated, removed
        let cases = [
            ("an empty list stays empty", "", "", "", "", ""),
            ("nothing changed", "abc", "abc", "", "", ""),
            ("the first one was added", "", "a", "a", "", ""),
            ("the last one was removed", "a", "", "", "", "a"),
            ("a field changed", "abc", "aBc", "", "b", ""),
            ("removing one from the middle moves no other", "abc", "ac", "", "", "b"),
            ("adding one in the middle moves no other", "ac", "abc", "b", "", ""),
            ("all were replaced", "ab", "cd", "cd", "", "ab"),
            ("one moved ahead", "abc", "cab", "", "c", ""),
            ("one fell back", "abc", "bca", "", "a", ""),
            ("of two that swapped, the one now ahead has moved", "ab", "ba", "", "b", ""),
            ("the order was reversed", "abc", "cba", "", "cb", ""),
            ("one changed and moved ahead", "abc", "Cab", "", "c", ""),
            ("one was added, one removed, one changed", "abc", "dBc", "d", "b", "a"),
        ];
        for (name, before, after, added, updated, removed) in cases {
            let change = Change::between(&state(before), &state(after));
            assert_eq!(ids(&change.added), added, "added: {name}");
            assert_eq!(ids(&change.updated), updated, "updated: {name}");
            assert_eq!(ids(&change.removed), removed, "removed: {name}");
            assert_eq!(change.instances, state(after), "instances: {name}");
            assert_eq!(change.is_empty(), before == after, "empty: {name}");
        }
    }

    #[test]
    fn a_removed_instance_is_reported_as_it_was() {
        assert_eq!(Change::between(&state("A"), &[]).removed, state("A"));
    }

    /// Returns every list of up to three instances, each in one of two variants, in every order.
    fn all_states() -> Vec<Vec<Instance>> {
        let mut states = vec![String::new()];
        let mut longer = states.clone();
        while !longer.is_empty() {
            longer = longer
                .iter()
                .flat_map(|state| "abcABC".chars().map(move |letter| format!("{state}{letter}")))
                .filter(|state| {
                    let ids: HashSet<_> = state.chars().map(|letter| letter.to_ascii_lowercase()).collect();
                    ids.len() == state.len()
                })
                .collect();
            states.extend(longer.iter().cloned());
        }
        states.iter().map(|letters| state(letters)).collect()
    }

    #[test]
    fn replaying_a_change_on_the_old_list_gives_the_new_one() {
        let states = all_states();
        assert_eq!(states.len(), 79);
        for old in &states {
            for new in &states {
                let change = Change::between(old, new);
                assert_eq!(change.is_empty(), old == new);

                let gone: HashSet<_> = change.removed.iter().chain(&change.updated).map(id).collect();
                let come: HashSet<_> = change.added.iter().chain(&change.updated).map(id).collect();
                let mut stayed = old.iter().filter(|each| !gone.contains(id(each)));
                let replayed: Vec<_> = new
                    .iter()
                    .filter_map(|each| if come.contains(id(each)) { Some(each) } else { stayed.next() })
                    .cloned()
                    .collect();
                assert_eq!((&replayed, stayed.next()), (new, None), "{} to {}", ids(old), ids(new));
            }
        }
    }
}
