//! How long until the next try?

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// One second, and twice as long after every try, up to half a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// When to try again, after a try that failed just now.
    pub fn next(&mut self, now: Instant) -> Instant {
        let at = now + self.0;
        self.0 = (self.0 * 2).min(LONGEST);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_from_a_second_to_half_a_minute() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let delays: Vec<_> = (0..7).map(|_| (backoff.next(now) - now).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 30, 30]);
    }
}
