//! Delivers the events of a watcher to JavaScript.
//!
//! JavaScript is notified and takes the events when it has time. Until then a newer state replaces an older one, so a
//! blocked app receives one change in the end, and memory does not grow.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};

use napi::bindgen_prelude::{Function, Object, ToNapiValue, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Result, Status, check_status, sys};
use napi_derive::napi;

use super::to_js::{JsFactories, ToJs};
use crate::diff::Change;
use crate::options::DiscoverOptions;
use crate::system::lock;
use crate::watch::{self, ConnectionState, Event, Mailbox, Subscription};

/// Wakes JavaScript. Whether it keeps the process running is decided later.
pub type Notifier = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Creates a notifier that calls `notify`.
pub fn notifier(notify: &Function<'_, (), ()>) -> Result<Arc<Notifier>> {
    Ok(Arc::new(notify.build_threadsafe_function::<()>().weak::<true>().build_callback(|_| Ok(()))?))
}

/// Decides whether a notifier keeps the process running. Does nothing once it is released.
pub fn set_ref(env: &Env, notifier: &Weak<Notifier>, keep: bool) -> Result<()> {
    let Some(notifier) = notifier.upgrade() else { return Ok(()) };
    // SAFETY: this is the thread of the notifier's environment, which is alive because JavaScript calls; and the
    // notifier is not released before this reference to it is dropped.
    check_status!(unsafe {
        if keep {
            sys::napi_ref_threadsafe_function(env.raw(), notifier.raw())
        } else {
            sys::napi_unref_threadsafe_function(env.raw(), notifier.raw())
        }
    })
}

/// A watcher until it is closed.
pub struct Open {
    mailbox: Arc<Mailbox>,
    /// None until the system has what watching needs.
    subscription: Option<Subscription>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

/// Holds a watcher until it is closed.
pub type Slot<T> = Arc<Mutex<Option<T>>>;
type WeakSlot<T> = Weak<Mutex<Option<T>>>;

/// One watcher of one environment.
#[napi]
pub struct NativeWatcher {
    options: DiscoverOptions,
    slot: Slot<Open>,
    notifier: Weak<Notifier>,
    factories: Arc<JsFactories>,
}

#[napi]
impl NativeWatcher {
    /// Starts to watch. Returns false if the system has no thread or no descriptor left: try again later. Until then the
    /// state is empty, and a warning says why.
    #[napi(catch_unwind)]
    pub fn start(&self) -> bool {
        let mut slot = lock(&self.slot);
        let Some(open) = slot.as_mut() else { return true };
        match watch::subscribe(&self.options, &open.mailbox) {
            Ok(subscription) => open.subscription = Some(subscription),
            Err(error) => {
                let mailbox = Arc::clone(&open.mailbox);
                drop(slot);
                mailbox.put_unavailable(&error);
                return false;
            }
        }
        true
    }

    /// The next event: a change, a warning (as a failure), or nothing until the next notification.
    #[napi(catch_unwind, ts_return_type = "Outcome<InstanceChange> | undefined")]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match self.mailbox().and_then(|mailbox| mailbox.next()) {
            Some(Event::Change(change)) => change.to_js(env, &self.factories),
            Some(Event::Warning(error)) => Err::<Change, _>(error).to_js(env, &self.factories),
            None => ().into_unknown(env),
        }
    }

    /// Why there was no instance at the last scan, as a failure.
    #[napi(catch_unwind, ts_return_type = "Failure | undefined")]
    pub fn last_failure<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match self.mailbox().and_then(|mailbox| mailbox.reason()) {
            Some(error) => Err::<Change, _>(error).to_js(env, &self.factories),
            None => ().into_unknown(env),
        }
    }

    /// The liveness connection to the verified server at this address, in the kernel at this moment: its number, which no
    /// other connection has, while it stands; 0 if it has ended; -1 if none is held.
    #[napi(catch_unwind)]
    pub fn held_connection(&self, host: String, port: u16) -> i64 {
        let server = host.parse().map(|host| SocketAddr::new(host, port)).ok();
        match self.mailbox().zip(server).map(|(mailbox, server)| mailbox.connection_state(server)) {
            Some(ConnectionState::Open(id)) => i64::try_from(id).unwrap_or(i64::MAX),
            Some(ConnectionState::Closed) => 0,
            Some(ConnectionState::Unknown) | None => -1,
        }
    }

    /// Decides whether the watcher keeps the process running, which it does not at first.
    #[napi(catch_unwind)]
    pub fn set_ref(&self, env: &Env, keep: bool) -> Result<()> {
        set_ref(env, &self.notifier, keep)
    }

    /// Ends the watcher, and with its notifier what keeps the process running.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        drop(lock(&self.slot).take());
    }
}

impl NativeWatcher {
    /// Creates a watcher that calls `notify` when there are events to take. It watches once it is started.
    pub fn new(
        env: &Env,
        options: DiscoverOptions,
        factories: &Arc<JsFactories>,
        watchers: &Watchers<Open>,
        notify: &Function<'_, (), ()>,
    ) -> Result<Self> {
        let notifier = notifier(notify)?;
        let weak_notifier = Arc::downgrade(&notifier);
        let mailbox = Mailbox::new(move |_| {
            notifier.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        let slot = Arc::new(Mutex::new(Some(Open { mailbox, subscription: None })));
        watchers.keep(env, &slot)?;
        Ok(Self { options, slot, notifier: weak_notifier, factories: Arc::clone(factories) })
    }

    fn mailbox(&self) -> Option<Arc<Mailbox>> {
        lock(&self.slot).as_ref().map(|open| Arc::clone(&open.mailbox))
    }
}

/// The watchers of one environment, which end with it.
pub struct Watchers<T> {
    open: Arc<Mutex<Vec<WeakSlot<T>>>>,
    ends_with_the_environment: std::cell::Cell<bool>,
}

impl<T> Default for Watchers<T> {
    fn default() -> Self {
        Self { open: Arc::default(), ends_with_the_environment: std::cell::Cell::default() }
    }
}

impl<T: 'static> Watchers<T> {
    pub fn keep(&self, env: &Env, slot: &Slot<T>) -> Result<()> {
        if !self.ends_with_the_environment.replace(true) {
            env.add_env_cleanup_hook(Arc::clone(&self.open), |open| {
                for slot in lock(&open).drain(..).filter_map(|slot| slot.upgrade()) {
                    drop(lock(&slot).take());
                }
            })?;
        }
        let mut open = lock(&self.open);
        open.retain(|slot| slot.upgrade().is_some_and(|slot| lock(&slot).is_some()));
        open.push(Arc::downgrade(slot));
        Ok(())
    }
}

impl ToJs for Change {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let mut change = Object::new(env)?;
        change.set("instances", self.instances.to_js(env, make)?)?;
        change.set("added", self.added.to_js(env, make)?)?;
        change.set("updated", self.updated.to_js(env, make)?)?;
        change.set("removed", self.removed.to_js(env, make)?)?;
        change.set("reason", self.reason.map(|reason| reason.code().as_str()))?;
        change.into_unknown(env)
    }
}
