//! Holds the events of one watcher of the network until JavaScript takes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::network::{NetworkChange, NetworkEvent, NetworkInstance};
use crate::system::lock;

type Notify = Box<dyn Fn() + Send>;

/// A newer state replaces one that was not taken, so a blocked app receives one change in the end.
pub struct Mailbox {
    /// None once the mailbox is closed.
    notify: Mutex<Option<Notify>>,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    /// The newest state, unless it was taken.
    newest: Option<State>,
    /// The state that was taken last.
    taken: Option<State>,
    warnings: VecDeque<Error>,
    /// JavaScript was notified and has not taken everything yet.
    notified: bool,
}

/// What was found, and why the network cannot be searched.
#[derive(Clone)]
struct State {
    instances: Vec<NetworkInstance>,
    reason: Option<Error>,
}

impl PartialEq for State {
    /// JavaScript sees the code of the reason only.
    fn eq(&self, other: &Self) -> bool {
        self.instances == other.instances
            && self.reason.as_ref().map(Error::code) == other.reason.as_ref().map(Error::code)
    }
}

impl Mailbox {
    /// Creates a mailbox that calls `notify`, which must not block, when there is something to take.
    pub fn new(notify: impl Fn() + Send + 'static) -> Arc<Self> {
        Arc::new(Self { notify: Mutex::new(Some(Box::new(notify))), content: Mutex::default() })
    }

    /// Puts an event of the watcher in.
    pub fn put(&self, event: NetworkEvent) {
        self.change_content(|content| match event {
            NetworkEvent::Change(NetworkChange { instances, reason, .. }) => {
                content.newest = Some(State { instances, reason });
            }
            NetworkEvent::Warning(error) => content.warn(error),
        });
    }

    /// Puts an empty state and a warning in, because watching cannot begin.
    pub fn put_unavailable(&self, error: Error) {
        self.change_content(|content| {
            let state = State { instances: Vec::new(), reason: Some(error.clone()) };
            if content.newest.as_ref().or(content.taken.as_ref()) != Some(&state) {
                content.newest = Some(state);
                content.warn(error);
            }
        });
    }

    /// Takes the next event: a change before warnings. After `None` JavaScript is notified again.
    pub fn next(&self) -> Option<NetworkEvent> {
        let mut content = lock(&self.content);
        if let Some(newest) = content.newest.take()
            && content.taken.as_ref() != Some(&newest)
        {
            let before = content.taken.as_ref().map_or(&[][..], |state| &state.instances);
            let change = NetworkChange::between(before, &newest.instances);
            let change = NetworkChange { reason: newest.reason.clone(), ..change };
            content.taken = Some(newest);
            return Some(NetworkEvent::Change(change));
        }
        let warning = content.warnings.pop_front();
        content.notified = warning.is_some();
        warning.map(NetworkEvent::Warning)
    }

    /// Why the network could not be searched, as of the change that was taken last.
    pub fn reason(&self) -> Option<Error> {
        lock(&self.content).taken.as_ref()?.reason.clone()
    }

    /// Ends delivery. What `notify` owns is dropped before this returns.
    pub fn close(&self) {
        let notify = lock(&self.notify).take();
        drop(notify);
        *lock(&self.content) = Content::default();
    }

    fn change_content(&self, change: impl FnOnce(&mut Content)) {
        let notify = lock(&self.notify);
        let Some(notify) = notify.as_ref() else { return };
        let mut content = lock(&self.content);
        change(&mut content);
        let news = content.newest.is_some() || !content.warnings.is_empty();
        let wake = news && !std::mem::replace(&mut content.notified, news);
        drop(content);
        if wake {
            notify();
        }
    }
}

