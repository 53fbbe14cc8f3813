//! Connects a session to the files, servers and timers of the event loop.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Registry;
use mio::net::TcpStream;

use super::Shared;
use crate::cancel::CancelToken;
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::probe::Target;
use crate::snapshot::Snapshot;
use crate::system::catch_panic;
use crate::watch::channel::Dirty;
use crate::watch::files::{RuntimeDirWatch, WatchUpdate};
use crate::watch::liveness::{LivenessContext, ServerReport};
use crate::watch::session::{Environment, ProbeRunId, Session, SessionTimer};
use crate::watch::{DirId, SessionId, Timer, prober};

/// A session and what it watches.
pub struct SessionEntry {
    pub id: SessionId,
    pub plan: Plan,
    dirs: Vec<RuntimeDirWatch>,
    pub session: Session,
}

impl SessionEntry {
    pub fn new(id: SessionId, plan: Plan) -> Self {
        let (dirs, session) =
            (watch_dirs(id, &plan), Session::new(plan.probe_timeout.is_some(), plan.fallback));
        Self { id, plan, dirs, session }
    }

    pub fn restart(&mut self, error: &Error) {
        self.dirs = watch_dirs(self.id, &self.plan);
        self.session.restart(error);
    }

    /// Has the session read again what file events have made stale.
    pub fn mark_dirty(&mut self, dir: DirId, dirty: Dirty) {
        if let Some(watch) = self.dirs.get_mut(dir.index) {
            watch.mark_stale(dirty);
        }
        if dirty.files {
            self.session.on_files_changed();
        }
    }

    /// Has the session watch everything again and read it.
    pub fn distrust(&mut self) {
        distrust(&mut self.dirs);
        self.session.on_files_changed();
    }

    pub fn with_environment(
        &mut self,
        shared: &mut Shared,
        registry: &Registry,
        now: Instant,
        act: impl FnOnce(&mut Session, &mut SessionEnvironment<'_>),
    ) {
        let Self { id, plan, dirs, session } = self;
        act(session, &mut SessionEnvironment { id: *id, plan, dirs, shared, registry, now });
    }
}

fn watch_dirs(session: SessionId, plan: &Plan) -> Vec<RuntimeDirWatch> {
    let paths = plan.dirs.iter().map(|dir| dir.path.clone()).enumerate();
    paths.map(|(index, path)| RuntimeDirWatch::new(DirId { session, index }, path)).collect()
}

fn distrust(dirs: &mut [RuntimeDirWatch]) {
    dirs.iter_mut().for_each(|dir| dir.mark_stale(Dirty { path: true, listing: true, files: false }));
}

/// The world of a session for one iteration of the event loop.
pub struct SessionEnvironment<'a> {
    id: SessionId,
    plan: &'a Plan,
    dirs: &'a mut Vec<RuntimeDirWatch>,
    shared: &'a mut Shared,
    registry: &'a Registry,
    now: Instant,
}

impl SessionEnvironment<'_> {
    /// Takes the connection that a probe has left to a server, which answered as Osaurus or not at all.
    pub fn hold(&mut self, server: SocketAddr, stream: TcpStream, answered: bool) {
        let schedule = &mut self.shared.schedule;
        let mut context = LivenessContext { registry: self.registry, schedule, now: self.now };
        self.shared.liveness.hold(self.id, server, stream, answered, &mut context);
    }
}

impl Environment for SessionEnvironment<'_> {
    fn update_watches(&mut self) -> (WatchUpdate, Option<DegradedCause>) {
        let watches = &mut self.shared.watches;
        let update = self.dirs.iter_mut().map(|dir| dir.update(watches)).max();
        let reason = self.dirs.iter().find_map(RuntimeDirWatch::degraded_reason);
        (update.unwrap_or(WatchUpdate::Unchanged), reason.cloned())
    }

    fn distrust_watches(&mut self) {
        distrust(self.dirs);
    }

    fn scan(&mut self) -> (Result<Snapshot, Error>, Duration) {
        let began = Instant::now();
        // A panic caused by one directory fails the scan of this session, which is retried.
        let result = catch_panic(|| Snapshot::take(self.plan));
        (result, began.elapsed())
    }

    fn start_probes(&mut self, run: ProbeRunId, servers: &[SocketAddr]) -> Result<CancelToken, Error> {
        let timeout = self.plan.probe_timeout.unwrap_or_default();
        let liveness = &mut self.shared.liveness;
        let target = |&server| Target { server, hold: !liveness.probe_begins(self.id, server) };
        let targets = servers.iter().map(target).collect();
        prober::start(self.id, run, targets, timeout, &self.shared.channel)
    }

    fn watch_servers(&mut self, reports: &[ServerReport]) {
        let schedule = &mut self.shared.schedule;
        let mut context = LivenessContext { registry: self.registry, schedule, now: self.now };
        self.shared.liveness.update(self.id, reports, &mut context);
    }

    fn is_connected(&self, server: SocketAddr) -> bool {
        self.shared.liveness.is_connected(self.id, server)
    }

    fn set_timer(&mut self, timer: SessionTimer, deadline: Option<Instant>) {
        self.shared.schedule.set(Timer::Session(self.id, timer), deadline);
    }
}
