//! Who watches, for the whole process?
//!
//! One thread for all watchers of all JavaScript environments: it is started with the first watcher and ends with
//! the last. It waits for file events, connections, messages and timers in one poll loop, and at rest for ever.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};

use super::arming::Arming;
use super::feed::{Feed, Tools};
use super::files::Files;
use super::inbox::{Inbox, Mail, Message, Trouble};
use super::servers::Servers;
use super::subscriber::{Listener, Subscriber};
use super::{FeedId, SubscriberId};
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::system::{self, failpoint, lock};

/// The one that watches at the moment, and how many watchers it has.
static PRESENT: Mutex<Option<Present>> = Mutex::new(None);

struct Present {
    inbox: Arc<Inbox>,
    watchers: usize,
    last_id: u64,
}

/// A watcher's place with the one that watches; it ends with this value.
pub struct Membership {
    inbox: Arc<Inbox>,
    id: SubscriberId,
}

/// Has somebody told of everything that happens.
///
/// # Errors
///
/// Where the system has no thread or no descriptor left.
pub fn join(plan: Plan, listener: Arc<Listener>) -> io::Result<Membership> {
    let mut present = lock(&PRESENT);
    let hub = match &mut *present {
        Some(hub) => hub,
        none => none.insert(Present { inbox: start()?, watchers: 0, last_id: 0 }),
    };
    hub.watchers += 1;
    hub.last_id += 1;
    let id = SubscriberId(hub.last_id);
    hub.inbox.post(Message::Join(Box::new(plan), Subscriber::new(id, listener)));
    Ok(Membership { inbox: Arc::clone(&hub.inbox), id })
}

impl Drop for Membership {
    /// Never waits: the thread lets go when it comes to it.
    fn drop(&mut self) {
        let mut present = lock(&PRESENT);
        if present.as_ref().is_some_and(|hub| hub.watchers == 1) {
            self.inbox.post(Message::End);
            *present = None;
        } else {
            self.inbox.post(Message::Leave(self.id));
            if let Some(hub) = &mut *present {
                hub.watchers -= 1;
            }
        }
    }
}

const WOKEN: Token = Token(0);

fn start() -> io::Result<Arc<Inbox>> {
    let poll = Poll::new()?;
    let inbox = Arc::new(Inbox::new(Waker::new(poll.registry(), WOKEN)?));
    let hub = Hub {
        poll,
        files: Files::new(Arc::clone(&inbox)),
        inbox: Arc::clone(&inbox),
        mail: Mail::default(),
        servers: Servers::default(),
        feeds: Vec::new(),
        last_feed: 0,
        arming: Arming::new(Instant::now()),
    };
    system::spawn_thread("osaurus-watch", Box::new(move || hub.run()))?;
    Ok(inbox)
}

struct Hub {
    poll: Poll,
    inbox: Arc<Inbox>,
    /// What was taken from the inbox and is not read yet: a panic must not lose it.
    mail: Mail,
    files: Files,
    servers: Servers,
    feeds: Vec<Feed>,
    last_feed: u64,
    arming: Arming,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    GoOn,
    End,
}

