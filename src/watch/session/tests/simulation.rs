//! Runs a session in a simulated world and records what its watchers receive.

use std::net::SocketAddr;

use super::world::{Server, World, address};
use super::*;
use crate::watch::Event;
use crate::watch::mailbox::Mailbox;

/// A session in a world, and what its watchers received.
pub struct Simulation {
    pub session: Session,
    pub world: World,
    pub watchers: Vec<Watching>,
}

pub struct Watching {
    mailbox: Arc<Mailbox>,
    pub state: Option<Vec<Instance>>,
    pub reason: Option<crate::ErrorCode>,
    pub changes: usize,
    pub warnings: Vec<crate::ErrorCode>,
}

impl Simulation {
    pub fn new(verify: bool, fallback: Option<char>) -> Self {
        let (session, world) = (Session::new(verify, fallback.map(address)), World::new(Instant::now()));
        Self { session, world, watchers: Vec::new() }
    }

    pub fn subscribe(&mut self) {
        let mailbox = Mailbox::new(|_| ());
        self.session.subscribe(Arc::clone(&mailbox));
        let watching = Watching { mailbox, state: None, reason: None, changes: 0, warnings: Vec::new() };
        self.watchers.push(watching);
        self.process();
    }

    pub fn unsubscribe(&mut self, index: usize) {
        let watching = self.watchers.swap_remove(index);
        self.session.unsubscribe(&watching.mailbox);
    }

    /// Tells the session that files changed.
    pub fn file_event(&mut self) {
        self.session.on_files_changed();
        self.process();
    }

    pub fn lose_events(&mut self) {
        let now = self.world.now;
        self.session.on_events_lost(DegradedCause::QueueOverflow, now);
        self.process();
    }

    pub fn suspect(&mut self, server: SocketAddr) {
        self.session.on_suspect(server);
        self.process();
    }

    /// Lets time pass, with everything that is due until then.
    pub fn wait(&mut self, duration: Duration) {
        let end = self.world.now + duration;
        while let Some(at) = self.next_deadline().filter(|at| *at <= end) {
            self.world.now = self.world.now.max(at);
            self.fire();
        }
        self.world.now = end;
    }

    /// Lets time pass until nothing is due.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            if let Some(at) = self.next_deadline() {
                self.world.now = self.world.now.max(at);
                self.fire();
            } else {
                let suspects = self.world.suspects();
                if suspects.is_empty() {
                    return;
                }
                suspects.into_iter().for_each(|server| self.suspect(server));
            }
        }
        panic!("the session does not settle");
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.world.next_answer().into_iter().chain(self.session.deadline()).min()
    }

    fn fire(&mut self) {
        let mut runs = std::mem::take(&mut self.world.runs);
        runs.retain_mut(|run| {
            let cancelled = run.cancel.is_cancelled();
            let due = |id| self.world.answer_at(run, id) <= self.world.now;
            let (answered, waiting) = run.waiting.iter().partition::<Vec<_>, _>(|id| due(**id));
            for id in answered.into_iter().filter(|_| !cancelled && !run.fails) {
                let (result, now) = (self.world.answer(id), self.world.now);
                let connected = self.world.server(id) != Server::Down;
                self.session.on_probe_result(run.id, address(id), result, connected, now);
            }
            run.waiting = waiting;
            let finished = run.waiting.is_empty() || cancelled || run.fails;
            if finished {
                let error = || crate::error::ErrorDetails::UnknownHome;
                let result = if run.fails { Err(Error::new(error())) } else { Ok(()) };
                let now = self.world.now;
                self.session.on_probes_finished(run.id, result, now);
            }
            !finished
        });
        self.world.runs.extend(runs);
        self.process();
    }

    fn process(&mut self) {
        let now = self.world.now;
        self.session.process(&mut self.world, now);
        for watching in &mut self.watchers {
            while let Some(event) = watching.mailbox.next() {
                match event {
                    Event::Change(change) => {
                        let first = watching.state.is_none();
                        let code = change.reason.as_ref().map(Error::code);
                        let is_news = !change.is_empty() || watching.reason != code;
                        assert!(first || is_news, "a change without a difference");
                        assert_eq!(
                            code.is_none(),
                            !change.instances.is_empty(),
                            "a reason exactly if nothing runs"
                        );
                        watching.reason = code;
                        assert!(
                            !first || change.added == change.instances,
                            "the first change is the whole state"
                        );
                        watching.state = Some(change.instances);
                        watching.changes += 1;
                    }
                    Event::Warning(error) => watching.warnings.push(error.code()),
                }
            }
        }
    }
}
