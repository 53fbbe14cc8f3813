//! Runs a session on a thread of its own: DNS-SD events and probe results in, changes and warnings out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flume::{Receiver, Sender};

mod listener;

use self::listener::Listener;
use super::address_policy::{LocalNetwork, is_connected, local_networks};
use super::cache_guard::CacheGuard;
use super::dns_sd::{self, BrowseEvent, Browser};
use super::multicast;
use super::probes::probe_servers;
use super::session::{ProbeRequest, ServerId, Session};
use super::{NetworkEvent, NetworkOptions};
use crate::cancel::CancelToken;
use crate::error::{Error, Operation};
use crate::system::{catch_panic, failpoint, lock, spawn_thread};

/// The records of one Mac arrive as a burst; what follows within this time is one change.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// An endless burst is reported as often as this.
const MAX_DEBOUNCE: Duration = Duration::from_millis(200);

/// After a restart of the browse, services that no record confirms for this long are dropped. mdns-sd queries after
/// 0, 1 and 3 seconds.
const RESTART_GRACE: Duration = Duration::from_secs(5);

/// While multicast does not work, and after a lost browse, the next try comes after this long.
const RETRY: Duration = Duration::from_secs(2);

/// What other threads send to the watcher's.
enum Command {
    Probed(Vec<(ServerId, Option<SocketAddr>)>),
    Close,
}

/// The connection between a watcher and its thread.
pub struct Handle {
    commands: Sender<Command>,
    cancel: CancelToken,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.cancel.cancel();
        let _ = self.commands.send(Command::Close);
    }
}

/// Starts the thread. The first event is the state so far, which is empty.
pub fn start(
    options: NetworkOptions,
    on_event: Box<dyn FnMut(NetworkEvent) + Send>,
) -> std::io::Result<Handle> {
    let (commands, inbox) = flume::unbounded();
    let cancel = CancelToken::new();
    let handle = Handle { commands: commands.clone(), cancel: cancel.clone() };
    let listener = Arc::new(Mutex::new(Listener::new(on_event)));
    let work = move || {
        loop {
            let run = || {
                failpoint("network-watch");
                Watcher::new(options, &commands, cancel.clone(), Arc::clone(&listener)).run(&inbox);
                Ok(())
            };
            let Err(error) = catch_panic(run) else { return };
            lock(&listener).warn(error);
            // The state begins from nothing; a close in between ends the thread.
            if let Ok(Command::Close) = inbox.recv_timeout(RETRY) {
                return;
            }
        }
    };
    spawn_thread("osaurus-network", Box::new(work))?;
    Ok(handle)
}

struct Watcher<'a> {
    options: NetworkOptions,
    commands: &'a Sender<Command>,
    cancel: CancelToken,
    listener: Arc<Mutex<Listener>>,
    session: Session,
    browser: Option<Browser>,
    /// The browser was closed because its cache had become too large.
    was_flooded: bool,
    networks: Vec<LocalNetwork>,
    /// When to start the browser or to check multicast again.
    retry_at: Option<Instant>,
    forget_at: Option<Instant>,
    /// When what has changed is reported, and the time of the first change that is not reported yet.
    publish_at: Option<Instant>,
    dirty_since: Option<Instant>,
}

impl<'a> Watcher<'a> {
    fn new(
        options: NetworkOptions,
        commands: &'a Sender<Command>,
        cancel: CancelToken,
        listener: Arc<Mutex<Listener>>,
    ) -> Self {
        let now = Instant::now();
        Self {
            options,
            commands,
            cancel,
            listener,
            session: Session::new(options.filter()),
            browser: None,
            was_flooded: false,
            networks: Vec::new(),
            retry_at: Some(now),
            forget_at: None,
            publish_at: None,
            dirty_since: None,
        }
    }

