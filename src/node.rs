//! Binds the core to Node: converts arguments, calls the core, and converts the result.
//!
//! An error crosses as plain data, `{ code, ...facts }`. `lib/errors.js` makes the `Error`, where the stack of the caller
//! is.

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Function, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::options::{DiscoverOptions, Plan};
use crate::system::catch_panic;

#[cfg(feature = "network")]
mod advertisement;
mod failure;
mod job;
#[cfg(feature = "network")]
mod network;
mod report;
mod to_js;
mod watch;

use job::{Calls, run_on_pool, run_on_thread};
use to_js::{InstanceFactory, JsFactories, Output, ToJs};
use watch::{NativeWatcher, Watchers};

/// Cancels the calls that it was passed to.
#[napi(js_name = "CancelToken")]
pub struct NativeCancelToken(CancelToken);

#[napi]
impl NativeCancelToken {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self(CancelToken::new())
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// The functions of the core for one JavaScript environment, which is the main thread or a worker.
#[napi]
pub struct Core {
    factories: Arc<JsFactories>,
    calls: Arc<Calls>,
    watchers: Watchers<watch::Open>,
}

/// The directory to scan, or `None` for those of the current user.
type BaseDir = Option<String>;
/// The time in which a server must answer, or `None` to probe no server.
type ProbeTimeoutMs = Option<f64>;

#[napi]
impl Core {
    /// `create_instance` creates the object of one instance. Calling it costs a fifth of setting six properties from here,
    /// and all instances share one hidden class.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, create_instance: InstanceFactory<'_>) -> Result<Self> {
        let calls = Arc::<Calls>::default();
        env.add_env_cleanup_hook(Arc::clone(&calls), |calls| calls.end())?;
        Ok(Self {
            factories: Arc::new(JsFactories::new(&create_instance)?),
            calls,
            watchers: Watchers::default(),
        })
    }

    /// Finds the newest running instance.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<OsaurusInstance>>")]
    pub fn latest<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&NativeCancelToken>,
    ) -> Result<Unknown<'env>> {
        self.run_async(env, options(base_dir, legacy_dirs, probe_timeout_ms), cancel, latest)
    }

    /// Finds the newest running instance from the files alone, on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance>")]
    pub fn latest_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.run_sync(env, options(base_dir, legacy_dirs, None), latest)
    }

    /// Finds all running instances.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<OsaurusInstance[]>>")]
    pub fn list<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&NativeCancelToken>,
    ) -> Result<Unknown<'env>> {
        self.run_async(env, options(base_dir, legacy_dirs, probe_timeout_ms), cancel, list)
    }

    /// Finds all running instances from the files alone, on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance[]>")]
    pub fn list_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.run_sync(env, options(base_dir, legacy_dirs, None), list)
    }

    /// Reports every directory and entry, and why each entry counts or does not.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<RuntimeReport>>")]
    pub fn inspect<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&NativeCancelToken>,
        access_key: Option<String>,
    ) -> Result<Unknown<'env>> {
        let mut options = options(base_dir, legacy_dirs, probe_timeout_ms);
        if let Some(key) = access_key {
            options = options.access_key(key);
        }
        self.run_async(env, options, cancel, inspect)
    }

    /// Creates a watcher that calls `notify` when an event is ready. It watches once it is started.
    #[napi(catch_unwind)]
    pub fn watch(
        &self,
        env: &Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        notify: Function<'_, (), ()>,
    ) -> Result<NativeWatcher> {
        let options = options(base_dir, legacy_dirs, probe_timeout_ms);
        NativeWatcher::new(env, options, &self.factories, &self.watchers, &notify)
    }
}

/// An operation on a plan.
type Operation = fn(&Plan) -> std::result::Result<Output, Error>;

fn latest(plan: &Plan) -> std::result::Result<Output, Error> {
    plan.latest().map(Output::Instance)
}

fn list(plan: &Plan) -> std::result::Result<Output, Error> {
    plan.list().map(Output::Instances)
}

fn inspect(plan: &Plan) -> std::result::Result<Output, Error> {
    plan.inspect().map(Output::Report)
}

impl Core {
    /// Resolves the home directory on the calling thread, whose environment is the one that the caller sees.
    fn run_async<'env>(
        &self,
        env: &'env Env,
        options: DiscoverOptions,
        cancel: Option<&NativeCancelToken>,
        operation: Operation,
    ) -> Result<Unknown<'env>> {
        let cancel = cancel.map_or_else(CancelToken::new, |flag| flag.0.clone());
        let opens_sockets = options.opens_sockets();
        let plan = options.plan(cancel.clone());
        let work = Box::new(move || operation(&plan?));
        if opens_sockets {
            run_on_thread(env, &self.factories, &self.calls, cancel, work)
        } else {
            run_on_pool(env, &self.factories, work)
        }
    }

    fn run_sync<'env>(
        &self,
        env: &'env Env,
        options: DiscoverOptions,
        operation: Operation,
    ) -> Result<Unknown<'env>> {
        catch_panic(|| operation(&options.plan(CancelToken::new())?)).to_js(env, &self.factories)
    }
}

fn options(base_dir: BaseDir, legacy_dirs: bool, probe_timeout_ms: ProbeTimeoutMs) -> DiscoverOptions {
    let mut options = DiscoverOptions::new().legacy_dirs(legacy_dirs);
    if let Some(path) = base_dir {
        options = options.base_dir(path);
    }
    match probe_timeout_ms {
        Some(milliseconds) => options.verify(Duration::from_secs_f64(milliseconds / 1e3)),
        None => options,
    }
}
