//! How does everybody else speak to the watching thread?

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use mio::Waker;

use super::subscriber::Subscriber;
use super::verdicts::Answered;
use super::{FeedId, SubscriberId};
use crate::options::Plan;
use crate::system::lock;

/// More events than this at once are not kept one by one: everything is looked at anew.
const MOST_TOUCHES: usize = 4096;

/// Where messages lie until the watching thread takes them. Whoever posts never waits for it.
#[derive(Debug)]
pub struct Inbox {
    mail: Mutex<Mail>,
    waker: Waker,
}

/// All that came since the last time.
#[derive(Debug, Default)]
pub struct Mail {
    pub messages: VecDeque<Message>,
    pub touches: Vec<Touch>,
    /// There were so many events that some are not told.
    pub flooded: bool,
    pub troubles: Vec<Trouble>,
}

#[derive(Debug)]
pub enum Message {
    Join(Box<Plan>, Subscriber),
    Leave(SubscriberId),
    Answered(FeedId, Answered),
    /// Nobody is left.
    End,
}

/// Something happened to a folder that is watched for a feed, or to an entry of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    pub feed: FeedId,
    /// Which of the feed's places.
    pub place: usize,
    pub part: Part,
    /// What it happened to.
    pub path: PathBuf,
    /// Whether `path` came, went, was renamed or replaced, so that watches at and below it may be of something else.
    pub reshaped: bool,
}

/// What a watched folder is to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A folder on the way.
    Way,
    /// The folder of instances.
    Base,
    /// The folder of one instance.
    Instance,
}

/// What became of the events themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The queue overflowed: some were lost, but there will be others.
    Overflow,
    /// A backend gives none any more.
    Ended { generation: u64 },
}

impl Inbox {
    pub fn new(waker: Waker) -> Self {
        Self { mail: Mutex::default(), waker }
    }

    pub fn post(&self, message: Message) {
        self.put(|mail| mail.messages.push_back(message));
    }

    pub fn touched(&self, touch: Touch) {
        self.put(|mail| {
            if mail.touches.len() >= MOST_TOUCHES {
                mail.flooded = true;
            } else if mail.touches.last() != Some(&touch) {
                mail.touches.push(touch);
            }
        });
    }

    pub fn troubled(&self, trouble: Trouble) {
        self.put(|mail| {
            if !mail.troubles.contains(&trouble) {
                mail.troubles.push(trouble);
            }
        });
    }

    /// Adds everything that was posted to what the caller has already.
    pub fn take(&self, to: &mut Mail) {
        let new = std::mem::take(&mut *lock(&self.mail));
        to.messages.extend(new.messages);
        to.touches.extend(new.touches);
        to.flooded |= new.flooded;
        to.troubles.extend(new.troubles);
    }

    fn put(&self, change: impl FnOnce(&mut Mail)) {
        let mut mail = lock(&self.mail);
        let awake = mail.is_any();
        change(&mut mail);
        drop(mail);
        if !awake {
            // It fails only where the system has no memory for one more wake-up, and then one is already under way.
            let _ = self.waker.wake();
        }
    }
}

impl Mail {
    fn is_any(&self) -> bool {
        !self.messages.is_empty() || !self.touches.is_empty() || self.flooded || !self.troubles.is_empty()
    }
}
