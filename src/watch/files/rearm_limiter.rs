//! Limits how often all directories are watched again.

use std::time::{Duration, Instant};

use crate::watch::backoff::Backoff;

const SHORTEST: Duration = Duration::from_millis(1);

/// Some disks assign new inode numbers at every read, so that each directory seems to be replaced all the time. The watch
/// for one path then ends the watch for another, again and again. Once a second costs little and misses little.
const LONGEST: Duration = Duration::from_secs(1);

/// If no re-arm is requested for 16 pauses, and for at least 100 ms, inode numbers are considered stable.
const STABLE_PAUSES: u32 = 16;
const STABLE: Duration = Duration::from_millis(100);

/// Allows a re-arm immediately after an event, and with growing pauses if one only follows another.
#[derive(Debug)]
pub struct RearmLimiter {
    earliest: Instant,
    backoff: Backoff,
    pause: Duration,
}

impl RearmLimiter {
    pub fn new(now: Instant) -> Self {
        Self { earliest: now, backoff: Backoff::new(SHORTEST, LONGEST), pause: SHORTEST }
    }

    /// Notes that something really was created, removed or replaced.
    pub fn on_event(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// When the next re-arm may begin.
    pub fn earliest(&self) -> Instant {
        self.earliest
    }

    /// Notes that a re-arm was requested and lasted from `began` to `ended`.
    pub fn rearmed(&mut self, began: Instant, ended: Instant) {
        if began.saturating_duration_since(self.earliest) >= STABLE.max(self.pause * STABLE_PAUSES) {
            self.backoff.reset();
        }
        self.pause = self.backoff.next_delay();
        self.earliest = ended + self.pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rearm(limiter: &mut RearmLimiter, now: Instant, took: Duration) {
        assert!(limiter.earliest() <= now);
        limiter.rearmed(now, now + took);
        assert!(limiter.earliest() > now + took);
    }

    #[test]
    fn an_occasional_rearm_is_never_delayed() {
        let mut now = Instant::now();
        let mut limiter = RearmLimiter::new(now);
        for _ in 0..100 {
            rearm(&mut limiter, now, Duration::from_millis(5));
            now += Duration::from_millis(200);
        }
    }

    #[test]
    fn rearms_that_follow_each_other_slow_down_to_one_a_second_until_an_event() {
        let mut now = Instant::now();
        let mut limiter = RearmLimiter::new(now);
        for _ in 0..12 {
            now = limiter.earliest();
            rearm(&mut limiter, now, Duration::from_millis(50));
        }
        assert_eq!(limiter.earliest() - now, LONGEST + Duration::from_millis(50));
        limiter.on_event(now);
        rearm(&mut limiter, now, Duration::ZERO);
    }
}
