//! Connects a session to the files and servers of this machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use super::Shared;
use crate::cancel::CancelToken;
use crate::error::{DegradedCause, Error};
use crate::options::Plan;
use crate::outcome::ProbeResult;
use crate::probe::Target;
use crate::snapshot::Snapshot;
use crate::system::catch_panic;
use crate::watch::channel::Dirty;
use crate::watch::files::{RuntimeDirWatch, WatchUpdate};
use crate::watch::liveness::{LivenessContext, LivenessMonitor, ServerReport};
use crate::watch::session::{Environment, Session};
use crate::watch::{DirId, Generation, SessionId, prober};

/// A session and what it watches.
pub struct SessionEntry {
    pub id: SessionId,
    pub plan: Plan,
    dirs: Vec<RuntimeDirWatch>,
    pub liveness: LivenessMonitor,
    pub session: Session,
}

impl SessionEntry {
    pub fn new(id: SessionId, plan: Plan) -> Self {
        let session = Session::new(plan.probe_timeout.is_some(), plan.fallback);
        Self { id, dirs: watch_dirs(id, &plan), plan, liveness: LivenessMonitor::default(), session }
    }

    /// Starts again after a panic.
    pub fn restart(&mut self, error: &Error) {
        self.dirs = watch_dirs(self.id, &self.plan);
        self.liveness.restart();
        self.session.restart(error);
    }

    /// Ends everything that the session has begun.
    pub fn end(mut self, shared: &mut Shared) {
        self.dirs.iter_mut().for_each(|dir| dir.unwatch(&mut shared.watches));
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

    pub fn on_events_lost(&mut self, reason: &DegradedCause, now: Instant) {
        distrust(&mut self.dirs);
        self.session.on_events_lost(reason.clone(), now);
    }

    /// Takes the result of a server in a probe run, and the connection that the probe left.
    pub fn on_server_probed(
        &mut self,
        run: Generation,
        server: SocketAddr,
        result: ProbeResult,
        held: Option<TcpStream>,
        context: LivenessContext<'_>,
    ) {
        let (connected, answered) = (self.liveness.is_connected(server), result.is_osaurus());
        let awaited = self.session.on_probe_result(run, server, result, connected, context.now);
        if let Some(stream) = held.filter(|_| awaited) {
            self.liveness.hold(server, stream, answered, context);
        }
    }

    /// When to call [`process`](Self::process) next if nothing happens.
    pub fn deadline(&self) -> Option<Instant> {
        self.session.deadline().into_iter().chain(self.liveness.deadline()).min()
    }

    /// Does everything that is due now.
    pub fn process(&mut self, shared: &mut Shared, context: LivenessContext<'_>) {
        self.liveness.connect_due(context);
        self.liveness.take_suspects().into_iter().for_each(|server| self.session.on_suspect(server));
        let Self { id, plan, dirs, liveness, session } = self;
        session
            .process(&mut SessionEnvironment { id: *id, plan, dirs, liveness, shared, context }, context.now);
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
struct SessionEnvironment<'a> {
    id: SessionId,
    plan: &'a Plan,
    dirs: &'a mut Vec<RuntimeDirWatch>,
    liveness: &'a mut LivenessMonitor,
    shared: &'a mut Shared,
    context: LivenessContext<'a>,
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

    fn start_probes(&mut self, run: Generation, servers: &[SocketAddr]) -> CancelToken {
        let timeout = self.plan.probe_timeout.unwrap_or_default();
        let target = |&server| Target { server, hold: !self.liveness.probe_begins(server) };
        let targets = servers.iter().map(target).collect();
        prober::start(self.id, run, targets, timeout, &self.shared.channel)
    }

    fn watch_servers(&mut self, reports: &[ServerReport]) {
        self.liveness.update(reports, self.context);
    }
}
