//! Has the caller lost interest?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag shared by the caller and the work: once raised it stays raised.
///
/// ```
/// use osaurus_discovery::Cancel;
///
/// let cancel = Cancel::new();
/// let seen_by_the_work = cancel.clone();
/// cancel.cancel();
/// assert!(seen_by_the_work.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    raised: Arc<AtomicBool>,
}

impl Cancel {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag, for every clone of it.
    pub fn cancel(&self) {
        self.raised.store(true, Ordering::Release);
    }

    /// Whether anybody raised it.
    pub fn is_cancelled(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }
}