impl Hub {
    fn run(mut self) {
        let mut events = Events::with_capacity(128);
        loop {
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&mut events)));
            match turn {
                Ok(Flow::GoOn) => {}
                Ok(Flow::End) => return,
                Err(panic) => self.begin_anew(&Error::from_panic(&*panic)),
            }
        }
    }

    /// Waits until something happens, and does what follows from it.
    fn turn(&mut self, events: &mut Events) -> Flow {
        let timeout = self.deadline().map(|at| at.saturating_duration_since(Instant::now()));
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("waiting failed: {error}"),
            _ => {}
        }
        let now = Instant::now();
        for event in &*events {
            self.servers.ready(self.poll.registry(), event.token(), now);
        }
        self.inbox.take(&mut self.mail);
        if self.read(now) == Flow::End {
            return Flow::End;
        }
        self.servers.tick(self.poll.registry(), now);
        for (feed, server) in self.servers.take_suspects() {
            if let Some(feed) = find(&mut self.feeds, feed) {
                feed.suspect(server);
            }
        }
        let arms = self.files.wants_arming() && self.arming.may_begin(now);
        if arms {
            self.files.arming_is_seen_to();
            self.feeds.iter_mut().for_each(Feed::missed_events);
        }
        let (mut tools, feeds) = self.tools();
        for feed in feeds {
            feed.attend(&mut tools, now);
        }
        if arms {
            self.arming.has_ended(Instant::now());
        }
        Flow::GoOn
    }

    fn deadline(&self) -> Option<Instant> {
        let arming = self.files.wants_arming().then_some(self.arming.earliest());
        self.feeds.iter().filter_map(Feed::deadline).chain(self.servers.deadline()).chain(arming).min()
    }

    fn read(&mut self, now: Instant) -> Flow {
        for touch in std::mem::take(&mut self.mail.touches) {
            failpoint("watch");
            if touch.reshaped {
                self.arming.has_reason(now);
                self.files.reshaped(&touch.path);
            }
            if let Some(feed) = find(&mut self.feeds, touch.feed) {
                feed.touched(&touch);
            }
        }
        if std::mem::take(&mut self.mail.flooded) {
            self.feeds.iter_mut().for_each(Feed::missed_events);
        }
        for trouble in std::mem::take(&mut self.mail.troubles) {
            let cause = match trouble {
                Trouble::Overflow => DegradedCause::QueueOverflow,
                Trouble::Ended { generation } if self.files.ended(generation) => {
                    DegradedCause::BackendRestarted
                }
                Trouble::Ended { .. } => continue,
            };
            for feed in &mut self.feeds {
                feed.lost_events(now, cause.clone());
            }
        }
        while let Some(message) = self.mail.messages.pop_front() {
            match message {
                Message::Join(plan, subscriber) => self.welcome(*plan, subscriber),
                Message::Leave(id) => self.part_with(id, now),
                Message::Answered(feed, answered) => {
                    let (mut tools, feeds) = self.tools();
                    if let Some(feed) = find(feeds, feed) {
                        feed.answered(answered, &mut tools, now);
                    }
                }
                Message::End => return Flow::End,
            }
        }
        Flow::GoOn
    }

    fn welcome(&mut self, plan: Plan, subscriber: Subscriber) {
        if let Some(feed) = self.feeds.iter_mut().find(|feed| feed.is_for(&plan)) {
            return feed.join(subscriber);
        }
        self.last_feed += 1;
        let mut feed = Feed::new(FeedId(self.last_feed), plan);
        feed.join(subscriber);
        self.feeds.push(feed);
    }

    fn part_with(&mut self, id: SubscriberId, now: Instant) {
        let (mut tools, feeds) = self.tools();
        feeds.retain_mut(|feed| {
            let wanted = feed.leave(id);
            if !wanted {
                feed.end(&mut tools, now);
            }
            wanted
        });
    }

    /// After a panic nothing is relied on but what the watchers know, and there are no file events any more: a bug
    /// must not come back with every event.
    fn begin_anew(&mut self, panic: &Error) {
        let error = panic.clone().degraded_by_panic();
        self.files.give_up();
        self.inbox.take(&mut self.mail);
        self.mail.touches.clear();
        let registry = self.poll.registry();
        let now = Instant::now();
        for feed in &mut self.feeds {
            self.servers.set(registry, feed.id(), &[], now);
            feed.begin_anew(&error);
        }
        self.servers = Servers::default();
        // One panic after the other must not take the whole processor.
        std::thread::sleep(Duration::from_millis(100));
    }

    fn tools(&mut self) -> (Tools<'_>, &mut Vec<Feed>) {
        let tools = Tools {
            inbox: &self.inbox,
            registry: self.poll.registry(),
            files: &mut self.files,
            servers: &mut self.servers,
        };
        (tools, &mut self.feeds)
    }
}

fn find(feeds: &mut [Feed], id: FeedId) -> Option<&mut Feed> {
    feeds.iter_mut().find(|feed| feed.id() == id)
}
