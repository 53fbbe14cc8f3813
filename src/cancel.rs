//! Cancels work from another thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mio::Waker;

/// A token that the caller shares with the work and can cancel once. A cancelled token stays cancelled.
///
/// ```
/// use osaurus_discovery::CancelToken;
///
/// let cancel = CancelToken::new();
/// let token_of_the_work = cancel.clone();
/// cancel.cancel();
/// assert!(token_of_the_work.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    /// Wakes the poll loops that are waiting now.
    wakers: Mutex<Vec<Arc<Waker>>>,
}

impl CancelToken {
    /// Returns a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels every clone of the token and wakes the work that waits.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        for waker in self.wakers().iter() {
            // If waking fails, the poll loop ends at its own deadline.
            let _ = waker.wake();
        }
    }

    /// Whether any clone of the token was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    /// Whether both are clones of one token.
    #[cfg(feature = "node")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Wakes a poll loop when the token is cancelled, or now if it already is, until the result is dropped.
    pub(crate) fn wake_on_cancel(&self, waker: &Arc<Waker>) -> impl Drop + use<> {
        self.wakers().push(Arc::clone(waker));
        if self.is_cancelled() {
            let _ = waker.wake();
        }
        WakeOnCancel { token: self.clone(), waker: Arc::clone(waker) }
    }

    fn wakers(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Waker>>> {
        crate::system::lock(&self.shared.wakers)
    }
}

struct WakeOnCancel {
    token: CancelToken,
    waker: Arc<Waker>,
}

impl Drop for WakeOnCancel {
    fn drop(&mut self) {
        self.token.wakers().retain(|waker| !Arc::ptr_eq(waker, &self.waker));
    }
}
