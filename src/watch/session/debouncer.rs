//! Debounces rescans after file events.

use std::time::{Duration, Instant};

/// How long no event may come before a burst counts as over.
const QUIET: Duration = Duration::from_millis(20);

/// How long a burst may last before its final scan is made while events still come.
const LONGEST_BURST: Duration = Duration::from_millis(200);

/// How many scans that show no change are made immediately in one burst. A server that starts creates its directory,
/// writes beside its file and renames; only the last of these events has something to show.
const EAGER_SCANS: u8 = 8;

/// Scans on the first event, coalesces the events after a change, and scans once more when it is quiet because an
/// earlier scan may have read a partial write.
#[derive(Debug, Default)]
pub struct Debouncer {
    burst: Option<Burst>,
    /// The scan that is about to finish is the final one of a burst.
    final_scan: bool,
}

#[derive(Debug)]
struct Burst {
    /// When the final scan is due.
    due: Instant,
    latest: Instant,
    eager_scans: u8,
}

impl Debouncer {
    /// Notes an event. Returns whether to scan now; otherwise a scan is due at [`deadline`](Self::deadline).
    pub fn on_event(&mut self, now: Instant) -> bool {
        match &mut self.burst {
            None => true,
            Some(burst) if burst.eager_scans > 0 => {
                burst.eager_scans -= 1;
                true
            }
            Some(burst) => {
                burst.due = (now + QUIET).min(burst.latest);
                false
            }
        }
    }

    /// When the final scan of the burst is due; none while nothing happens.
    pub fn deadline(&self) -> Option<Instant> {
        self.burst.as_ref().map(|burst| burst.due)
    }

    /// Returns whether the final scan is due, and ends the burst: the next event begins another.
    pub fn take_due(&mut self, now: Instant) -> bool {
        self.final_scan = self.burst.take_if(|burst| burst.due <= now).is_some();
        self.final_scan
    }

    /// Notes that a scan took this long and showed a change or not. A final scan that shows none needs no other.
    pub fn scan_finished(&mut self, now: Instant, took: Duration, changed: bool) {
        if std::mem::take(&mut self.final_scan) && !changed {
            return;
        }
        // Scanning a directory so large that it takes long must not become all that the thread does.
        let quiet = QUIET.max(2 * took);
        let latest = now + LONGEST_BURST.max(quiet);
        if changed {
            self.burst = Some(Burst { due: now + quiet, latest, eager_scans: 0 });
            return;
        }
        let burst = self.burst.get_or_insert(Burst { due: now, latest, eager_scans: EAGER_SCANS });
        burst.due = (now + quiet).min(burst.latest);
    }

    /// Notes a change that was found after the scan, by probing.
    pub fn state_changed(&mut self, now: Instant) {
        self.scan_finished(now, Duration::ZERO, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// An event, and whether it is scanned immediately.
        Event(bool),
        /// A scan that took this many milliseconds and showed a change or not.
        Scan(u64, bool),
        /// Whether the final scan is due.
        Due(bool),
        Changed,
    }
    use Step::{Changed, Due, Event, Scan};

    /// Name; steps at a millisecond; the millisecond of the deadline after the last one.
    type Case = (&'static str, Vec<(u64, Step)>, Option<u64>);

    fn cases() -> Vec<Case> {
        let burst = |until: u64| (1..until).map(|at| (at, Event(false)));
        let eager = (0..u64::from(EAGER_SCANS)).flat_map(|_| [(0, Event(true)), (0, Scan(0, false))]);
        vec![
            ("nothing happens", vec![(0, Due(false))], None),
            ("the first event is scanned immediately", vec![(0, Event(true)), (0, Scan(0, true))], Some(20)),
            (
                "a final scan follows when it is quiet, and no other if it shows no change",
                [
                    (0, Event(true)),
                    (0, Scan(0, true)),
                    (19, Due(false)),
                    (20, Due(true)),
                    (20, Scan(0, false)),
                ]
                .into(),
                None,
            ),
            (
                "a final scan that shows a change is followed by another",
                vec![(0, Event(true)), (0, Scan(0, true)), (20, Due(true)), (20, Scan(0, true))],
                Some(40),
            ),
            (
                "events after a change wait until it is quiet",
                vec![
                    (0, Event(true)),
                    (0, Scan(0, true)),
                    (1, Event(false)),
                    (10, Event(false)),
                    (25, Event(false)),
                ],
                Some(45),
            ),
            (
                "an endless burst is scanned at its longest",
                [(0, Event(true)), (0, Scan(0, true))].into_iter().chain(burst(1000)).collect(),
                Some(200),
            ),
            (
                "scans that show nothing do not delay the one that does, but there are few of them",
                [(0, Event(true)), (0, Scan(0, false))]
                    .into_iter()
                    .chain(eager)
                    .chain([(0, Event(false))])
                    .collect(),
                Some(20),
            ),
            (
                "a slow scan leaves twice its duration for everything else",
                vec![(0, Event(true)), (0, Scan(300, true))],
                Some(600),
            ),
            (
                "a change found by a probe delays events as one found by a scan",
                vec![(0, Event(true)), (0, Scan(0, false)), (5, Changed), (6, Event(false))],
                Some(26),
            ),
            (
                "an event after a burst is the first of another",
                vec![
                    (0, Event(true)),
                    (0, Scan(0, true)),
                    (20, Due(true)),
                    (20, Scan(0, false)),
                    (21, Event(true)),
                ],
                None,
            ),
        ]
    }

    #[test]
    fn each_step_leads_to_the_expected_decision_and_deadline() {
        let start = Instant::now();
        for (name, steps, deadline) in cases() {
            let mut debouncer = Debouncer::default();
            for (ms, step) in steps {
                let now = start + Duration::from_millis(ms);
                match step {
                    Event(scan) => assert_eq!(debouncer.on_event(now), scan, "{name}: event at {ms} ms"),
                    Due(due) => assert_eq!(debouncer.take_due(now), due, "{name}: due at {ms} ms"),
                    Scan(took, changed) => {
                        debouncer.scan_finished(now, Duration::from_millis(took), changed);
                    }
                    Changed => debouncer.state_changed(now),
                }
            }
            let deadline = deadline.map(|ms| start + Duration::from_millis(ms));
            assert_eq!(debouncer.deadline(), deadline, "{name}");
        }
    }
}
