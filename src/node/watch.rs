//! How does a watcher tell JavaScript, however busy that is?
//!
//! It rings, and JavaScript comes for what there is. While nobody comes the newest state replaces the one before, so
//! that a blocked app hears of one change in the end and memory does not grow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Weak};

use napi::bindgen_prelude::{Function, Object, ToNapiValue, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Result, Status, check_status, sys};
use napi_derive::napi;

use super::to_js::{JsFactories, ToJs};
use crate::candidate::Instance;
use crate::diff::Change;
use crate::error::Error;
use crate::options::DiscoverOptions;
use crate::system::lock;
use crate::watch::{self, Event, Watcher};

/// Wakes JavaScript; whether that holds the process open is decided later.
type Bell = ThreadsafeFunction<(), (), (), Status, false, true>;

/// What JavaScript has not come for yet.
#[derive(Default)]
struct Pending {
    state: Option<Vec<Instance>>,
    warnings: VecDeque<Error>,
    rung: bool,
}

/// A watcher, until it is closed.
type Slot = Arc<Mutex<Option<Watcher>>>;
type WeakSlot = Weak<Mutex<Option<Watcher>>>;

/// One watcher of one environment.
#[napi]
pub struct NativeWatcher {
    slot: Slot,
    bell: Weak<Bell>,
    pending: Arc<Mutex<Pending>>,
    make: Arc<JsFactories>,
    /// The state that JavaScript knows; none before the first.
    known: Option<Vec<Instance>>,
}

#[napi]
impl NativeWatcher {
    /// The next event: a change, a warning (as a failure), or nothing. Nothing means that it will ring again.
    #[napi(catch_unwind, ts_return_type = "Outcome<InstanceChange> | undefined")]
    pub fn next<'env>(&mut self, env: &'env Env) -> Result<Unknown<'env>> {
        if let Some(event) = self.take() {
            return match event {
                Event::Change(change) => change.to_js(env, &self.make),
                Event::Warning(error) => Err::<Change, _>(error).to_js(env, &self.make),
            };
        }
        ().into_unknown(env)
    }

    /// Why there was no instance at the last look, as a failure.
    #[napi(catch_unwind, ts_return_type = "Failure | undefined")]
    pub fn why_none<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match lock(&self.slot).as_ref().and_then(Watcher::why_none) {
            Some(error) => Err::<Change, _>(error).to_js(env, &self.make),
            None => ().into_unknown(env),
        }
    }

    /// Whether it holds the process open, which it does not at first.
    #[napi(catch_unwind)]
    pub fn persist(&self, env: &Env, hold: bool) -> Result<()> {
        let Some(bell) = self.bell.upgrade() else { return Ok(()) };
        // SAFETY: this is the thread of the bell's environment, which is alive since JavaScript calls; and the bell is
        // not released before this reference to it goes.
        check_status!(unsafe {
            if hold {
                sys::napi_ref_threadsafe_function(env.raw(), bell.raw())
            } else {
                sys::napi_unref_threadsafe_function(env.raw(), bell.raw())
            }
        })
    }

    /// From now on there is nothing; the bell goes with the watcher, and with it what holds the process open.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        drop(lock(&self.slot).take());
        *lock(&self.pending) = Pending::default();
    }
}

impl NativeWatcher {
    /// Opens a watcher that rings by calling `ring`.
    pub fn open(
        env: &Env,
        request: &DiscoverOptions,
        make: &Arc<JsFactories>,
        watchers: &Watchers,
        ring: &Function<'_, (), ()>,
    ) -> Result<std::result::Result<Self, Error>> {
        let bell: Arc<Bell> =
            Arc::new(ring.build_threadsafe_function::<()>().weak::<true>().build_callback(|_| Ok(()))?);
        let weak_bell = Arc::downgrade(&bell);
        let pending = Arc::<Mutex<Pending>>::default();
        let tell = {
            let pending = Arc::clone(&pending);
            move |event| {
                if lock(&pending).put(event) {
                    bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
                }
            }
        };
        let watcher = match watch::watch(request, tell) {
            Ok(watcher) => watcher,
            Err(error) => return Ok(Err(error)),
        };
        let slot = Arc::new(Mutex::new(Some(watcher)));
        watchers.keep(env, &slot)?;
        Ok(Ok(Self { slot, bell: weak_bell, pending, make: Arc::clone(make), known: None }))
    }

    fn take(&mut self) -> Option<Event> {
        let mut pending = lock(&self.pending);
        if let Some(state) = pending.state.take() {
            let change = Change::between(self.known.as_deref().unwrap_or_default(), &state);
            if self.known.is_none() || !change.is_empty() {
                self.known = Some(state);
                return Some(Event::Change(change));
            }
        }
        let warning = pending.warnings.pop_front();
        pending.rung = warning.is_some();
        warning.map(Event::Warning)
    }
}

impl Pending {
    /// Gives whether to ring.
    fn put(&mut self, event: Event) -> bool {
        match event {
            Event::Change(change) => self.state = Some(change.instances),
            Event::Warning(error) => self.warnings.push_back(error),
        }
        !std::mem::replace(&mut self.rung, true)
    }
}

/// The watchers of one environment. They end with it: nobody is left to ring for.
#[derive(Default)]
pub struct Watchers {
    open: Arc<Mutex<Vec<WeakSlot>>>,
    ends_with_the_environment: std::cell::Cell<bool>,
}

impl Watchers {
    fn keep(&self, env: &Env, slot: &Slot) -> Result<()> {
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

impl ToJs for NativeWatcher {
    fn to_js<'env>(self, env: &'env Env, _make: &JsFactories) -> Result<Unknown<'env>> {
        self.into_unknown(env)
    }
}

impl ToJs for Change {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let mut change = Object::new(env)?;
        change.set("instances", self.instances.to_js(env, make)?)?;
        change.set("added", self.added.to_js(env, make)?)?;
        change.set("updated", self.updated.to_js(env, make)?)?;
        change.set("removed", self.removed.to_js(env, make)?)?;
        change.into_unknown(env)
    }
}
