//! Keeps the deadlines of all timers of the event loop.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Timers by key. Each key has at most one deadline.
#[derive(Debug)]
pub struct Schedule<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_key: BTreeMap<K, Instant>,
}

impl<K: Ord + Copy> Schedule<K> {
    pub const fn new() -> Self {
        Self { by_time: BTreeSet::new(), by_key: BTreeMap::new() }
    }

    /// Sets the deadline of a timer, or clears the timer.
    pub fn set(&mut self, key: K, deadline: Option<Instant>) {
        let before = match deadline {
            Some(at) => self.by_key.insert(key, at),
            None => self.by_key.remove(&key),
        };
        if before == deadline {
            return;
        }
        if let Some(at) = before {
            self.by_time.remove(&(at, key));
        }
        if let Some(at) = deadline {
            self.by_time.insert((at, key));
        }
    }

    /// Moves a deadline forward in time if it is later than this.
    pub fn advance(&mut self, key: K, latest: Instant) {
        if self.by_key.get(&key).is_some_and(|at| *at > latest) {
            self.set(key, Some(latest));
        }
    }

    /// Keeps only the timers whose key satisfies `keep`.
    pub fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.by_key.retain(|key, _| keep(key));
        self.by_time.retain(|(_, key)| keep(key));
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Removes and returns the earliest timer whose deadline has passed.
    pub fn take_due(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.set(key, None);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timers_come_due_in_order_once_and_only_with_their_last_deadline() {
        let start = Instant::now();
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        let mut schedule = Schedule::new();
        schedule.set('a', at(3));
        schedule.set('b', at(2));
        schedule.set('c', at(9));
        schedule.set('d', at(1));
        schedule.set('a', at(1));
        schedule.set('d', None);
        schedule.advance('b', start + Duration::from_secs(8));
        assert_eq!(schedule.next_deadline(), at(1));
        assert_eq!(schedule.take_due(start), None);
        let later = start + Duration::from_secs(5);
        assert_eq!([schedule.take_due(later), schedule.take_due(later)], [Some('a'), Some('b')]);
        assert_eq!(schedule.take_due(later), None);
        schedule.retain(|key| *key != 'c');
        assert_eq!(schedule.next_deadline(), None);
    }
}
