//! What does news of a connection mean, and what is to be done next?

use std::time::{Duration, Instant};

use super::Standing;
use super::connection::News;
use crate::watch::backoff::Backoff;

/// A live server whose connections end sooner than this, again and again, gets as long a rest between them.
const SHORT: Duration = Duration::from_secs(1);
const MOST_SHORT: u32 = 3;

/// The connection to one server, by its history.
#[derive(Debug)]
pub struct Link {
    standing: Standing,
    reason: Reason,
    backoff: Backoff,
    /// How many connections in a row were short.
    short: u32,
    /// After how long the server ends idle connections by itself, as far as that is known.
    lifetime: Option<Duration>,
}

/// Why the present connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// The server has just been asked.
    Asked,
    /// The one before failed or ended.
    Retry,
    /// The one before was to a live server and ended at this age.
    Ended(Duration),
    /// The same, and since it was accepted the server is being asked.
    Suspected(Duration),
}

/// Whether a connection is there on which nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    No,
    UnderWay,
    Accepted,
}

/// What is to be done with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is held, or under way.
    Hold,
    /// Another one is made.
    Connect,
    /// There is none until then.
    Wait(Instant),
    /// The request is sent on it.
    Ask,
}

/// What follows from a piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub next: Next,
    /// Whether the server has to be asked who it is.
    pub suspect: bool,
}

impl Link {
    fn new(standing: Standing) -> Self {
        Self { standing, reason: Reason::Asked, backoff: Backoff::default(), short: 0, lifetime: None }
    }

    /// A server that is not there; and when to connect.
    pub fn absent(now: Instant) -> (Self, Instant) {
        let mut link = Self::new(Standing::Absent);
        let until = link.backoff.next(now);
        (link, until)
    }

    /// What was tried in vain so far does not count; gives when to connect.
    pub fn begin_anew(&mut self, now: Instant) -> Instant {
        self.backoff = Backoff::default();
        self.backoff.next(now)
    }

    /// The server was asked, or others were.
    pub fn stands(&mut self, standing: Standing, held: Held, now: Instant) -> Next {
        if standing == self.standing {
            self.learn();
            // Somebody has accepted, was asked for that, and is not who is waited for.
            return if (standing, held) == (Standing::Absent, Held::Accepted) {
                self.rest(now)
            } else {
                Next::Hold
            };
        }
        self.standing = standing;
        if standing == Standing::Osaurus {
            *self = Self::new(standing);
        }
        match standing {
            Standing::Absent => self.rest(now),
            // Held already where it has just accepted, which is why it was asked.
            Standing::Osaurus if held != Held::No => Next::Hold,
            Standing::Osaurus | Standing::Silent => self.connect(Reason::Asked),
        }
    }

    /// What follows from news of the connection, which had this age.
    pub fn heard(&mut self, news: News, age: Duration, now: Instant) -> Step {
        let lives = self.standing == Standing::Osaurus;
        match news {
            News::Accepted => self.accepted(),
            // The question that a silent server was left with: it has come back to life.
            News::Answered => Step { next: self.rest(now), suspect: true },
            News::Ended if lives => {
                self.short = if age < SHORT { self.short + 1 } else { 0 };
                self.reason = Reason::Ended(age);
                let tired = self.short > MOST_SHORT;
                Step { next: if tired { Next::Wait(now + SHORT) } else { Next::Connect }, suspect: false }
            }
            News::Refused if lives => {
                self.reason = Reason::Retry;
                Step { next: Next::Wait(now + SHORT), suspect: true }
            }
            // Too few descriptors, say: nothing about the server. But with no connection its death would be missed; asking
            // it, once, finds out, or tells what is in the way.
            News::Failed if lives => {
                let suspect = self.reason != Reason::Retry;
                self.reason = Reason::Retry;
                Step { next: Next::Wait(now + SHORT), suspect }
            }
            News::Ended | News::Refused | News::Failed => Step { next: self.rest(now), suspect: false },
        }
    }

    fn accepted(&mut self) -> Step {
        let hold = |suspect| Step { next: Next::Hold, suspect };
        match (self.standing, self.reason) {
            (Standing::Osaurus, Reason::Ended(age)) => {
                let usual = self.lifetime.is_some_and(|lifetime| age >= lifetime.mul_f32(0.8));
                self.reason = if usual { Reason::Asked } else { Reason::Suspected(age) };
                hold(!usual)
            }
            (Standing::Osaurus, _) => hold(false),
            (Standing::Absent, _) => hold(true),
            (Standing::Silent, _) => Step { next: Next::Ask, suspect: false },
        }
    }

    /// A live server that was asked after its connection ended, and lives on, ends idle ones at that age.
    fn learn(&mut self) {
        if let Reason::Suspected(age) = self.reason {
            self.lifetime = Some(self.lifetime.map_or(age, |known| known.min(age)));
            self.reason = Reason::Asked;
        }
    }

    fn connect(&mut self, reason: Reason) -> Next {
        self.reason = reason;
        Next::Connect
    }

