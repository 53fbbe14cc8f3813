//! Runs all sessions of the process on one thread.
//!
//! The thread starts with the first watcher, of whichever JavaScript environment, and ends with the last. It waits for
//! file events, connections, commands and timers in one poll loop. At rest it waits without a timeout.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};

use super::channel::{Batch, Channel, Command};
use super::files::{DirWatches, RearmLimiter};
use super::liveness::{LivenessContext, LivenessMonitor};
use super::mailbox::Mailbox;
use super::schedule::Schedule;
use super::session::{Session, Subscriber};
use super::{SessionId, SubscriberId, Timer};
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::system::{failpoint, lock, spawn_thread};

mod session_entry;

use session_entry::{SessionEntry, SessionEnvironment};

/// The event loop that runs at the moment.
static RUNNING: Mutex<Option<Handle>> = Mutex::new(None);

struct Handle {
    channel: Arc<Channel>,
    subscribers: usize,
    last_subscriber: u64,
}

/// A watcher's place in the event loop. Dropping it unsubscribes the watcher.
pub struct Subscription {
    channel: Arc<Channel>,
    id: SubscriberId,
}

/// Delivers everything that happens to a mailbox.
///
/// # Errors
///
/// If the system has no thread or no descriptor left.
pub fn subscribe(plan: Plan, mailbox: Arc<Mailbox>) -> io::Result<Subscription> {
    let mut running = lock(&RUNNING);
    let handle = match &mut *running {
        Some(handle) => handle,
        none => none.insert(Handle { channel: start()?, subscribers: 0, last_subscriber: 0 }),
    };
    handle.subscribers += 1;
    handle.last_subscriber += 1;
    let id = SubscriberId(handle.last_subscriber);
    handle.channel.send(Command::Subscribe(Box::new(plan), Subscriber::new(id, mailbox)));
    Ok(Subscription { channel: Arc::clone(&handle.channel), id })
}

impl Drop for Subscription {
    /// Never waits for the event loop.
    fn drop(&mut self) {
        let mut running = lock(&RUNNING);
        if running.as_ref().is_some_and(|handle| handle.subscribers == 1) {
            self.channel.send(Command::Shutdown);
            *running = None;
        } else {
            self.channel.send(Command::Unsubscribe(self.id));
            if let Some(handle) = &mut *running {
                handle.subscribers -= 1;
            }
        }
    }
}

const WOKEN: Token = Token(0);

fn start() -> io::Result<Arc<Channel>> {
    let poll = Poll::new()?;
    let channel = Arc::new(Channel::new(Waker::new(poll.registry(), WOKEN)?));
    let event_loop = EventLoop {
        poll,
        batch: Batch::default(),
        sessions: Vec::new(),
        last_session: 0,
        rearm_limiter: RearmLimiter::new(Instant::now()),
        shared: Shared {
            channel: Arc::clone(&channel),
            watches: DirWatches::new(Arc::clone(&channel)),
            liveness: LivenessMonitor::default(),
            schedule: Schedule::new(),
        },
    };
    spawn_thread("osaurus-watch", Box::new(move || event_loop.run()))?;
    Ok(channel)
}

struct EventLoop {
    poll: Poll,
    /// What was received and is not handled yet: a panic must not lose it.
    batch: Batch,
    sessions: Vec<SessionEntry>,
    last_session: u64,
    rearm_limiter: RearmLimiter,
    shared: Shared,
}

