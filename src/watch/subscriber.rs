//! What has one watcher been told?

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};

use super::{Event, Look, SubscriberId};
use crate::candidate::Instance;
use crate::diff::Change;
use crate::error::Error;
use crate::system::lock;

type Callback = Box<dyn FnMut(Event) + Send>;

/// The callback of a watcher, which both sides can end.
pub struct Listener {
    open: AtomicBool,
    callback: Mutex<Option<Callback>>,
    /// Why there is no instance, as of the last look.
    why_none: Mutex<Option<Error>>,
}

impl Listener {
    pub fn new(callback: Callback) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicBool::new(true),
            callback: Mutex::new(Some(callback)),
            why_none: Mutex::default(),
        })
    }

    /// From now on nothing is told. What the callback owns goes now, or as soon as it returns where it is running.
    pub fn close(&self) {
        self.open.store(false, Ordering::Release);
        let callback = match self.callback.try_lock() {
            Ok(mut callback) => callback.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        drop(callback);
    }

    pub fn why_none(&self) -> Option<Error> {
        lock(&self.why_none).clone()
    }

    fn tell(&self, event: Event) {
        let mut callback = lock(&self.callback);
        if self.open.load(Ordering::Acquire)
            && let Some(call) = callback.as_mut()
        {
            // A panic of the caller's is said by the panic hook, and neither ends this watcher nor the others.
            let _ = catch_unwind(AssertUnwindSafe(|| call(event)));
        }
        if !self.open.load(Ordering::Acquire) {
            let closed_meanwhile = callback.take();
            drop(callback);
            drop(closed_meanwhile);
        }
    }
}

/// One watcher, as the watching thread sees it.
pub struct Subscriber {
    pub id: SubscriberId,
    listener: Arc<Listener>,
    /// The state it was told last; none before the first.
    told: Option<Arc<[Instance]>>,
    /// The first look whose outcome it may be told: what was seen before it came is not the state at its start.
    begins_with: Look,
    /// A watcher hears once that events are missing, however often they come back and go again.
    knows_of_degradation: bool,
    knows_of_failure: Option<Error>,
}

impl Subscriber {
    pub fn new(id: SubscriberId, listener: Arc<Listener>) -> Self {
        Self {
            id,
            listener,
            told: None,
            begins_with: Look::default(),
            knows_of_degradation: false,
            knows_of_failure: None,
        }
    }

    /// The outcome of no earlier look is told to it.
    pub fn begin_with(&mut self, look: Look) {
        self.begins_with = look;
    }

    /// Whether it hears of this look's outcome.
    pub fn may_hear_of(&self, look: Look) -> bool {
        self.knows_a_state() || look >= self.begins_with
    }

    pub fn knows_a_state(&self) -> bool {
        self.told.is_some()
    }

    /// Tells it the state, where it is not the one it knows; the first one even when it is empty.
    pub fn tell_state(&mut self, state: &Arc<[Instance]>) {
        if self.told.as_ref().is_some_and(|told| Arc::ptr_eq(told, state)) {
            return;
        }
        let change = Change::between(self.told.as_deref().unwrap_or_default(), state);
        if self.told.is_none() || !change.is_empty() {
            self.told = Some(Arc::clone(state));
            self.listener.tell(Event::Change(change));
        }
    }

    /// Keeps for it why there is no instance.
    pub fn keep_why_none(&self, why: Option<&Error>) {
        *lock(&self.listener.why_none) = why.cloned();
    }

    pub fn tell_degradation(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.knows_of_degradation, true) {
            self.listener.tell(Event::Warning(error.clone()));
        }
    }

    /// Tells it why looking fails, once; none where it succeeds again.
    pub fn tell_failure(&mut self, failure: Option<&Error>) {
        if self.knows_of_failure.as_ref() != failure {
            self.knows_of_failure = failure.cloned();
            if let Some(error) = failure {
                self.listener.tell(Event::Warning(error.clone()));
            }
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("id", &self.id).finish_non_exhaustive()
    }
}
