//! What becomes of a panic, and can one be provoked to see that?

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

/// Runs `work`; a panic becomes an error with its message, since unwinding further would end somebody's app.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // What the work owned is dropped by the unwinding, and nothing of it is seen again.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::from_panic(&*panic)))
}

/// Panics when `OSAURUS_DISCOVERY_PANIC` names this place, in a build with the feature `deliberate-panic`.
///
/// In every other build it is nothing at all.
#[inline]
pub fn point(_place: &str) {
    #[cfg(feature = "deliberate-panic")]
    if std::env::var_os("OSAURUS_DISCOVERY_PANIC").is_some_and(|wanted| wanted == _place) {
        panic!("deliberate panic in {_place}");
    }
}
