//! How does Node call the core? Convert, call, convert: nothing is decided here.
//!
//! A failure goes to JavaScript as data, `{ failure, message }`, and becomes an `Error` there: so it is made where
//! the caller's stack is, in one place for all of them.

use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::cancel::Cancel;
use crate::discover::{Plan, Request};
use crate::error::Error;
use crate::instance::Instance;

mod job;
mod to_js;

use job::{Job, guarded};
use to_js::{Make, MakeInstance, ToJs};

/// A flag that ends the calls it was given to.
#[napi]
pub struct CancelFlag(Cancel);

#[napi]
impl CancelFlag {
    #[napi(constructor, catch_unwind)]
    #[expect(clippy::new_without_default, reason = "JavaScript has no Default")]
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
}

#[napi]
impl Core {
    /// `make_instance` makes the object for one instance: calling back costs a fifth of setting six properties
    /// from outside, and all instances share one hidden class.
    #[napi(constructor, catch_unwind)]
    pub fn new(make_instance: MakeInstance<'_>) -> Result<Self> {
        Ok(Self { make: Arc::new(Make::new(&make_instance)?) })
    }

    /// The newest running instance, read on the pool: one hop.
    #[napi(catch_unwind, ts_return_type = "Promise<unknown>")]
    pub fn latest(
        &self,
        base_dir: Option<String>,
        legacy_dirs: bool,
        cancel: Option<&CancelFlag>,
    ) -> AsyncTask<Job<Instance>> {
        self.on_the_pool(request(base_dir, legacy_dirs, cancel), Plan::latest)
    }

    /// The newest running instance, read on this thread.
    #[napi(catch_unwind)]
    pub fn latest_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: Option<String>,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.here(env, request(base_dir, legacy_dirs, None), Plan::latest)
    }

    /// All running instances, read on the pool: one hop.
    #[napi(catch_unwind, ts_return_type = "Promise<unknown>")]
    pub fn list(
        &self,
        base_dir: Option<String>,
        legacy_dirs: bool,
        cancel: Option<&CancelFlag>,
    ) -> AsyncTask<Job<Vec<Instance>>> {
        self.on_the_pool(request(base_dir, legacy_dirs, cancel), Plan::list)
    }

    /// All running instances, read on this thread.
    #[napi(catch_unwind)]
    pub fn list_sync<'env>(
        &self,
        env: &'env Env,
        base_dir: Option<String>,
        legacy_dirs: bool,
    ) -> Result<Unknown<'env>> {
        self.here(env, request(base_dir, legacy_dirs, None), Plan::list)
    }
}

impl Core {
    /// The home folder is looked up now, on the caller's thread, where `process.env` is what the caller sees.
    fn on_the_pool<T: ToJs + Send + 'static>(
        &self,
        request: Request,
        work: fn(&Plan) -> std::result::Result<T, Error>,
    ) -> AsyncTask<Job<T>> {
        let plan = request.plan();
        AsyncTask::new(Job::new(Arc::clone(&self.make), move || work(&plan?)))
    }

    fn here<'env, T: ToJs>(
        &self,
        env: &'env Env,
        request: Request,
        work: fn(&Plan) -> std::result::Result<T, Error>,
    ) -> Result<Unknown<'env>> {
        guarded(|| work(&request.plan()?)).to_js(env, &self.make)
    }
}

fn request(base_dir: Option<String>, legacy_dirs: bool, cancel: Option<&CancelFlag>) -> Request {
    let mut request = Request::new().legacy_dirs(legacy_dirs);
    if let Some(path) = base_dir {
        request = request.base_dir(path);
    }
    match cancel {
        Some(flag) => request.cancel(&flag.0),
        None => request,
    }
}
