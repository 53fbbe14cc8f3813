//! Runs work off the JavaScript thread and settles its promise.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use napi::bindgen_prelude::{JsValue, ToNapiValue, TypeName, Unknown};
use napi::{Env, Task, ValueType, sys};

use super::to_js::{JsFactories, Output, ToJs};
use crate::cancel::CancelToken;
use crate::error::{Error, Operation};
use crate::kept_thread::KeptThread;
use crate::system::{catch_panic, lock};

type JobResult = Result<Output, Error>;

/// How long a thread for probes waits for another call.
const LINGER: Duration = Duration::from_secs(1);

/// The work of one call. Boxed, so that the code below is compiled once for all operations.
pub type Work = Box<dyn FnOnce() -> JobResult + Send>;

/// The result of the work, which converts to a JavaScript value.
pub struct Settled {
    outcome: JobResult,
    factories: Arc<JsFactories>,
}

impl TypeName for Settled {
    fn type_name() -> &'static str {
        "Settled"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ToNapiValue for Settled {
    unsafe fn to_napi_value(env: sys::napi_env, settled: Self) -> napi::Result<sys::napi_value> {
        let env = Env::from_raw(env);
        let value = settled.outcome.to_js(&env, &settled.factories)?;
        Ok(value.raw())
    }
}

/// Work for a thread of the pool of Node.
pub struct Job {
    work: Option<Work>,
    factories: Arc<JsFactories>,
}

impl Task for Job {
    type Output = JobResult;
    type JsValue = Settled;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let work = self.work.take();
        Ok(catch_panic(|| work.map_or_else(|| Err(Error::cancelled()), |work| work())))
    }

    fn resolve(&mut self, _env: Env, outcome: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Settled { outcome, factories: Arc::clone(&self.factories) })
    }
}

/// Runs work of some microseconds on the pool of Node, whose threads already exist.
pub fn run_on_pool<'env>(
    env: &'env Env,
    factories: &Arc<JsFactories>,
    work: Work,
) -> napi::Result<Unknown<'env>> {
    let job = Job { work: Some(work), factories: Arc::clone(factories) };
    Ok(env.spawn(job)?.promise_object().to_unknown())
}

/// Runs work that may wait for servers on a thread that nothing else uses meanwhile. The pool of Node serves the file system
/// of the app, and process exit and the end of a worker wait for it. They do not wait for this thread, which `calls` cancels.
pub fn run_on_thread<'env>(
    env: &'env Env,
    factories: &Arc<JsFactories>,
    calls: &Arc<Calls>,
    cancel: CancelToken,
    work: Work,
) -> napi::Result<Unknown<'env>> {
    let (deferred, promise) = env.create_deferred()?;
    let promise = promise.to_unknown();
    let factories = Arc::clone(factories);
    let settle = move |outcome| deferred.resolve(move |_env| Ok(Settled { outcome, factories }));

    let call = calls.register(cancel);
    let run = {
        let settle = settle.clone();
        move || {
            let outcome = catch_panic(work);
            drop(call);
            settle(outcome);
        }
    };
    if let Err(error) = calls.threads.run(Box::new(run)) {
        settle(Err(Error::no_thread(Operation::Probe, &error)));
    }
    Ok(promise)
}

/// The calls of one environment that run on their own threads and are cancelled with it.
pub struct Calls {
    running: Mutex<Vec<CancelToken>>,
    threads: KeptThread,
}

impl Default for Calls {
    fn default() -> Self {
        Self { running: Mutex::default(), threads: KeptThread::new("osaurus-probe", LINGER) }
    }
}

impl Calls {
    fn register(self: &Arc<Self>, cancel: CancelToken) -> Call {
        self.lock().push(cancel.clone());
        Call { calls: Arc::clone(self), cancel }
    }

    /// Cancels the calls, and ends the thread that waits for the next one.
    pub fn end(&self) {
        for cancel in self.lock().iter() {
            cancel.cancel();
        }
        self.threads.close();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<CancelToken>> {
        lock(&self.running)
    }
}

struct Call {
    calls: Arc<Calls>,
    cancel: CancelToken,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.lock().retain(|cancel| !cancel.is_same(&self.cancel));
    }
}
