//! How do watchers learn of every change, at once, without ever asking again and again?
//!
//! ```no_run
//! use osaurus_discovery::watch::{Event, watch};
//! use osaurus_discovery::{DiscoverOptions, PROBE_TIMEOUT};
//!
//! let watcher = watch(&DiscoverOptions::new().verify(PROBE_TIMEOUT), |event| match event {
//!     Event::Change(change) => println!("{} running", change.instances.len()),
//!     Event::Warning(error) => eprintln!("{error}"),
//! })?;
//! // … and where nobody wants to know any more:
//! drop(watcher);
//! # Ok::<(), osaurus_discovery::Error>(())
//! ```
//!
//! # The way of an event through the modules
//!
//! `files` hears from the system and tells `inbox`, which wakes the one thread, `hub`. `place` knows what has to be
//! watched for one folder (`trail` finds the way to it), `burst` when to look, `feed` what was seen and `subscriber` who
//! knows it already. Where servers are asked, `verdicts` knows whom, and `servers` notices when one dies.

use std::fmt;
use std::sync::Arc;

use crate::cancel::CancelToken;
use crate::diff::Change;
#[cfg(doc)]
use crate::error::ErrorCode;
use crate::error::{Error, Operation};
use crate::options::DiscoverOptions;

mod arming;
mod backoff;
mod burst;
mod disk;
mod feed;
mod files;
mod hub;
mod inbox;
mod place;
mod servers;
mod subscriber;
mod trail;
mod verdicts;

#[cfg(test)]
mod tests;

/// One request, shared by all watchers that made the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct FeedId(u64);

/// One watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SubscriberId(u64);

/// One look at the folders, by its number, with all that is asked because of it; none has the number 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Look(u64);

impl Look {
    fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// What a watcher hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The state has changed; the first one, which comes in any case, is the state at the start.
    Change(Change),
    /// Something is in the way, and the watcher goes on as well as it can:
    /// [`AccessDenied`](ErrorCode::AccessDenied) or [`Io`](ErrorCode::Io) where a folder cannot be read, so that the last
    /// state stands; [`WatchDegraded`](ErrorCode::WatchDegraded) where file events are missing, so that it looks once a
    /// second; [`Internal`](ErrorCode::Internal) where a bug was caught.
    Warning(Error),
}

/// Hears of every change until it is closed, or dropped, which is the same.
pub struct Watcher {
    listener: Arc<subscriber::Listener>,
    _membership: hub::Membership,
}

impl Watcher {
    /// From now on nothing is told; a call that is under way on the watching thread may still be ending.
    pub fn close(self) {}

    /// Why there was no instance at the last look; none where there was one, or before the first look.
    pub fn why_none(&self) -> Option<Error> {
        self.listener.why_none()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.listener.close();
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Tells of every change to what [`list`](crate::list) would give for the same request.
///
/// The first event is the state at the start. After that a change is told at once, several in quick succession in two:
/// one at once, and one when it is quiet. Nothing is told twice, and when things have settled the last state told is
/// what `list` gives. What is followed is the path, not the folder: it may come and go, be renamed, replaced or be a
/// link, with any folder above it.
///
/// When verifying, a server that dies is noticed though its file stays, by an idle connection that is held to it, and
/// one that comes to life behind an old file is noticed too. A live server is asked again only when it or any file
/// changes; so one that is suspended is noticed at the next change.
///
/// `on_event` is called on a thread that all watchers of the process share: what it does should not take long. It may
/// open and close watchers.
///
/// # Errors
///
/// [`Io`](ErrorCode::Io) where the home folder of this user is unknown, or the system has no thread or no descriptor
/// left. A folder that is missing or cannot be read is none: it is awaited.
pub fn watch(
    request: &DiscoverOptions,
    on_event: impl FnMut(Event) + Send + 'static,
) -> Result<Watcher, Error> {
    let plan = request.clone().plan(CancelToken::new())?;
    let listener = subscriber::Listener::new(Box::new(on_event));
    let membership = hub::join(plan, Arc::clone(&listener)).map_err(|error| {
        match error.kind() {
            // A thread that cannot be started.
            std::io::ErrorKind::WouldBlock => Error::no_thread(Operation::Watch, &error),
            _ => Error::no_descriptor_or_port(Operation::Watch, &error),
        }
    })?;
    Ok(Watcher { listener, _membership: membership })
}
