//! When may everything be armed anew?

use std::time::{Duration, Instant};

/// As long as one round of arming takes to show whether it has brought about the next.
const SHORTEST: Duration = Duration::from_millis(1);

/// A disk may number its folders anew at every look, and so seem to be replaced all the time: what is armed for one
/// path then ends what is armed for another, for ever. Arming once a second costs little, and misses little.
const LONGEST: Duration = Duration::from_secs(1);

/// A pause this many times as long as the one that was asked for says that there is no such disk.
const CALM: u32 = 16;

/// At once where it is wanted now and then; with ever longer pauses where one follows the other.
#[derive(Debug)]
pub struct Arming {
    earliest: Instant,
    pause: Duration,
}

impl Arming {
    pub fn new(now: Instant) -> Self {
        Self { earliest: now, pause: SHORTEST }
    }

    pub fn earliest(&self) -> Instant {
        self.earliest
    }

    /// Whether it may be done now, which it is then.
    pub fn may_begin(&mut self, now: Instant) -> bool {
        if now < self.earliest {
            return false;
        }
        let calm = now - self.earliest >= self.pause * CALM;
        self.pause = if calm { SHORTEST } else { (self.pause * 2).min(LONGEST) };
        self.earliest = now + self.pause;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_and_then_it_is_done_at_once() {
        let mut now = Instant::now();
        let mut arming = Arming::new(now);
        for _ in 0..100 {
            assert!(arming.may_begin(now));
            now += Duration::from_millis(50);
        }
    }

    #[test]
    fn where_one_follows_the_other_it_is_done_once_a_second_in_the_end() {
        let mut now = Instant::now();
        let mut arming = Arming::new(now);
        for _ in 0..10 {
            now = arming.earliest();
            assert!(arming.may_begin(now));
            assert!(!arming.may_begin(now));
        }
        assert_eq!(arming.earliest() - now, LONGEST);
        now = arming.earliest() + LONGEST * CALM;
        assert!(arming.may_begin(now));
        assert_eq!(arming.earliest() - now, SHORTEST);
    }
}