    fn run(mut self, inbox: &Receiver<Command>) {
        self.publish();
        loop {
            self.do_due(Instant::now());
            let deadline = self.deadline();
            let event = match &self.browser {
                Some(browser) => browser.wait(inbox, deadline),
                None => wait_for_command(inbox, deadline),
            };
            if !self.handle(event) {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let browser = self.browser.as_ref().map(Browser::deadline);
        let deadlines = [self.retry_at, self.forget_at, self.publish_at, self.session.deadline(), browser];
        deadlines.into_iter().flatten().min()
    }

    fn do_due(&mut self, now: Instant) {
        if self.retry_at.take_if(|at| *at <= now).is_some() {
            self.browse(now);
        }
        if self.browser.as_mut().is_some_and(|browser| browser.is_flooded(now)) {
            self.was_flooded = true;
            self.close_browser(now);
        }
        if self.forget_at.take_if(|at| *at <= now).is_some() {
            self.session.forget_unseen(now);
            self.mark_dirty(now);
        }
        let due = self.session.take_due(now);
        if !due.is_empty() {
            self.start_probes(due);
        }
        if self.publish_at.take_if(|at| *at <= now).is_some() {
            self.dirty_since = None;
            self.publish();
        }
    }

    /// Takes one event and all that have arrived with it. Returns whether to go on.
    fn handle(&mut self, event: BrowseEvent<Command>) -> bool {
        let now = Instant::now();
        let mut next = Some(event);
        let mut networks_are_current = false;
        while let Some(event) = next.take() {
            match event {
                BrowseEvent::Resolved(service) => {
                    if !networks_are_current {
                        self.refresh_networks();
                        networks_are_current = true;
                    }
                    if let Some((advertisement, is_own)) = dns_sd::read(&service, &self.networks) {
                        self.session.on_resolved(&service.fullname, advertisement, is_own, now);
                        self.mark_dirty(now);
                    }
                }
                BrowseEvent::Removed(full_name) => {
                    self.session.on_removed(&full_name, now);
                    self.mark_dirty(now);
                }
                BrowseEvent::InterfacesChanged => self.retry_at = Some(now),
                BrowseEvent::Lost => {
                    self.close_browser(now);
                    return true;
                }
                BrowseEvent::Command(Command::Probed(results)) => {
                    self.session.on_probed(results, now);
                    self.mark_dirty(now);
                }
                BrowseEvent::Command(Command::Close) => return false,
                BrowseEvent::Timeout | BrowseEvent::Ignored => {}
            }
            next = self.browser.as_ref().and_then(Browser::try_next);
        }
        true
    }

    /// Starts browsing if it is not under way, and finds out whether the network can be used at all.
    fn browse(&mut self, now: Instant) {
        self.refresh_networks();
        let error = self.try_to_browse(now).err();
        if error.is_some() {
            self.retry_at = Some(now + RETRY);
        }
        lock(&self.listener).set_unavailable(error);
    }

    fn try_to_browse(&mut self, now: Instant) -> Result<(), Error> {
        let unavailable =
            |error: std::io::Error| Error::network_unavailable(is_connected(), error.to_string());
        if let Err(error) = multicast::check_port() {
            // A daemon that found the port in use has no socket, and gets none later.
            self.browser = None;
            return Err(unavailable(error));
        }
        if self.browser.is_none() {
            let was_flooded = std::mem::take(&mut self.was_flooded);
            let guard = if was_flooded { CacheGuard::alert(now) } else { CacheGuard::calm(now) };
            // It fails only where a descriptor or a thread is missing.
            let no_resource = |error: mdns_sd::Error| {
                Error::no_descriptor_or_port(Operation::Watch, &std::io::Error::other(error.to_string()))
            };
            self.browser = Some(Browser::start(guard).map_err(no_resource)?);
            self.session.on_browse_restarted();
            self.forget_at = Some(now + RESTART_GRACE);
        }
        multicast::check_sending(&self.networks).map_err(unavailable)
    }

    /// Closes the browser until the next try. What it has found counts until the one after it has had time to find it.
    fn close_browser(&mut self, now: Instant) {
        self.browser = None;
        self.forget_at = None;
        self.retry_at = Some(now + RETRY);
    }

    fn refresh_networks(&mut self) {
        // An error leaves what was known: it says nothing of the network.
        if let Ok(networks) = local_networks() {
            self.networks = networks;
        }
    }

    fn mark_dirty(&mut self, now: Instant) {
        let since = *self.dirty_since.get_or_insert(now);
        self.publish_at = Some((now + DEBOUNCE).min(since + MAX_DEBOUNCE));
    }

    fn publish(&self) {
        lock(&self.listener).publish(self.session.instances());
    }

    /// Probes on a thread of its own, which reports back by a command.
    fn start_probes(&mut self, due: Vec<ProbeRequest>) {
        let ids: Vec<_> = due.iter().map(|request| request.server.clone()).collect();
        let (commands, cancel, timeout) =
            (self.commands.clone(), self.cancel.clone(), self.options.probe_timeout);
        let unanswered: Vec<_> = ids.into_iter().map(|id| (id, None)).collect();
        let fallback = unanswered.clone();
        let work = move || {
            let results = catch_panic(|| Ok(probe_servers(due, timeout, &cancel))).unwrap_or(unanswered);
            let _ = commands.send(Command::Probed(results));
        };
        if spawn_thread("osaurus-probe", Box::new(work)).is_err() {
            self.session.on_probed(fallback, Instant::now());
        }
    }
}

fn wait_for_command(inbox: &Receiver<Command>, deadline: Option<Instant>) -> BrowseEvent<Command> {
    let received = match deadline {
        Some(deadline) => inbox.recv_deadline(deadline).ok(),
        None => inbox.recv().ok(),
    };
    received.map_or(BrowseEvent::Timeout, BrowseEvent::Command)
}
