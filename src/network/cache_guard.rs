//! Decides when to read the size of the cache of the DNS-SD daemon, and when it is too large.
//!
//! The daemon keeps every record of a response until it expires, and the sender says when that is. Nothing but a start
//! with an empty cache makes it forget.

use std::time::{Duration, Instant};

/// More records than this are a flood. Twenty Macs with 64 agents each have about 4,000.
const MAX_RECORDS: usize = 8192;

/// How often the size is read while it hardly grows. Measured: a sender can add 170 MB in a second.
const CALM: Duration = Duration::from_millis(250);

/// How often while it grows, and after a flood.
const ALERT: Duration = Duration::from_millis(50);

/// Growth between two reads that makes the next one come sooner.
const GROWTH: usize = 256;

/// How long a cache has to be calm before its size is read less often.
const CALM_AFTER: Duration = Duration::from_secs(10);

/// When the size of the cache is read, and what it was.
#[derive(Debug, Clone, Copy)]
pub struct CacheGuard {
    next: Instant,
    size: usize,
    alert_until: Instant,
}

impl CacheGuard {
    /// Reads the size of an empty cache once in a while.
    pub fn calm(now: Instant) -> Self {
        Self { next: now + ALERT, size: 0, alert_until: now }
    }

    /// Reads the size of an empty cache often, because the one before was flooded.
    pub fn alert(now: Instant) -> Self {
        Self { next: now + ALERT, size: 0, alert_until: now + CALM_AFTER }
    }

    /// When to read next.
    pub fn deadline(&self) -> Instant {
        self.next
    }

    /// Takes the size of the cache, and says whether it is too large.
    pub fn on_size(&mut self, size: usize, now: Instant) -> bool {
        if size > self.size + GROWTH {
            self.alert_until = now + CALM_AFTER;
        }
        self.size = size;
        self.next = now + if now < self.alert_until { ALERT } else { CALM };
        size > MAX_RECORDS
    }

    /// The daemon has not answered since the last read, so it is busy or about to answer.
    pub fn on_silence(&mut self, now: Instant) -> bool {
        self.next = now + ALERT;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_cache_is_read_once_in_a_while() {
        let now = Instant::now();
        let mut guard = CacheGuard::calm(now);
        assert_eq!(guard.deadline(), now + ALERT);
        assert!(!guard.on_size(100, now));
        assert_eq!(guard.deadline(), now + CALM);
    }

    #[test]
    fn a_cache_that_grows_is_read_more_often_until_it_has_been_calm_for_a_while() {
        let now = Instant::now();
        let mut guard = CacheGuard::calm(now);
        assert!(!guard.on_size(GROWTH + 1, now));
        assert_eq!(guard.deadline(), now + ALERT);
        let later = now + CALM_AFTER;
        assert!(!guard.on_size(GROWTH + 2, later));
        assert_eq!(guard.deadline(), later + CALM);
    }

    #[test]
    fn a_cache_is_too_large_above_the_limit() {
        let now = Instant::now();
        assert!(!CacheGuard::calm(now).on_size(MAX_RECORDS, now));
        assert!(CacheGuard::calm(now).on_size(MAX_RECORDS + 1, now));
    }

    #[test]
    fn after_a_flood_an_empty_cache_is_read_often() {
        let now = Instant::now();
        let mut guard = CacheGuard::alert(now);
        assert!(!guard.on_size(0, now + ALERT));
        assert_eq!(guard.deadline(), now + ALERT + ALERT);
    }

    #[test]
    fn a_daemon_that_does_not_answer_is_asked_again_soon() {
        let now = Instant::now();
        let mut guard = CacheGuard::calm(now);
        assert!(!guard.on_silence(now));
        assert_eq!(guard.deadline(), now + ALERT);
    }
}
