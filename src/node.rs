//! How does Node call the core? Convert, call, convert: nothing is decided here.
//!
//! A failure goes to JavaScript as data, `{ failure, message }`, and becomes an `Error` there: so it is made where
//! the caller's stack is, in one place for all of them.

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Function, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::options::{DiscoverOptions, Plan};
use crate::system::catch_panic;

mod failure;
mod job;
mod report;
mod to_js;
mod watch;

use job::{Calls, on_a_thread, on_the_pool};
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

/// The core as one JavaScript environment (the main thread or a worker) sees it.
#[napi]
pub struct Core {
    factories: Arc<JsFactories>,
    calls: Arc<Calls>,
    watchers: Watchers,
}

/// What the functions have in common: the base_dir, or none for the usual one; whether older base_dirs count; how long
/// a server may take to answer, or none where it is not asked.
type BaseDir = Option<String>;
type ProbeTimeoutMs = Option<f64>;

#[napi]
impl Core {
    /// `create_instance` factoriess the object for one instance: calling back costs a fifth of setting six properties
    /// from outside, and all instances share one hidden class.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, create_instance: InstanceFactory<'_>) -> Result<Self> {
        let calls = Arc::<Calls>::default();
        env.add_env_cleanup_hook(Arc::clone(&calls), |calls| calls.cancel_all())?;
        Ok(Self {
            factories: Arc::new(JsFactories::new(&create_instance)?),
            calls,
            watchers: Watchers::default(),
        })
    }

    /// The newest running instance.
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

    /// The same by the files alone, read on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance>")]
    pub fn latest_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.run_sync(env, options(base_dir, legacy_dirs, None), latest)
    }

    /// All running instances.
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

    /// The same by the files alone, read on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance[]>")]
    pub fn list_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.run_sync(env, options(base_dir, legacy_dirs, None), list)
    }

    /// Why each entry counts, or not.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<RuntimeReport>>")]
    pub fn inspect<'env>(
        &self,
        env: &'env Env,
        base_dir: BaseDir,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&NativeCancelToken>,
    ) -> Result<Unknown<'env>> {
        self.run_async(env, options(base_dir, legacy_dirs, probe_timeout_ms), cancel, inspect)
    }

    /// A watcher that calls `notify` when there are events to take. It watches once it is started.
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

/// Asks a plan.
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
    /// The home base_dir is looked up now, on the caller's thread, where `process.env` is what the caller sees.
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
            on_a_thread(env, &self.factories, &self.calls, cancel, work)
        } else {
            on_the_pool(env, &self.factories, work)
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
