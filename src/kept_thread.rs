//! Runs jobs on threads, and keeps one thread for a moment after its job.
//!
//! Starting a thread and ending it takes as long as probing a server. An app that probes again and again, as a client does
//! before each request, finds the thread of the last probe waiting.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::system::{lock, spawn_thread};

/// Work for a thread. It catches its own panics: one that escapes ends its thread, and harms no other job.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs at the same time, each on a thread of its own. At most one thread waits for the next job.
#[derive(Debug)]
pub struct KeptThread {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: &'static str,
    linger: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether a thread waits.
    waiting: bool,
    /// The job for the thread that waits, until it wakes.
    next: Option<Job>,
    closed: bool,
}

impl KeptThread {
    /// Names the threads, of which one waits for another job for the time `linger`. None is started before the first job.
    pub fn new(name: &'static str, linger: Duration) -> Self {
        let shared = Shared { name, linger, state: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Runs a job on the thread that waits, or on a new one.
    ///
    /// # Errors
    ///
    /// The system has no thread left. The job is dropped.
    pub fn run(&self, job: Job) -> io::Result<()> {
        let mut state = lock(&self.shared.state);
        if state.waiting && state.next.is_none() && !state.closed {
            state.next = Some(job);
            drop(state);
            self.shared.changed.notify_one();
            return Ok(());
        }
        drop(state);
        let shared = Arc::clone(&self.shared);
        let thread = move || {
            let mut next = Some(job);
            while let Some(job) = next {
                job();
                next = shared.wait();
            }
        };
        spawn_thread(self.shared.name, Box::new(thread))
    }

    /// Ends the thread that waits, and every other one after its job.
    pub fn close(&self) {
        lock(&self.shared.state).closed = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for KeptThread {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Waits for a job. Returns `None` if this thread is to end.
    fn wait(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        if state.waiting || state.closed {
            return None;
        }
        state.waiting = true;
        let idle = |state: &mut State| state.next.is_none() && !state.closed;
        let (mut state, _) =
            self.changed.wait_timeout_while(state, self.linger, idle).unwrap_or_else(PoisonError::into_inner);
        state.waiting = false;
        // A job that was accepted runs, even if the thread was closed or its time was over meanwhile.
        state.next.take()
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("waiting", &self.waiting).field("closed", &self.closed).finish()
    }
}

#[cfg(test)]
mod tests;
