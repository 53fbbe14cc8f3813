//! Has the system run out of something that every caller needs?

use std::io;

/// Too many open files in this process or in the whole system, or no memory: no file and no server is to blame.
#[cfg(unix)]
pub fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;

    [Errno::MFILE, Errno::NFILE, Errno::NOMEM]
        .into_iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Too many open files or sockets in this process, or no memory: no file and no server is to blame.
#[cfg(not(unix))]
pub fn is_exhausted(error: &io::Error) -> bool {
    const ERROR_TOO_MANY_OPEN_FILES: i32 = 4;
    const WSAEMFILE: i32 = 10024;

    error.kind() == io::ErrorKind::OutOfMemory
        || matches!(error.raw_os_error(), Some(ERROR_TOO_MANY_OPEN_FILES | WSAEMFILE))
}
