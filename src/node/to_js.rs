//! Converts values of the core into JavaScript values.

use chrono::{DateTime, Utc};
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef, ToNapiValue, Unknown};
use napi::{Env, Result};

use crate::candidate::Instance;
use crate::error::Error;
use crate::report::RuntimeReport;

/// `(instanceId, updatedAt, address, port, url, exposeToNetwork)`, in the order of the public type.
type InstanceArgs = FnArgs<(String, f64, String, u16, String, bool)>;

/// The JavaScript function that creates the object of one instance.
pub type InstanceFactory<'env> = Function<'env, InstanceArgs, Unknown<'static>>;

/// The JavaScript functions that create objects, kept for later calls in their environment.
pub struct JsFactories {
    instance: FunctionRef<InstanceArgs, Unknown<'static>>,
}

impl JsFactories {
    pub fn new(instance: &InstanceFactory<'_>) -> Result<Self> {
        Ok(Self { instance: instance.create_ref()? })
    }
}

/// The output of an operation.
pub enum Output {
    Instance(Instance),
    Instances(Vec<Instance>),
    Report(RuntimeReport),
}

impl ToJs for Output {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        match self {
            Self::Instance(instance) => instance.to_js(env, factories),
            Self::Instances(instances) => instances.to_js(env, factories),
            Self::Report(report) => report.to_js(env, factories),
        }
    }
}

/// A value of the core that converts to a JavaScript value.
pub trait ToJs {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>>;
}

impl ToJs for Instance {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        let args = (
            self.instance_id,
            milliseconds(self.updated_at),
            self.address,
            self.port,
            self.url,
            self.expose_to_network,
        );
        factories.instance.borrow_back(env)?.call(args.into())
    }
}

impl<T: ToJs> ToJs for Vec<T> {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        let mut array = env.create_array(u32::try_from(self.len()).unwrap_or(u32::MAX))?;
        for (index, item) in (0..).zip(self) {
            array.set(index, item.to_js(env, factories)?)?;
        }
        array.into_unknown(env)
    }
}

/// An error becomes a plain object, from which `lib/errors.js` makes an `Error` with the stack of the caller.
impl<T: ToJs> ToJs for std::result::Result<T, Error> {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        match self {
            Ok(value) => value.to_js(env, factories),
            Err(error) => error.to_js(env, factories),
        }
    }
}

/// Returns milliseconds since the Unix epoch, with a fraction as in `stat.mtimeMs` of Node.
pub fn milliseconds(time: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years around the epoch")]
    let seconds = time.timestamp() as f64;
    seconds * 1e3 + f64::from(time.timestamp_subsec_nanos()) / 1e6
}
