//! What changed between two states?

use std::collections::HashMap;

use crate::candidate::Instance;
use crate::error::Error;

/// How one state became another. States are lists of instances, newest first, with one entry an id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The whole state after the change, newest first.
    pub instances: Vec<Instance>,
    /// Those of `instances` that were not there before.
    pub added: Vec<Instance>,
    /// Those of `instances` of which a field changed, or which moved past others.
    pub updated: Vec<Instance>,
    /// Those that are there no more, as they were, in their old order.
    pub removed: Vec<Instance>,
    /// Why `instances` is empty: the error that [`latest`](crate::latest) returns; `None` if an instance is running.
    pub reason: Option<Error>,
}

impl Change {
    /// What made `old` become `new`.
    #[must_use]
    pub fn between(old: &[Instance], new: &[Instance]) -> Self {
        let (before, after) = (places(old), places(new));
        let was = |instance: &Instance| before.get(id(instance)).copied();

        // Of those that are the same in all fields as many as possible have stayed, and the rest moved past them.
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

    /// Whether both states were the same.
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

/// One of the longest increasing subsequences; of several, one that leaves out those that moved ahead.
fn longest_increasing(places: &[usize]) -> Vec<usize> {
    // For each length, where the subsequence of that length with the smallest end ends.
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

    /// Each letter is an instance; an upper-case one is the same with another port.
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
    fn each_difference_is_told_once_and_by_its_kind() {
        // name, before, after, added, updated, removed
        let cases = [
            ("nothing from nothing", "", "", "", "", ""),
            ("nothing changed", "abc", "abc", "", "", ""),
            ("the first one came", "", "a", "a", "", ""),
            ("the last one went", "a", "", "", "", "a"),
            ("a field changed", "abc", "aBc", "", "b", ""),
            ("one went from the middle, which moves nobody", "abc", "ac", "", "", "b"),
            ("one came into the middle, which moves nobody", "ac", "abc", "b", "", ""),
            ("all were replaced", "ab", "cd", "cd", "", "ab"),
            ("one moved ahead", "abc", "cab", "", "c", ""),
            ("one fell back", "abc", "bca", "", "a", ""),
            ("two changed places: the one now ahead has moved", "ab", "ba", "", "b", ""),
            ("the order turned round", "abc", "cba", "", "cb", ""),
            ("one changed and moved ahead", "abc", "Cab", "", "c", ""),
            ("one came, one went, one changed", "abc", "dBc", "d", "b", "a"),
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
    fn what_was_removed_is_told_as_it_was() {
        assert_eq!(Change::between(&state("A"), &[]).removed, state("A"));
    }

    /// Every state of up to three instances, each as one of two, in every order.
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
    fn every_change_replayed_on_the_old_state_gives_the_new_one() {
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
