//! What is the state for one request, and who has to hear of it?

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::Registry;

use super::backoff::Backoff;
use super::burst::Burst;
use super::files::Files;
use super::inbox::{Inbox, Touch};
use super::place::{Followed, Place};
use super::servers::Servers;
use super::subscriber::Subscriber;
use super::verdicts::{Answered, Outcome, Verdicts};
use super::{FeedId, Look, SubscriberId};
use crate::candidate::Instance;
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::snapshot::Snapshot;
use crate::system::catch_panic;

/// How often is looked where events are missing.
const POLL: Duration = Duration::from_secs(1);

/// So long after events were lost there may be more of that.
const LOSSY: Duration = Duration::from_secs(10);

/// A disk that is mounted over a folder gives no event, but the folder was made a moment before, which does.
const AFTERMATH: Duration = Duration::from_secs(2);

/// What a feed works with, all of it shared with the other feeds.
pub struct Tools<'a> {
    pub inbox: &'a Arc<Inbox>,
    pub registry: &'a Registry,
    pub files: &'a mut Files,
    pub servers: &'a mut Servers,
}

/// One request, for all watchers that made the same.
pub struct Feed {
    id: FeedId,
    plan: Plan,
    places: Vec<Place>,
    subscribers: Vec<Subscriber>,
    state: Option<Arc<[Instance]>>,
    /// The latest one.
    look: Look,
    verdicts: Verdicts,
    burst: Burst,
    /// Something happened that has not been looked at.
    happened: bool,
    failing: Option<Failing>,
    degraded: Option<Error>,
    poll_at: Option<Instant>,
    /// Events were lost, for this reason, and until then there may be more of that.
    lossy: Option<(Instant, DegradedCause)>,
    walk_again_at: Option<Instant>,
}

/// Looking fails, and is tried again.
struct Failing {
    backoff: Backoff,
    retry_at: Instant,
}

impl Failing {
    fn new(now: Instant) -> Self {
        let mut backoff = Backoff::default();
        let retry_at = backoff.next(now);
        Self { backoff, retry_at }
    }

    /// Whether it is time to, which it is once and later again.
    fn is_to_be_retried(&mut self, now: Instant) -> bool {
        let due = self.retry_at <= now;
        if due {
            self.retry_at = self.backoff.next(now);
        }
        due
    }
}

impl Feed {
    pub fn new(id: FeedId, plan: Plan) -> Self {
        let places = places(id, &plan);
        Self {
            id,
            plan,
            places,
            subscribers: Vec::new(),
            state: None,
            look: Look::default(),
            verdicts: Verdicts::default(),
            burst: Burst::default(),
            happened: true,
            failing: None,
            degraded: None,
            poll_at: None,
            lossy: None,
            walk_again_at: None,
        }
    }

    pub fn id(&self) -> FeedId {
        self.id
    }

    pub fn is_for(&self, plan: &Plan) -> bool {
        self.plan.dirs == plan.dirs && self.plan.probe_timeout == plan.probe_timeout
    }

    pub fn join(&mut self, mut subscriber: Subscriber) {
        // What the others know may be old: of a server that hangs, or a folder that cannot be read, nobody has heard.
        subscriber.begin_with(self.look.next());
        self.subscribers.push(subscriber);
        self.verdicts.doubt();
    }

    /// Gives whether anybody is left.
    pub fn leave(&mut self, id: SubscriberId) -> bool {
        self.subscribers.retain(|subscriber| subscriber.id != id);
        !self.subscribers.is_empty()
    }

    /// Lets go of everything that is shared with others.
    pub fn end(&mut self, tools: &mut Tools<'_>, now: Instant) {
        self.plan.cancel.cancel();
        tools.files.forget_feed(self.id);
        tools.servers.set(tools.registry, self.id, &[], now);
    }

    /// Begins anew, with what its watchers know, after a panic that may have left anything half done.
    pub fn begin_anew(&mut self, error: &Error) {
        let mut fresh = Self::new(self.id, self.plan.clone());
        fresh.subscribers = std::mem::take(&mut self.subscribers);
        fresh.state = self.state.take();
        fresh.look = self.look;
        fresh.degraded = Some(error.clone());
        for subscriber in &mut fresh.subscribers {
            subscriber.tell_degradation(error);
        }
        *self = fresh;
    }

    pub fn touched(&mut self, touch: &Touch) {
        if let Some(place) = self.places.get_mut(touch.place) {
            self.happened |= place.touched(touch);
        }
    }

    pub fn suspect(&mut self, server: SocketAddr) {
        self.verdicts.suspect(server);
        self.happened = true;
    }

    /// Events may have been missed: nothing that is known can be relied on.
    pub fn missed_events(&mut self) {
        self.doubt();
        self.happened = true;
    }

    /// Events were lost, for this reason, and more may be.
    pub fn lost_events(&mut self, now: Instant, cause: DegradedCause) {
        self.missed_events();
        self.lossy = Some((now + LOSSY, cause));
    }

    pub fn answered(&mut self, answered: Answered, tools: &mut Tools<'_>, now: Instant) {
        if let Some((look, outcome)) = self.verdicts.answered(answered) {
            self.conclude(look, outcome, tools, now);
        }
    }

