//! Keeps what a session knows of one watcher.

use std::sync::Arc;

use crate::watch::Generation;
use crate::watch::mailbox::Mailbox;

/// One watcher.
#[derive(Debug)]
pub struct Subscriber {
    pub mailbox: Arc<Mailbox>,
    /// Results of earlier scans predate the subscription and are not delivered.
    pub first_scan: Generation,
    pub has_state: bool,
}
