//! How is a thread started?

use std::io;
use std::thread;

/// Starts a thread that nobody waits for. Boxed, so that the machinery behind it is compiled once for all of them.
pub fn start(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name(name.into()).spawn(work).map(drop)
}