impl Content {
    /// A blocked app is not owed a warning for each of many outages: one of each kind waits.
    fn warn(&mut self, error: Error) {
        if self.warnings.iter().all(|waiting| waiting.code() != error.code()) {
            self.warnings.push_back(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::ErrorCode;

    fn state(names: &[&str], reason: Option<&str>) -> NetworkEvent {
        let instance = |name: &&str| NetworkInstance {
            name: (*name).into(),
            host: format!("{name}.local"),
            addresses: vec!["10.0.0.2".parse().unwrap()],
            port: 1337,
            connect_to: "10.0.0.2:1337".parse().unwrap(),
            agents: Vec::new(),
            is_self: false,
        };
        let instances = names.iter().map(instance).collect();
        let reason = reason.map(|text| Error::network_unavailable(true, text.into()));
        NetworkEvent::Change(NetworkChange { instances, reason, ..NetworkChange::default() })
    }

    fn warning(text: &str) -> NetworkEvent {
        NetworkEvent::Warning(Error::network_unavailable(true, text.into()))
    }

    /// A mailbox that counts its notifications.
    fn mailbox() -> (Arc<Mailbox>, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let notify = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        (Mailbox::new(notify), count)
    }

    fn names(instances: &[NetworkInstance]) -> Vec<&str> {
        instances.iter().map(|instance| &*instance.name).collect()
    }

    fn take_change(mailbox: &Mailbox) -> NetworkChange {
        match mailbox.next() {
            Some(NetworkEvent::Change(change)) => change,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_change_is_the_state_at_the_start_even_if_it_is_empty() {
        let (mailbox, notified) = mailbox();
        mailbox.put(state(&[], None));
        assert_eq!(take_change(&mailbox), NetworkChange::default());
        assert_eq!(mailbox.next(), None);
        assert_eq!(notified.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn states_that_were_not_taken_become_one_change_since_the_last_one() {
        let (mailbox, notified) = mailbox();
        mailbox.put(state(&["a"], None));
        take_change(&mailbox);
        mailbox.put(state(&["a", "b"], None));
        mailbox.put(state(&["b", "c"], None));
        let change = take_change(&mailbox);
        assert_eq!(names(&change.added), ["b", "c"]);
        assert_eq!(names(&change.removed), ["a"]);
        assert_eq!(mailbox.next(), None);
        assert_eq!(notified.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_state_equal_to_the_one_before_is_no_change() {
        let (mailbox, _) = mailbox();
        mailbox.put(state(&["a"], Some("no route")));
        take_change(&mailbox);
        mailbox.put(state(&[], None));
        mailbox.put(state(&["a"], Some("network unreachable")));
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn a_reason_alone_is_a_change_and_is_kept() {
        let (mailbox, _) = mailbox();
        mailbox.put(state(&[], None));
        take_change(&mailbox);
        mailbox.put(state(&[], Some("no route")));
        assert_eq!(take_change(&mailbox).reason.unwrap().code(), ErrorCode::NetworkUnavailable);
        assert_eq!(mailbox.reason(), Some(Error::network_unavailable(true, "no route".into())));
    }

    #[test]
    fn a_change_is_taken_before_warnings_and_one_warning_of_each_kind_waits() {
        let (mailbox, _) = mailbox();
        mailbox.put(warning("no route"));
        mailbox.put(warning("network unreachable"));
        mailbox.put(state(&[], Some("network unreachable")));
        take_change(&mailbox);
        assert_eq!(mailbox.next(), Some(warning("no route")));
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn what_prevents_the_start_is_reported_once() {
        let (mailbox, _) = mailbox();
        let error = Error::network_unavailable(true, "no thread".into());
        mailbox.put_unavailable(error.clone());
        assert_eq!(take_change(&mailbox).reason, Some(error.clone()));
        assert_eq!(mailbox.next(), Some(NetworkEvent::Warning(error.clone())));
        mailbox.put_unavailable(error);
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn a_closed_mailbox_drops_its_notifier_and_takes_nothing_in() {
        let (mailbox, notified) = mailbox();
        mailbox.put(state(&["a"], None));
        mailbox.close();
        mailbox.put(state(&["b"], None));
        assert_eq!(mailbox.next(), None);
        assert_eq!(Arc::strong_count(&notified), 1);
    }
}
