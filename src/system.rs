//! Wraps what the operating system and the runtime provide: threads, locks, panics and resource limits.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::error::Error;

/// Starts a detached thread. The closure is boxed so that the machinery behind it is compiled once for all callers.
pub fn spawn_thread(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name(name.into()).spawn(work).map(drop)
}

/// Locks a mutex, whether or not an earlier holder panicked: every value in this crate stays valid between statements.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` and turns a panic into an error, because unwinding into Node would abort the application.
pub fn catch_panic<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // Unwinding drops what `work` owned, and nothing of it is observed afterwards.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::from_panic(&*panic)))
}

/// Panics if `OSAURUS_DISCOVERY_PANIC` names this point. Does nothing without the feature `deliberate-panic`.
#[inline]
pub fn failpoint(_name: &str) {
    #[cfg(feature = "deliberate-panic")]
    if std::env::var_os("OSAURUS_DISCOVERY_PANIC").is_some_and(|wanted| wanted == _name) {
        panic!("deliberate panic in {_name}");
    }
}

/// Whether the process or the system has run out of file descriptors or memory, which is the fault of no file or server.
#[cfg(unix)]
pub fn is_resource_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;

    [Errno::MFILE, Errno::NFILE, Errno::NOMEM]
        .into_iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether the process has run out of handles, sockets or memory, which is the fault of no file or server.
#[cfg(not(unix))]
pub fn is_resource_exhausted(error: &io::Error) -> bool {
    const ERROR_TOO_MANY_OPEN_FILES: i32 = 4;
    const WSAEMFILE: i32 = 10024;

    error.kind() == io::ErrorKind::OutOfMemory
        || matches!(error.raw_os_error(), Some(ERROR_TOO_MANY_OPEN_FILES | WSAEMFILE))
}
