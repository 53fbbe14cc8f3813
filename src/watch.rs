//! Watches for instances that start, change or stop.
//!
//! ```no_run
//! use osaurus_discovery::watch::{Event, watch};
//! use osaurus_discovery::{DiscoverOptions, PROBE_TIMEOUT};
//!
//! let watcher = watch(&DiscoverOptions::new().verify(PROBE_TIMEOUT), |event| match event {
//!     Event::Change(change) => println!("{} running", change.instances.len()),
//!     Event::Warning(error) => eprintln!("{error}"),
//! })?;
//! // … and to stop watching:
//! drop(watcher);
//! # Ok::<(), osaurus_discovery::Error>(())
//! ```
//!
//! # Modules
//!
//! An event of the file system arrives in `files`, becomes a flag in `channel` and wakes `event_loop`, the one thread.
//! Each set of options has a `session`, which decides when to scan, whom to probe and what is new. `prober` and
//! `liveness` speak to servers, and `mailbox` holds what a watcher has not taken yet. There are no timers: whatever waits
//! has a deadline, and the event loop, which alone sleeps, asks for the earliest.
//! The design is described in `docs/design/watching.md`.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::cancel::CancelToken;
use crate::diff::Change;
#[cfg(doc)]
use crate::error::ErrorCode;
use crate::error::{Error, Operation};
use crate::options::DiscoverOptions;

mod backoff;
mod channel;
mod event_loop;
mod files;
mod liveness;
mod mailbox;
mod prober;
mod session;

#[cfg(test)]
mod tests;

pub(crate) use event_loop::Subscription;
pub use liveness::ConnectionState;
pub(crate) use mailbox::Mailbox;

/// A set of options, shared by all watchers that were opened with equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SessionId(u64);

/// A runtime directory of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct DirId {
    session: SessionId,
    index: usize,
}

/// Counts what a session did, so that it can tell what came before what. It also identifies a probe run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Generation(u64);

impl Generation {
    fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The state changed. The first event is always a change, and holds the whole state.
    Change(Change),
    /// Something limits the watcher, which continues as well as it can:
    /// [`AccessDenied`](ErrorCode::AccessDenied) or [`Io`](ErrorCode::Io) if a directory cannot be read, so that the last
    /// state stays; [`WatchDegraded`](ErrorCode::WatchDegraded) if file events are missing, so that it scans once a
    /// second; [`Internal`](ErrorCode::Internal) if a bug was caught.
    Warning(Error),
}

/// Watches until it is closed or dropped, which is the same.
pub struct Watcher {
    mailbox: Arc<Mailbox>,
    _subscription: Subscription,
}

impl Watcher {
    /// Ends the watcher. A call of its callback that is under way on the watching thread may still be ending.
    pub fn close(self) {}

    /// Why there was no instance at the last scan; none if there was one, or before the first scan.
    pub fn reason(&self) -> Option<Error> {
        self.mailbox.reason()
    }

    /// Whether the program at this loopback address, which was verified, is still there at this moment.
    ///
    /// It peeks at the idle connection that the watcher holds and sends nothing. It needs no event to be delivered, so it
    /// tells at once that the program has ended, even if another one has taken the port since.
    pub fn connection_state(&self, server: SocketAddr) -> ConnectionState {
        self.mailbox.connection_state(server)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Calls `on_event` with every change to what [`list`](crate::list) returns for the same options.
///
/// The first event is the state at the start. A change is delivered at once; several in quick succession in two events:
/// one at once, and one when it is quiet. No event repeats another, and after things have settled the last state is
/// what `list` returns. The path is followed, not the directory: it may be created, removed, renamed, replaced or be a
/// link, with any directory above it.
///
/// When verifying, a server that dies is noticed even if its file stays, through an idle connection that is held to it,
/// and a server that starts behind an old file is noticed too. A live server is probed again only if it or any file
/// changes; so one that is suspended is noticed at the next change.
///
/// `on_event` is called on a thread that all watchers of the process share, so it should return soon. It may open and
/// close watchers.
///
/// # Errors
///
/// [`Io`](ErrorCode::Io) if the home directory of this user is unknown, or the system has no thread or no descriptor
/// left. A directory that is missing or cannot be read is not an error: the watcher waits for it.
pub fn watch(
    options: &DiscoverOptions,
    mut on_event: impl FnMut(Event) + Send + 'static,
) -> Result<Watcher, Error> {
    let mailbox = Mailbox::new(move |mailbox| {
        while let Some(event) = mailbox.next() {
            // The panic hook reports a panic of the caller's; it costs this event alone.
            let _ = catch_unwind(AssertUnwindSafe(|| on_event(event)));
        }
    });
    let subscription = subscribe(options, &mailbox)?;
    Ok(Watcher { mailbox, _subscription: subscription })
}

/// Delivers what happens to a mailbox until the subscription is dropped.
pub(crate) fn subscribe(options: &DiscoverOptions, mailbox: &Arc<Mailbox>) -> Result<Subscription, Error> {
    let plan = options.clone().plan(CancelToken::new())?;
    event_loop::subscribe(plan, Arc::clone(mailbox)).map_err(|error| match error.kind() {
        // A thread that cannot be started.
        std::io::ErrorKind::WouldBlock => Error::no_thread(Operation::Watch, &error),
        _ => Error::no_descriptor_or_port(Operation::Watch, &error),
    })
}
