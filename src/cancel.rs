//! Has the caller lost interest?

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mio::Waker;

/// A flag shared by the caller and the work: once raised it stays raised.
///
/// ```
/// use osaurus_discovery::CancelToken;
///
/// let cancel = CancelToken::new();
/// let seen_by_the_work = cancel.clone();
/// cancel.cancel();
/// assert!(seen_by_the_work.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    raised: AtomicBool,
    /// Whoever waits in a poll loop at the moment.
    sleepers: Mutex<Vec<Arc<Waker>>>,
}

impl CancelToken {
    /// A flag that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag, for every clone of it, and wakes whoever waits.
    pub fn cancel(&self) {
        self.shared.raised.store(true, Ordering::Release);
        for sleeper in self.sleepers().iter() {
            // Failing to wake is no harm beyond the sleeper's own deadline.
            let _ = sleeper.wake();
        }
    }

    /// Whether anybody raised it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.raised.load(Ordering::Acquire)
    }

    /// Whether both are clones of one flag.
    #[cfg(feature = "node")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Has a poll loop woken when the flag is raised, or was already, for as long as the result is kept.
    pub(crate) fn wake_on_cancel(&self, waker: &Arc<Waker>) -> impl Drop + use<> {
        self.sleepers().push(Arc::clone(waker));
        if self.is_cancelled() {
            let _ = waker.wake();
        }
        Sleeping { flag: self.clone(), waker: Arc::clone(waker) }
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Waker>>> {
        crate::system::lock(&self.shared.sleepers)
    }
}

struct Sleeping {
    flag: CancelToken,
    waker: Arc<Waker>,
}

impl Drop for Sleeping {
    fn drop(&mut self) {
        self.flag.sleepers().retain(|waker| !Arc::ptr_eq(waker, &self.waker));
    }
}
