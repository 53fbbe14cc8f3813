//! When may everything be armed anew?

use std::time::{Duration, Instant};

const SHORTEST: Duration = Duration::from_millis(1);

/// A disk may number its folders anew at every look, and so seem to be replaced all the time: what is armed for one
/// path then ends what is armed for another, for ever. Arming once a second costs little, and misses little.
const LONGEST: Duration = Duration::from_secs(1);

/// Where arming is not wanted for so many pauses after the last one, and at least so long, there is no such disk.
const CALM: (u32, Duration) = (16, Duration::from_millis(100));

/// At once where something has happened; with ever longer pauses where one only follows the other.
#[derive(Debug)]
pub struct Arming {
    earliest: Instant,
    pause: Duration,
}

impl Arming {
    pub fn new(now: Instant) -> Self {
        Self { earliest: now, pause: SHORTEST }
    }

    /// Something has come, gone or been replaced: arming is wanted for that.
    pub fn has_reason(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    pub fn earliest(&self) -> Instant {
        self.earliest
    }

    /// Whether it may be done now, which it is then.
    pub fn may_begin(&mut self, now: Instant) -> bool {
        let Some(since) = now.checked_duration_since(self.earliest) else { return false };
        let calm = since >= CALM.1.max(self.pause * CALM.0);
        self.pause = if calm { SHORTEST } else { (self.pause * 2).min(LONGEST) };
        true
    }

    /// It is done; that takes a while itself.
    pub fn has_ended(&mut self, now: Instant) {
        self.earliest = now + self.pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arms at this time, which takes as long as that.
    fn arm(arming: &mut Arming, now: Instant, took: Duration) {
        assert!(arming.may_begin(now));
        arming.has_ended(now + took);
        assert!(!arming.may_begin(now + took));
    }

    #[test]
    fn now_and_then_it_is_done_at_once() {
        let mut now = Instant::now();
        let mut arming = Arming::new(now);
        for _ in 0..100 {
            arm(&mut arming, now, Duration::from_millis(5));
            now += Duration::from_millis(200);
        }
    }

    #[test]
    fn where_one_follows_the_other_it_is_done_once_a_second_in_the_end_until_there_is_a_reason() {
        let mut now = Instant::now();
        let mut arming = Arming::new(now);
        for _ in 0..10 {
            now = arming.earliest();
            arm(&mut arming, now, Duration::from_millis(50));
        }
        assert_eq!(arming.earliest() - now, LONGEST + Duration::from_millis(50));
        arming.has_reason(now);
        arm(&mut arming, now, Duration::ZERO);
    }
}
