//! Runs all sessions of the process on one thread.
//!
//! The thread starts with the first watcher, of whichever JavaScript environment, and ends with the last. It waits for
//! file events, connections, commands and deadlines in one poll loop. At rest it waits without a timeout.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};

use super::SessionId;
use super::channel::{Channel, Command};
use super::files::{DirWatches, RearmLimiter};
use super::liveness::LivenessContext;
use super::mailbox::Mailbox;
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::system::{failpoint, lock, spawn_thread};

mod session_entry;

use session_entry::SessionEntry;

/// The event loop that runs at the moment, as long as there are watchers.
static RUNNING: Mutex<Weak<Handle>> = Mutex::new(Weak::new());

struct Handle(Arc<Channel>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.send(Command::Shutdown);
    }
}

/// A watcher's place in the event loop. Dropping it unsubscribes the watcher, and never waits for the event loop.
pub struct Subscription {
    event_loop: Arc<Handle>,
    mailbox: Arc<Mailbox>,
}

/// Delivers everything that happens to a mailbox.
///
/// # Errors
///
/// If the system has no thread or no descriptor left.
pub fn subscribe(plan: Plan, mailbox: Arc<Mailbox>) -> io::Result<Subscription> {
    let mut running = lock(&RUNNING);
    let event_loop = match running.upgrade() {
        Some(event_loop) => event_loop,
        None => Arc::new(Handle(start()?)),
    };
    *running = Arc::downgrade(&event_loop);
    event_loop.0.send(Command::Subscribe(Box::new(plan), Arc::clone(&mailbox)));
    Ok(Subscription { event_loop, mailbox })
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.event_loop.0.send(Command::Unsubscribe(Arc::clone(&self.mailbox)));
    }
}

const WOKEN: Token = Token(0);

fn start() -> io::Result<Arc<Channel>> {
    let poll = Poll::new()?;
    let channel = Arc::new(Channel::new(Waker::new(poll.registry(), WOKEN)?));
    let event_loop = EventLoop {
        poll,
        sessions: Vec::new(),
        last_session: 0,
        rearm_limiter: RearmLimiter::new(Instant::now()),
        shared: Shared { channel: Arc::clone(&channel), watches: DirWatches::new(Arc::clone(&channel)) },
    };
    spawn_thread("osaurus-watch", Box::new(move || event_loop.run()))?;
    Ok(channel)
}

struct EventLoop {
    poll: Poll,
    sessions: Vec<SessionEntry>,
    last_session: u64,
    rearm_limiter: RearmLimiter,
    shared: Shared,
}

/// What sessions share.
struct Shared {
    channel: Arc<Channel>,
    watches: DirWatches,
}

impl EventLoop {
    fn run(mut self) {
        let mut events = Events::with_capacity(128);
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.run_once(&mut events))) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(panic) => self.restart(&Error::from_panic(&*panic)),
            }
        }
    }

    /// Waits until something happens, and does what follows from it.
    fn run_once(&mut self, events: &mut Events) -> ControlFlow<()> {
        let timeout = self.deadline().map(|at| at.saturating_duration_since(Instant::now()));
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("waiting failed: {error}"),
            _ => {}
        }
        let now = Instant::now();
        let context = LivenessContext { registry: self.poll.registry(), now };
        for event in &*events {
            self.sessions.iter_mut().for_each(|entry| entry.liveness.on_ready(event.token(), context));
        }
        self.handle_file_events(now);
        self.handle_commands(now)?;
        let rearm = self.rearm_deadline().is_some_and(|at| at <= now);
        if rearm {
            self.shared.watches.rearm_begins();
            self.sessions.iter_mut().for_each(SessionEntry::distrust);
        }
        let context = LivenessContext { registry: self.poll.registry(), now };
        self.sessions.iter_mut().for_each(|entry| entry.process(&mut self.shared, context));
        if rearm {
            self.rearm_limiter.rearmed(now, Instant::now());
        }
        ControlFlow::Continue(())
    }

    /// The earliest of all deadlines.
    fn deadline(&self) -> Option<Instant> {
        self.sessions.iter().filter_map(SessionEntry::deadline).chain(self.rearm_deadline()).min()
    }

    /// When to watch all directories again.
    fn rearm_deadline(&self) -> Option<Instant> {
        self.shared.watches.rearm_wanted().then(|| self.rearm_limiter.earliest())
    }

    fn handle_file_events(&mut self, now: Instant) {
        let mut structural = self.shared.watches.drop_stale();
        let events = self.shared.channel.take_events();
        for (dir, dirty) in events.dirty {
            failpoint("watch");
            structural |= dirty.path || dirty.listing;
            if let Some(entry) = self.session(dir.session) {
                entry.mark_dirty(dir, dirty);
            }
        }
        if structural {
            self.rearm_limiter.on_event(now);
        }
        if events.queue_overflowed {
            self.events_lost(&DegradedCause::QueueOverflow, now);
        }
        if let Some(generation) = events.stopped_backend
            && self.shared.watches.backend_stopped(generation)
        {
            self.events_lost(&DegradedCause::BackendRestarted, now);
        }
    }

    fn events_lost(&mut self, reason: &DegradedCause, now: Instant) {
        self.sessions.iter_mut().for_each(|entry| entry.on_events_lost(reason, now));
    }

    fn handle_commands(&mut self, now: Instant) -> ControlFlow<()> {
        while let Some(command) = self.shared.channel.next_command() {
            match command {
                Command::Subscribe(plan, mailbox) => self.subscribe(*plan, mailbox),
                Command::Unsubscribe(mailbox) => self.unsubscribe(&mailbox),
                Command::ServerProbed { session, run, server, result, held } => {
                    let context = LivenessContext { registry: self.poll.registry(), now };
                    if let Some(entry) = self.sessions.iter_mut().find(|entry| entry.id == session) {
                        entry.on_server_probed(run, server, result, held, context);
                    }
                }
                Command::ProbesFinished(session, run, result) => {
                    if let Some(entry) = self.session(session) {
                        entry.session.on_probes_finished(run, result, now);
                    }
                }
                Command::Shutdown => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    }

    /// Adds a watcher to the session for its options, which may be running for others.
    fn subscribe(&mut self, plan: Plan, mailbox: Arc<Mailbox>) {
        let same = |entry: &SessionEntry| entry.plan.is_same_query(&plan);
        let index = self.sessions.iter().position(same).unwrap_or_else(|| {
            self.last_session += 1;
            self.sessions.push(SessionEntry::new(SessionId(self.last_session), plan));
            self.sessions.len() - 1
        });
        let entry = &mut self.sessions[index];
        mailbox.set_connections(entry.liveness.held());
        entry.session.subscribe(mailbox);
    }

    fn unsubscribe(&mut self, mailbox: &Arc<Mailbox>) {
        let Some(index) = self.sessions.iter_mut().position(|entry| !entry.session.unsubscribe(mailbox))
        else {
            return;
        };
        self.sessions.swap_remove(index).end(&mut self.shared);
    }

    /// After a panic nothing is relied on but what the watchers know, and file events are switched off: a bug must
    /// not strike again with every event.
    fn restart(&mut self, panic: &Error) {
        let error = panic.clone().degraded_by_panic();
        self.shared.watches.disable();
        self.shared.channel.take_events();
        self.sessions.iter_mut().for_each(|entry| entry.restart(&error));
        // One panic after the other must not take the whole processor.
        std::thread::sleep(Duration::from_millis(100));
        self.shared.channel.wake();
    }

    fn session(&mut self, id: SessionId) -> Option<&mut SessionEntry> {
        self.sessions.iter_mut().find(|entry| entry.id == id)
    }
}
