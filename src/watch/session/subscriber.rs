//! Keeps what a session knows of one watcher.

use std::sync::Arc;

use crate::watch::mailbox::Mailbox;
use crate::watch::{Generation, SubscriberId};

/// One watcher.
#[derive(Debug)]
pub struct Subscriber {
    pub id: SubscriberId,
    pub mailbox: Arc<Mailbox>,
    /// Results of earlier scans predate the subscription and are not delivered.
    pub first_scan: Generation,
    pub has_state: bool,
}

impl Subscriber {
    pub fn new(id: SubscriberId, mailbox: Arc<Mailbox>) -> Self {
        Self { id, mailbox, first_scan: Generation::default(), has_state: false }
    }
}
