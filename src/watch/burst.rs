//! Something happened: look now, or when it is quiet again?

use std::time::{Duration, Instant};

/// So long nothing has to happen until it counts as quiet.
const QUIET: Duration = Duration::from_millis(20);

/// So long a burst may go on until there is a look in the midst of it.
const LONGEST: Duration = Duration::from_millis(200);

/// So many looks that show no change are made at once. A server that starts makes its folder, writes beside its file
/// and renames; it is the last of these that there is something to see.
const AT_ONCE: u8 = 8;

/// The first event is looked at at once, those that follow a change together, once it is quiet; and after every look
/// there is a last one in the quiet, since what was seen may have been half written.
#[derive(Debug, Default)]
pub struct Burst {
    settling: Option<Settling>,
}

#[derive(Debug)]
struct Settling {
    until: Instant,
    latest: Instant,
    at_once: u8,
}

impl Burst {
    /// Something happened. Gives whether to look at once; otherwise [`deadline`](Self::deadline) says when.
    pub fn happened(&mut self, now: Instant) -> bool {
        match &mut self.settling {
            None => true,
            Some(settling) if settling.at_once > 0 => {
                settling.at_once -= 1;
                true
            }
            Some(settling) => {
                settling.until = (now + QUIET).min(settling.latest);
                false
            }
        }
    }

    /// A look has ended that took so long and showed a change, or none.
    pub fn looked(&mut self, now: Instant, took: Duration, changed: bool) {
        // Of a folder so large that one look takes long, looking must not become all that this thread does.
        let quiet = QUIET.max(2 * took);
        let settling = self.settling.get_or_insert(Settling {
            until: now + quiet,
            latest: now + LONGEST.max(quiet),
            at_once: AT_ONCE,
        });
        settling.until = (now + quiet).min(settling.latest);
        if changed {
            *settling = Settling { until: now + quiet, latest: now + LONGEST.max(quiet), at_once: 0 };
        }
    }

    /// When the last look is due; never while nothing happens.
    pub fn deadline(&self) -> Option<Instant> {
        self.settling.as_ref().map(|settling| settling.until)
    }

    /// Whether the last look is due. From now on an event is the first of a new burst.
    pub fn is_over(&mut self, now: Instant) -> bool {
        self.settling.take_if(|settling| settling.until <= now).is_some()
    }

    /// The last look has ended; where it showed a change there is one more.
    pub fn looked_last(&mut self, now: Instant, took: Duration, changed: bool) {
        if changed {
            self.looked(now, took, changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_micros(30);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_first_event_is_looked_at_at_once_and_once_more_in_the_quiet() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        assert_eq!(burst.deadline(), None);
        assert!(burst.happened(start));
        burst.looked(start, LOOK, true);
        assert_eq!(burst.deadline(), Some(start + QUIET));
        assert!(!burst.is_over(start + QUIET - ms(1)));
        assert!(burst.is_over(start + QUIET));
        burst.looked_last(start + QUIET, LOOK, false);
        assert_eq!(burst.deadline(), None);
    }

    #[test]
    fn after_a_change_events_wait_until_it_is_quiet() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        assert!(burst.happened(start));
        burst.looked(start, LOOK, true);
        for after in [1, 10, 25] {
            assert!(!burst.happened(start + ms(after)));
        }
        assert_eq!(burst.deadline(), Some(start + ms(25) + QUIET));
    }

    #[test]
    fn a_burst_without_end_is_looked_at_now_and_then() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        assert!(burst.happened(start));
        burst.looked(start, LOOK, true);
        for after in 1..1000 {
            assert!(!burst.happened(start + ms(after)));
        }
        assert_eq!(burst.deadline(), Some(start + LONGEST));
    }

    #[test]
    fn looks_that_show_nothing_do_not_delay_the_one_that_does_but_there_are_few_of_them() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        let at_once = (0..1000).filter(|_| {
            let now = burst.happened(start);
            if now {
                burst.looked(start, LOOK, false);
            }
            now
        });
        assert_eq!(at_once.count(), 1 + usize::from(AT_ONCE));
        assert_eq!(burst.deadline(), Some(start + QUIET));
    }

    #[test]
    fn a_change_in_the_last_look_is_followed_by_one_more() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        assert!(burst.happened(start));
        burst.looked(start, LOOK, true);
        assert!(burst.is_over(start + QUIET));
        burst.looked_last(start + QUIET, LOOK, true);
        assert_eq!(burst.deadline(), Some(start + QUIET + QUIET));
    }

    #[test]
    fn slow_looks_leave_twice_their_time_for_everything_else() {
        let (mut burst, start) = (Burst::default(), Instant::now());
        assert!(burst.happened(start));
        burst.looked(start, ms(300), true);
        assert_eq!(burst.deadline(), Some(start + ms(600)));
    }
}
