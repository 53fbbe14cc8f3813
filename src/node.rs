//! How does Node call the core? Convert, call, convert: nothing is decided here.
//!
//! A failure goes to JavaScript as data, `{ failure, message }`, and becomes an `Error` there: so it is made where
//! the caller's stack is, in one place for all of them.

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Function, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::cancel::Cancel;
use crate::discover::{Plan, Request};
use crate::error::Error;
use crate::fault::guarded;

mod job;
mod report;
mod to_js;
mod watch;

use job::{Calls, on_a_thread, on_the_pool};
use to_js::{Answer, Make, MakeInstance, ToJs};
use watch::{NativeWatcher, Watchers};

/// A flag that ends the calls it was given to.
#[napi]
pub struct CancelFlag(Cancel);

#[napi]
impl CancelFlag {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self(Cancel::new())
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// The core as one JavaScript environment (the main thread or a worker) sees it.
#[napi]
pub struct Core {
    make: Arc<Make>,
    calls: Arc<Calls>,
    watchers: Watchers,
}

/// What the functions have in common: the folder, or none for the usual one; whether older folders count; how long
/// a server may take to answer, or none where it is not asked.
type Folder = Option<String>;
type ProbeTimeoutMs = Option<f64>;

#[napi]
impl Core {
    /// `make_instance` makes the object for one instance: calling back costs a fifth of setting six properties
    /// from outside, and all instances share one hidden class.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, make_instance: MakeInstance<'_>) -> Result<Self> {
        let calls = Arc::<Calls>::default();
        env.add_env_cleanup_hook(Arc::clone(&calls), |calls| calls.cancel_all())?;
        Ok(Self { make: Arc::new(Make::new(&make_instance)?), calls, watchers: Watchers::default() })
    }

    /// The newest running instance.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<OsaurusInstance>>")]
    pub fn latest<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&CancelFlag>,
    ) -> Result<Unknown<'env>> {
        self.elsewhere(env, request(folder, legacy_dirs, probe_timeout_ms), cancel, latest)
    }

    /// The same by the files alone, read on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance>")]
    pub fn latest_sync<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.here(env, request(folder, legacy_dirs, None), latest)
    }

    /// All running instances.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<OsaurusInstance[]>>")]
    pub fn list<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&CancelFlag>,
    ) -> Result<Unknown<'env>> {
        self.elsewhere(env, request(folder, legacy_dirs, probe_timeout_ms), cancel, list)
    }

    /// The same by the files alone, read on this thread.
    #[napi(catch_unwind, ts_return_type = "Outcome<OsaurusInstance[]>")]
    pub fn list_sync<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.here(env, request(folder, legacy_dirs, None), list)
    }

    /// Why each entry counts, or not.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome<RuntimeReport>>")]
    pub fn inspect<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        cancel: Option<&CancelFlag>,
    ) -> Result<Unknown<'env>> {
        self.elsewhere(env, request(folder, legacy_dirs, probe_timeout_ms), cancel, inspect)
    }

    /// Calls `ring` whenever there is something to come for.
    #[napi(catch_unwind, ts_return_type = "Outcome<NativeWatcher>")]
    pub fn watch<'env>(
        &self,
        env: &'env Env,
        folder: Folder,
        legacy_dirs: bool,
        probe_timeout_ms: ProbeTimeoutMs,
        ring: Function<'_, (), ()>,
    ) -> Result<Unknown<'env>> {
        let request = request(folder, legacy_dirs, probe_timeout_ms);
        NativeWatcher::open(env, &request, &self.make, &self.watchers, &ring)?.to_js(env, &self.make)
    }
}

/// Asks a plan.
type Question = fn(&Plan) -> std::result::Result<Answer, Error>;

fn latest(plan: &Plan) -> std::result::Result<Answer, Error> {
    plan.latest().map(Answer::Instance)
}

fn list(plan: &Plan) -> std::result::Result<Answer, Error> {
    plan.list().map(Answer::Instances)
}

fn inspect(plan: &Plan) -> std::result::Result<Answer, Error> {
    plan.inspect().map(Answer::Report)
}

impl Core {
    /// The home folder is looked up now, on the caller's thread, where `process.env` is what the caller sees.
    fn elsewhere<'env>(
        &self,
        env: &'env Env,
        request: Request,
        cancel: Option<&CancelFlag>,
        question: Question,
    ) -> Result<Unknown<'env>> {
        let cancel = cancel.map_or_else(Cancel::new, |flag| flag.0.clone());
        let asks_servers = request.asks_servers();
        let plan = request.plan(cancel.clone());
        let work = Box::new(move || question(&plan?));
        if asks_servers {
            on_a_thread(env, &self.make, &self.calls, cancel, work)
        } else {
            on_the_pool(env, &self.make, work)
        }
    }

    fn here<'env>(&self, env: &'env Env, request: Request, question: Question) -> Result<Unknown<'env>> {
        guarded(|| question(&request.plan(Cancel::new())?)).to_js(env, &self.make)
    }
}

fn request(folder: Folder, legacy_dirs: bool, probe_timeout_ms: ProbeTimeoutMs) -> Request {
    let mut request = Request::new().legacy_dirs(legacy_dirs);
    if let Some(path) = folder {
        request = request.base_dir(path);
    }
    match probe_timeout_ms {
        Some(milliseconds) => request.verify(Duration::from_secs_f64(milliseconds / 1e3)),
        None => request,
    }
}