    /// When it has to be attended to, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let retry = self.failing.as_ref().map(|failing| failing.retry_at);
        let timers =
            [self.burst.deadline(), self.verdicts.deadline(), retry, self.poll_at, self.walk_again_at];
        timers.into_iter().flatten().min()
    }

    /// Does whatever there is to do now.
    pub fn attend(&mut self, tools: &mut Tools<'_>, now: Instant) {
        let poll = is_due(&mut self.poll_at, now);
        if poll || is_due(&mut self.walk_again_at, now) {
            self.doubt();
        }
        self.follow(tools, now);

        if let Some((look, outcome)) = self.verdicts.so_far(now) {
            self.conclude(look, outcome, tools, now);
        }
        let more = self.verdicts.wants_a_look(now);
        let newcomers = self.subscribers.iter().any(|subscriber| !subscriber.may_hear_of(self.look));
        let happened = std::mem::take(&mut self.happened);
        let retry = self.failing.as_mut().is_some_and(|failing| failing.is_to_be_retried(now));
        if happened && self.burst.happened(now) {
            let (took, changed) = self.look(tools, now);
            self.burst.looked(now, took, changed);
        } else if self.burst.is_over(now) {
            let (took, changed) = self.look(tools, now);
            self.burst.looked_last(now, took, changed);
        } else if poll || retry || more || newcomers {
            self.look(tools, now);
        }
    }

    fn follow(&mut self, tools: &mut Tools<'_>, now: Instant) {
        let followed = self.places.iter_mut().map(|place| place.follow(tools.files)).max();
        if followed > Some(Followed::Nothing) {
            self.happened = true;
        }
        if followed == Some(Followed::Way) {
            self.walk_again_at = Some(now + AFTERMATH);
        }
        self.lossy.take_if(|(until, _)| *until <= now);
        let blind = self.places.iter().find_map(Place::blind);
        match blind.cloned().or(self.lossy.as_ref().map(|(_, cause)| cause.clone())) {
            Some(cause) => {
                if self.degraded.is_none() {
                    self.degraded = Some(degraded(cause));
                }
                self.poll_at.get_or_insert(now + POLL);
            }
            None => {
                self.degraded = None;
                self.poll_at = None;
            }
        }
        if let Some(error) = &self.degraded {
            for subscriber in &mut self.subscribers {
                subscriber.tell_degradation(error);
            }
        }
    }

    /// Gives how long it took and whether it showed a change; where servers have to be asked that is not known yet.
    fn look(&mut self, tools: &mut Tools<'_>, now: Instant) -> (Duration, bool) {
        let began = Instant::now();
        self.look = self.look.next();
        // A bug that one folder brings out is this feed's trouble alone, and is tried again.
        let outcome = match catch_panic(|| Snapshot::take(&self.plan)) {
            Ok(sight) if self.plan.probe_timeout.is_some() => {
                self.verdicts.ask(self.id, self.look, &self.plan, sight, tools.inbox)
            }
            Ok(sight) => Some(sight.outcome()),
            Err(error) => Some(Err(error)),
        };
        let took = began.elapsed();
        (took, outcome.is_some_and(|outcome| self.settle(self.look, outcome, tools, now)))
    }

    /// Takes the outcome of asking, which comes when it comes.
    fn conclude(&mut self, look: Look, outcome: Outcome, tools: &mut Tools<'_>, now: Instant) {
        if self.settle(look, outcome, tools, now) {
            self.burst.looked(now, Duration::ZERO, true);
        }
    }

    /// Gives whether it is a change.
    fn settle(&mut self, look: Look, outcome: Outcome, tools: &mut Tools<'_>, now: Instant) -> bool {
        let before = self.state.take();
        let (state, why_none) = match outcome {
            Ok(instances) => (Some(instances), None),
            Err(error) if error.code().means_none_running() => (Some(Vec::new()), Some(error)),
            Err(error) => (None, Some(error)),
        };
        let failed = state.is_none();
        let state = match (state, &before) {
            // The last state stands while looking fails.
            (None, Some(before)) => Arc::clone(before),
            (Some(state), Some(before)) if state == **before => Arc::clone(before),
            (state, _) => state.unwrap_or_default().into(),
        };
        let changed = before.is_none_or(|before| !Arc::ptr_eq(&before, &state));
        let failure = why_none.as_ref().filter(|_| failed);
        for subscriber in self.subscribers.iter_mut().filter(|subscriber| subscriber.may_hear_of(look)) {
            subscriber.keep_why_none(why_none.as_ref());
            if !failed {
                subscriber.tell_state(&state);
            } else if !subscriber.knows_a_state() {
                // The last state is not one that it has seen.
                subscriber.tell_state(&Arc::default());
            }
            subscriber.tell_failure(failure);
        }
        self.state = Some(state);
        self.failing = failure.map(|_| self.failing.take().unwrap_or_else(|| Failing::new(now)));
        if self.plan.probe_timeout.is_some() {
            tools.servers.set(tools.registry, self.id, &self.verdicts.reports(), now);
        }
        changed
    }

    fn doubt(&mut self) {
        self.places.iter_mut().for_each(Place::doubt);
    }
}

fn places(feed: FeedId, plan: &Plan) -> Vec<Place> {
    let dirs = plan.dirs.iter().map(|dir| dir.path.clone());
    dirs.enumerate().map(|(index, path)| Place::new(feed, index, path)).collect()
}

/// Whether the time has come, which it does once.
fn is_due(at: &mut Option<Instant>, now: Instant) -> bool {
    at.take_if(|at| *at <= now).is_some()
}

fn degraded(cause: DegradedCause) -> Error {
    Error::watch_degraded(cause)
}
