//! Binds the watcher of the local network to Node.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use napi::bindgen_prelude::{Function, Object, ToNapiValue, Unknown};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Env, Result};
use napi_derive::napi;

mod mailbox;

use self::mailbox::Mailbox;
use super::ProbeTimeoutMs;
use super::report::set_known;
use super::watch::{Notifier, Slot, Watchers, notifier, set_ref};
use crate::network::{
    Agent, NetworkChange, NetworkEvent, NetworkInstance, NetworkOptions, NetworkWatcher, watch,
};
use crate::system::lock;

/// The local network for one JavaScript environment. Nothing is sent, and no thread runs, until a watcher is started.
#[napi]
pub struct Network {
    watchers: Watchers<Open>,
}

#[napi]
impl Network {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self { watchers: Watchers::default() }
    }

    /// Creates a watcher that calls `notify` when an event is ready. It watches once it is started.
    #[napi(catch_unwind)]
    pub fn watch(
        &self,
        env: &Env,
        probe_timeout_ms: ProbeTimeoutMs,
        include_self: bool,
        notify: Function<'_, (), ()>,
    ) -> Result<NativeNetworkWatcher> {
        let options = NetworkOptions::new().include_self(include_self);
        let options = match probe_timeout_ms {
            Some(milliseconds) => options.probe_timeout(Duration::from_secs_f64(milliseconds / 1e3)),
            None => options.trust_records(),
        };
        let notifier = notifier(&notify)?;
        let weak_notifier = Arc::downgrade(&notifier);
        let mailbox = Mailbox::new(move || {
            notifier.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        let slot = Arc::new(Mutex::new(Some(Open { mailbox, watcher: None })));
        self.watchers.keep(env, &slot)?;
        Ok(NativeNetworkWatcher { options, slot, notifier: weak_notifier })
    }
}

/// A watcher until it is closed.
struct Open {
    mailbox: Arc<Mailbox>,
    /// None until the system has a thread for it.
    watcher: Option<NetworkWatcher>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

/// One watcher of the network in one environment.
#[napi]
pub struct NativeNetworkWatcher {
    options: NetworkOptions,
    slot: Slot<Open>,
    notifier: Weak<Notifier>,
}

#[napi]
impl NativeNetworkWatcher {
    /// Starts to watch. Returns false if the system has no thread left: try again later. Until then the state is empty, and
    /// a warning says why.
    #[napi(catch_unwind)]
    pub fn start(&self) -> bool {
        let mut slot = lock(&self.slot);
        let Some(open) = slot.as_mut() else { return true };
        let mailbox = Arc::clone(&open.mailbox);
        let put = Arc::clone(&mailbox);
        match watch(&self.options, move |event| put.put(event)) {
            Ok(watcher) => open.watcher = Some(watcher),
            Err(error) => {
                drop(slot);
                mailbox.put_unavailable(error);
                return false;
            }
        }
        true
    }

    /// The next event: a change, a warning (as a failure), or nothing until the next notification.
    #[napi(catch_unwind, ts_return_type = "Outcome<NetworkChange> | undefined")]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match self.mailbox().and_then(|mailbox| mailbox.next()) {
            Some(NetworkEvent::Change(change)) => change_object(env, &change)?.into_unknown(env),
            Some(NetworkEvent::Warning(error)) => error.to_failure(env),
            None => ().into_unknown(env),
        }
    }

    /// Why the network could not be searched, as of the last change that was taken, as a failure.
    #[napi(catch_unwind, ts_return_type = "Failure | undefined")]
    pub fn last_failure<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match self.mailbox().and_then(|mailbox| mailbox.reason()) {
            Some(error) => error.to_failure(env),
            None => ().into_unknown(env),
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

impl NativeNetworkWatcher {
    fn mailbox(&self) -> Option<Arc<Mailbox>> {
        lock(&self.slot).as_ref().map(|open| Arc::clone(&open.mailbox))
    }
}

fn change_object<'env>(env: &'env Env, change: &NetworkChange) -> Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("instances", instance_objects(env, &change.instances)?)?;
    object.set("added", instance_objects(env, &change.added)?)?;
    object.set("updated", instance_objects(env, &change.updated)?)?;
    object.set("removed", instance_objects(env, &change.removed)?)?;
    object.set("reason", change.reason.as_ref().map(|reason| reason.code().as_str()))?;
    Ok(object)
}

fn instance_objects<'env>(env: &'env Env, instances: &[NetworkInstance]) -> Result<Vec<Object<'env>>> {
    instances.iter().map(|instance| instance_object(env, instance)).collect()
}

fn instance_object<'env>(env: &'env Env, instance: &NetworkInstance) -> Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("name", &instance.name)?;
    object.set("host", &instance.host)?;
    let addresses: Vec<_> = instance.addresses.iter().map(ToString::to_string).collect();
    object.set("addresses", addresses)?;
    object.set("port", instance.port)?;
    object.set("url", instance.url())?;
    let agents = instance.agents.iter().map(|agent| agent_object(env, agent));
    object.set("agents", agents.collect::<Result<Vec<_>>>()?)?;
    object.set("self", instance.is_self)?;
    Ok(object)
}

fn agent_object<'env>(env: &'env Env, agent: &Agent) -> Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("id", &agent.id)?;
    object.set("name", &agent.name)?;
    set_known(&mut object, "description", agent.description.as_ref())?;
    set_known(&mut object, "address", agent.address.as_ref())?;
    Ok(object)
}
