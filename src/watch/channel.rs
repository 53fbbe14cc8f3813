//! Carries everything that other threads have for the event loop.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::ops::BitOrAssign;
use std::sync::Mutex;

use mio::Waker;
use mio::net::TcpStream;

use super::session::{ProbeRunId, Subscriber};
use super::{DirId, SessionId, SubscriberId};
use crate::error::Error;
use crate::options::Plan;
use crate::outcome::ProbeResult;
use crate::system::lock;

/// The one queue into the event loop. Senders never wait for it.
#[derive(Debug)]
pub struct Channel {
    pending: Mutex<Batch>,
    waker: Waker,
}

/// What was sent since the event loop last received. File events coalesce into flags, so its size does not depend on
/// how many there were.
#[derive(Debug, Default)]
pub struct Batch {
    pub commands: VecDeque<Command>,
    pub dirty: BTreeMap<DirId, Dirty>,
    /// The operating system dropped events.
    pub queue_overflowed: bool,
    /// The latest generation of a backend that stopped.
    pub stopped_backend: Option<u64>,
}

#[derive(Debug)]
pub enum Command {
    Subscribe(Box<Plan>, Subscriber),
    Unsubscribe(SubscriberId),
    /// A server of a probe run answered, or did not.
    ServerProbed {
        session: SessionId,
        run: ProbeRunId,
        server: SocketAddr,
        result: ProbeResult,
        /// See [`Probed::held`](crate::probe::Probed::held).
        held: Option<TcpStream>,
    },
    /// All servers of a run were probed, or the run failed.
    ProbesFinished(SessionId, ProbeRunId, Result<(), Error>),
    Shutdown,
}

/// What has to be read again after file events.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Dirty {
    /// The path to the runtime directory.
    pub path: bool,
    /// Which instance directories there are.
    pub listing: bool,
    /// What the instances publish.
    pub files: bool,
}

impl BitOrAssign for Dirty {
    fn bitor_assign(&mut self, other: Self) {
        self.path |= other.path;
        self.listing |= other.listing;
        self.files |= other.files;
    }
}

impl Channel {
    pub fn new(waker: Waker) -> Self {
        Self { pending: Mutex::default(), waker }
    }

    pub fn send(&self, command: Command) {
        self.update(|batch| batch.commands.push_back(command));
    }

    /// Adds something to the batch, and wakes the event loop if the batch was empty.
    pub fn update(&self, add: impl FnOnce(&mut Batch)) {
        let mut batch = lock(&self.pending);
        let was_empty = batch.is_empty();
        add(&mut batch);
        let wake = was_empty && !batch.is_empty();
        drop(batch);
        if wake {
            // It fails only if the system has no memory for one more wake-up, and then one is already under way.
            let _ = self.waker.wake();
        }
    }

    /// Adds everything that was sent to `batch`, which may still hold something after a panic.
    pub fn receive(&self, batch: &mut Batch) {
        let new = std::mem::take(&mut *lock(&self.pending));
        batch.commands.extend(new.commands);
        for (dir, dirty) in new.dirty {
            batch.mark_dirty(dir, dirty);
        }
        batch.queue_overflowed |= new.queue_overflowed;
        batch.stopped_backend = batch.stopped_backend.max(new.stopped_backend);
    }
}

impl Batch {
    pub fn mark_dirty(&mut self, dir: DirId, dirty: Dirty) {
        *self.dirty.entry(dir).or_default() |= dirty;
    }

    fn is_empty(&self) -> bool {
        self.commands.is_empty()
            && self.dirty.is_empty()
            && !self.queue_overflowed
            && self.stopped_backend.is_none()
    }
}
