//! How does work leave JavaScript's thread, and how does a panic in it come back as an error?

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use napi::bindgen_prelude::Unknown;
use napi::{Env, Result, ScopedTask};

use super::to_js::{Make, ToJs};
use crate::error::Error;

/// Runs `work`; a panic becomes an error with its message, since unwinding into Node would end the process.
pub fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, Error>) -> std::result::Result<T, Error> {
    // What the work owned is dropped by the unwinding, and nothing of it is seen again.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::from_panic(&*panic)))
}

type Work<T> = Box<dyn FnOnce() -> std::result::Result<T, Error> + Send>;

/// Work for one thread of the pool, and the promise for what it gives.
pub struct Job<T> {
    work: Option<Work<T>>,
    make: Arc<Make>,
}

impl<T> Job<T> {
    pub fn new(
        make: Arc<Make>,
        work: impl FnOnce() -> std::result::Result<T, Error> + Send + 'static,
    ) -> Self {
        Self { work: Some(Box::new(work)), make }
    }
}

impl<'task, T: ToJs + Send + 'static> ScopedTask<'task> for Job<T> {
    type Output = std::result::Result<T, Error>;
    type JsValue = Unknown<'task>;

    fn compute(&mut self) -> Result<Self::Output> {
        let work = self.work.take();
        Ok(guarded(|| work.map_or_else(|| Err(Error::cancelled()), |work| work())))
    }

    fn resolve(&mut self, env: &'task Env, output: Self::Output) -> Result<Self::JsValue> {
        output.to_js(env, &self.make)
    }
}
