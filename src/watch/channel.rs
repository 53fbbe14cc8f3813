//! Carries everything that other threads have for the event loop.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::ops::BitOrAssign;
use std::sync::{Arc, Mutex};

use mio::Waker;
use mio::net::TcpStream;

use super::mailbox::Mailbox;
use super::{DirId, Generation, SessionId};
use crate::error::Error;
use crate::options::Plan;
use crate::outcome::ProbeResult;
use crate::system::lock;

/// The one way into the event loop. Senders never wait for it.
#[derive(Debug)]
pub struct Channel {
    commands: Mutex<VecDeque<Command>>,
    events: Mutex<FileEvents>,
    waker: Waker,
}

/// The file events since the event loop last took them. They coalesce into flags, so the size does not depend on how many
/// there were.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileEvents {
    pub dirty: BTreeMap<DirId, Dirty>,
    /// The operating system dropped events.
    pub queue_overflowed: bool,
    /// The latest generation of a backend that stopped.
    pub stopped_backend: Option<u64>,
}

#[derive(Debug)]
pub enum Command {
    Subscribe(Box<Plan>, Arc<Mailbox>),
    Unsubscribe(Arc<Mailbox>),
    /// A server of a probe run answered, or did not.
    ServerProbed {
        session: SessionId,
        run: Generation,
        server: SocketAddr,
        result: ProbeResult,
        /// See [`Probed::held`](crate::probe::Probed::held).
        held: Option<TcpStream>,
    },
    /// All servers of a run were probed, or the run failed.
    ProbesFinished(SessionId, Generation, Result<(), Error>),
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
        Self { commands: Mutex::default(), events: Mutex::default(), waker }
    }

    /// Wakes the event loop.
    pub fn wake(&self) {
        // It fails only if the system has no memory for one more wake-up, and then one is already under way.
        let _ = self.waker.wake();
    }

    pub fn send(&self, command: Command) {
        let mut commands = lock(&self.commands);
        commands.push_back(command);
        if commands.len() == 1 {
            self.wake();
        }
    }

    /// Removes the first command. One at a time, so that a panic costs no other.
    pub fn next_command(&self) -> Option<Command> {
        lock(&self.commands).pop_front()
    }

    /// Adds file events, and wakes the event loop if there were none.
    pub fn add_events(&self, add: impl FnOnce(&mut FileEvents)) {
        let mut events = lock(&self.events);
        let were_none = *events == FileEvents::default();
        add(&mut events);
        if were_none && *events != FileEvents::default() {
            self.wake();
        }
    }

    pub fn take_events(&self) -> FileEvents {
        std::mem::take(&mut lock(&self.events))
    }
}