    fn rest(&mut self, now: Instant) -> Next {
        self.reason = Reason::Retry;
        Next::Wait(self.backoff.next(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A link to a live server that is held.
    fn live(now: Instant) -> Link {
        let (mut link, _) = Link::absent(now);
        assert_eq!(link.stands(Standing::Osaurus, Held::No, now), Next::Connect);
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), hold());
        link
    }

    fn hold() -> Step {
        Step { next: Next::Hold, suspect: false }
    }

    fn suspect(next: Next) -> Step {
        Step { next, suspect: true }
    }

    fn quietly(next: Next) -> Step {
        Step { next, suspect: false }
    }

    #[test]
    fn a_server_that_died_is_asked_once_its_port_refuses() {
        let now = Instant::now();
        let mut link = live(now);
        assert_eq!(link.heard(News::Ended, MINUTE, now), quietly(Next::Connect));
        assert_eq!(link.heard(News::Refused, Duration::ZERO, now), suspect(Next::Wait(now + SHORT)));
        assert_eq!(link.stands(Standing::Absent, Held::No, now), Next::Wait(now + ms(1000)));
    }

    #[test]
    fn a_dead_server_s_port_is_tried_less_and_less_often_and_asked_only_once_it_accepts() {
        let now = Instant::now();
        let (mut link, first) = Link::absent(now);
        assert_eq!(first, now + ms(1000));
        for seconds in [2, 4, 8, 16, 30, 30] {
            let later = Next::Wait(now + Duration::from_secs(seconds));
            assert_eq!(link.heard(News::Refused, Duration::ZERO, now), quietly(later));
        }
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), suspect(Next::Hold));
        assert_eq!(link.stands(Standing::Osaurus, Held::Accepted, now), Next::Hold);
    }

    #[test]
    fn a_server_that_ends_idle_connections_is_asked_the_first_time_only() {
        let now = Instant::now();
        let mut link = live(now);
        assert_eq!(link.heard(News::Ended, MINUTE, now), quietly(Next::Connect));
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), suspect(Next::Hold));
        assert_eq!(link.stands(Standing::Osaurus, Held::Accepted, now), Next::Hold);
        for _ in 0..100 {
            assert_eq!(link.heard(News::Ended, MINUTE - ms(500), now), quietly(Next::Connect));
            assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), hold());
        }
        // Far from that age it is no habit of the server's.
        assert_eq!(link.heard(News::Ended, MINUTE / 2, now), quietly(Next::Connect));
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), suspect(Next::Hold));
    }

    #[test]
    fn one_that_ends_them_at_once_gets_a_rest_and_is_still_found_dead() {
        let now = Instant::now();
        let mut link = live(now);
        for _ in 0..MOST_SHORT {
            assert_eq!(link.heard(News::Ended, ms(1), now), quietly(Next::Connect));
            link.heard(News::Accepted, Duration::ZERO, now);
            link.stands(Standing::Osaurus, Held::Accepted, now);
        }
        assert_eq!(link.heard(News::Ended, ms(1), now), quietly(Next::Wait(now + SHORT)));
        assert_eq!(link.heard(News::Refused, Duration::ZERO, now), suspect(Next::Wait(now + SHORT)));
    }

    #[test]
    fn whoever_accepts_and_is_no_osaurus_is_asked_again_less_and_less_often() {
        let now = Instant::now();
        let (mut link, _) = Link::absent(now);
        for seconds in [2, 4, 8, 16, 30, 30] {
            assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), suspect(Next::Hold));
            let later = Next::Wait(now + Duration::from_secs(seconds));
            assert_eq!(link.stands(Standing::Absent, Held::Accepted, now), later);
            assert_eq!(link.stands(Standing::Absent, Held::No, now), Next::Hold, "others were asked");
            assert_eq!(link.stands(Standing::Absent, Held::UnderWay, now), Next::Hold);
        }
        assert_eq!(link.begin_anew(now), now + ms(1000));
    }

    #[test]
    fn a_silent_server_is_left_with_one_question_and_asked_anew_once_it_answers() {
        let now = Instant::now();
        let mut link = live(now);
        assert_eq!(link.stands(Standing::Silent, Held::Accepted, now), Next::Connect);
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), quietly(Next::Ask));
        assert_eq!(link.heard(News::Answered, MINUTE, now), suspect(Next::Wait(now + ms(1000))));
        assert_eq!(link.stands(Standing::Osaurus, Held::No, now), Next::Connect);
    }

    #[test]
    fn a_live_server_that_cannot_be_connected_to_again_is_asked_once() {
        let now = Instant::now();
        let mut link = live(now);
        assert_eq!(link.heard(News::Ended, MINUTE, now), quietly(Next::Connect));
        assert_eq!(link.heard(News::Failed, Duration::ZERO, now), suspect(Next::Wait(now + SHORT)));
        assert_eq!(link.heard(News::Failed, Duration::ZERO, now), quietly(Next::Wait(now + SHORT)));
        assert_eq!(link.heard(News::Refused, Duration::ZERO, now), suspect(Next::Wait(now + SHORT)));
    }

    #[test]
    fn so_is_one_that_could_not_be_connected_to_in_the_first_place() {
        let now = Instant::now();
        let (mut link, _) = Link::absent(now);
        assert_eq!(link.stands(Standing::Osaurus, Held::No, now), Next::Connect);
        assert_eq!(link.heard(News::Failed, Duration::ZERO, now), suspect(Next::Wait(now + SHORT)));
        assert_eq!(link.heard(News::Failed, Duration::ZERO, now), quietly(Next::Wait(now + SHORT)));
        assert_eq!(link.heard(News::Accepted, Duration::ZERO, now), hold());
    }
}