/// What sessions share.
struct Shared {
    channel: Arc<Channel>,
    watches: DirWatches,
    liveness: LivenessMonitor,
    schedule: Schedule<Timer>,
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
        let deadline = self.shared.schedule.next_deadline();
        let timeout = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("waiting failed: {error}"),
            _ => {}
        }
        let now = Instant::now();
        for event in &*events {
            let (liveness, mut context) = self.liveness(now);
            liveness.on_ready(event.token(), &mut context);
        }
        self.shared.channel.receive(&mut self.batch);
        self.handle_file_events(now);
        self.handle_commands(now)?;
        let rearm = self.handle_timers(now);
        for (session, server) in self.shared.liveness.take_suspects() {
            self.with_session(session, now, |session, _| session.on_suspect(server));
        }
        if rearm {
            self.shared.watches.rearm_begins();
            self.sessions.iter_mut().for_each(SessionEntry::distrust);
        }
        self.for_each_session(now, |session, env| session.process(env, now));
        if rearm {
            self.rearm_limiter.rearmed(now, Instant::now());
        }
        let next_rearm = self.shared.watches.rearm_wanted().then(|| self.rearm_limiter.earliest());
        self.shared.schedule.set(Timer::Rearm, next_rearm);
        ControlFlow::Continue(())
    }

    fn handle_file_events(&mut self, now: Instant) {
        let mut structural = self.shared.watches.drop_stale();
        while let Some((dir, dirty)) = self.batch.dirty.pop_first() {
            failpoint("watch");
            structural |= dirty.path || dirty.listing;
            if let Some(entry) = self.sessions.iter_mut().find(|entry| entry.id == dir.session) {
                entry.mark_dirty(dir, dirty);
            }
        }
        if structural {
            self.rearm_limiter.on_event(now);
        }
        if std::mem::take(&mut self.batch.queue_overflowed) {
            self.events_lost(&DegradedCause::QueueOverflow, now);
        }
        if let Some(generation) = self.batch.stopped_backend.take()
            && self.shared.watches.backend_stopped(generation)
        {
            self.events_lost(&DegradedCause::BackendRestarted, now);
        }
    }

    fn events_lost(&mut self, reason: &DegradedCause, now: Instant) {
        self.for_each_session(now, |session, env| session.on_events_lost(reason.clone(), env, now));
    }

    fn handle_commands(&mut self, now: Instant) -> ControlFlow<()> {
        while let Some(command) = self.batch.commands.pop_front() {
            match command {
                Command::Subscribe(plan, subscriber) => self.subscribe(*plan, subscriber),
                Command::Unsubscribe(id) => self.unsubscribe(id, now),
                Command::ServerProbed { session, run, server, result, held } => {
                    let answered = result.is_osaurus();
                    self.with_session(session, now, |session, env| {
                        if session.on_probe_result(run, server, result, env, now)
                            && let Some(stream) = held
                        {
                            env.hold(server, stream, answered);
                        }
                    });
                }
                Command::ProbesFinished(session, run, result) => {
                    self.with_session(session, now, |session, env| {
                        session.on_probes_finished(run, result, env, now);
                    });
                }
                Command::Shutdown => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    }

    /// Returns whether all directories have to be watched again.
    fn handle_timers(&mut self, now: Instant) -> bool {
        let mut rearm = false;
        while let Some(timer) = self.shared.schedule.take_due(now) {
            match timer {
                Timer::Session(id, timer) => {
                    self.with_session(id, now, |session, env| session.on_timer(timer, env));
                }
                Timer::Connect(session, server) => {
                    let (liveness, mut context) = self.liveness(now);
                    liveness.connect(session, server, &mut context);
                }
                Timer::Rearm => rearm = true,
            }
        }
        rearm
    }

    /// Adds a watcher to the session for its options, which may be running for others.
    fn subscribe(&mut self, plan: Plan, subscriber: Subscriber) {
        let same = |entry: &SessionEntry| entry.plan.is_same_query(&plan);
        let index = self.sessions.iter().position(same).unwrap_or_else(|| {
            self.last_session += 1;
            self.sessions.push(SessionEntry::new(SessionId(self.last_session), plan));
            self.sessions.len() - 1
        });
        let entry = &mut self.sessions[index];
        subscriber.mailbox.set_connections(self.shared.liveness.held(entry.id));
        entry.session.subscribe(subscriber);
    }

    fn unsubscribe(&mut self, id: SubscriberId, now: Instant) {
        let Some(index) = self.sessions.iter_mut().position(|entry| !entry.session.unsubscribe(id)) else {
            return;
        };
        let SessionEntry { id, plan, .. } = self.sessions.swap_remove(index);
        plan.cancel.cancel();
        self.shared.watches.remove_session(id);
        let (liveness, mut context) = self.liveness(now);
        liveness.remove_session(id, &mut context);
        self.shared.schedule.retain(|timer| !matches!(timer, Timer::Session(session, _) if *session == id));
    }

    /// After a panic nothing is relied on but what the watchers know, and file events are switched off: a bug must
    /// not strike again with every event.
    fn restart(&mut self, panic: &Error) {
        let error = panic.clone().degraded_by_panic();
        self.shared.watches.disable();
        self.shared.channel.receive(&mut self.batch);
        self.batch.dirty.clear();
        self.shared.liveness.restart();
        self.shared.schedule = Schedule::new();
        for entry in &mut self.sessions {
            entry.restart(&error);
        }
        // One panic after the other must not take the whole processor.
        std::thread::sleep(Duration::from_millis(100));
    }

    fn liveness(&mut self, now: Instant) -> (&mut LivenessMonitor, LivenessContext<'_>) {
        let schedule = &mut self.shared.schedule;
        (&mut self.shared.liveness, LivenessContext { registry: self.poll.registry(), schedule, now })
    }

    fn with_session(
        &mut self,
        id: SessionId,
        now: Instant,
        act: impl FnOnce(&mut Session, &mut SessionEnvironment<'_>),
    ) {
        if let Some(entry) = self.sessions.iter_mut().find(|entry| entry.id == id) {
            entry.with_environment(&mut self.shared, self.poll.registry(), now, act);
        }
    }

    fn for_each_session(
        &mut self,
        now: Instant,
        mut act: impl FnMut(&mut Session, &mut SessionEnvironment<'_>),
    ) {
        for entry in &mut self.sessions {
            entry.with_environment(&mut self.shared, self.poll.registry(), now, &mut act);
        }
    }
}
