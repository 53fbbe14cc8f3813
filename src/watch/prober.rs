//! Probes servers on a thread of its own and reports to the event loop.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::channel::{Channel, Command};
use super::{Generation, SessionId};
use crate::cancel::CancelToken;
use crate::error::{Error, Operation};
use crate::outcome::ProbeOutcome;
use crate::probe::{self, Probed, Query, Target};
use crate::system::{catch_panic, failpoint, spawn_thread};

/// Starts to probe the servers of a run. Each result is sent as it comes, and the end of the run after the last; at once if
/// the system has no thread left.
pub fn start(
    session: SessionId,
    run: Generation,
    targets: Vec<Target>,
    timeout: Duration,
    channel: &Arc<Channel>,
) -> CancelToken {
    let cancel = CancelToken::new();
    let (to_loop, cancelled) = (Arc::clone(channel), cancel.clone());
    let work = move || {
        let result = catch_panic(|| {
            failpoint("watch-probe");
            let mut send = |index: usize, probed: Probed| {
                let (server, result) = (targets[index].server, probed.identity_result());
                let may_be_osaurus = matches!(result.outcome, ProbeOutcome::Osaurus | ProbeOutcome::TimedOut);
                let held = probed.held.filter(|_| may_be_osaurus);
                to_loop.send(Command::ServerProbed { session, run, server, result, held });
                ControlFlow::Continue(())
            };
            probe::probe_targets(&targets, Query::Identity, timeout, &cancelled, &mut send)
                .map_err(|error| Error::no_descriptor_or_port(Operation::Probe, &error))
        });
        to_loop.send(Command::ProbesFinished(session, run, result));
    };
    if let Err(error) = spawn_thread("osaurus-probe", Box::new(work)) {
        let result = Err(Error::no_thread(Operation::Probe, &error));
        channel.send(Command::ProbesFinished(session, run, result));
    }
    cancel
}
