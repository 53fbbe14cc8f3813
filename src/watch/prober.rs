//! Probes servers on a thread of its own and reports to the event loop.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::SessionId;
use super::channel::{Channel, Command};
use super::session::ProbeRunId;
use crate::cancel::CancelToken;
use crate::candidate::Candidate;
use crate::error::{Error, Operation};
use crate::system::{catch_panic, failpoint, spawn_thread};
use crate::verify;

/// Starts to probe the candidates of a run. Each result is sent as it comes, and the end of the run after the last.
///
/// # Errors
///
/// [`Io`](crate::ErrorCode::Io) if the system has no thread left.
pub fn start(
    session: SessionId,
    run: ProbeRunId,
    candidates: Vec<Candidate>,
    timeout: Duration,
    channel: &Arc<Channel>,
) -> Result<CancelToken, Error> {
    let cancel = CancelToken::new();
    let (channel, cancelled) = (Arc::clone(channel), cancel.clone());
    let work = move || {
        let result = catch_panic(|| {
            failpoint("watch-probe");
            let mut sent = vec![false; candidates.len()];
            verify::probe_candidates(&candidates, timeout, &cancelled, |results| {
                for (index, result) in results.iter().enumerate().filter(|(_, result)| result.is_some()) {
                    if let (false, Some(result)) = (std::mem::replace(&mut sent[index], true), result) {
                        channel.send(Command::ServerProbed(session, run, index, result.clone()));
                    }
                }
                ControlFlow::Continue(())
            })
        });
        channel.send(Command::ProbesFinished(session, run, result.map(drop)));
    };
    spawn_thread("osaurus-probe", Box::new(work))
        .map_err(|error| Error::no_thread(Operation::Probe, &error))?;
    Ok(cancel)
}
