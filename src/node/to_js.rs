//! What does JavaScript get for a value of the core?

use chrono::{DateTime, Utc};
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef, Object, ToNapiValue, Unknown};
use napi::{Env, Result};

use crate::error::Error;
use crate::instance::Instance;
use crate::report::RuntimeReport;

/// `(instanceId, updatedAt, address, port, url, exposeToNetwork)`, in the order of the public type.
type InstanceArgs = FnArgs<(String, f64, String, u16, String, bool)>;

/// The function of JavaScript that makes the object for one instance.
pub type InstanceFactory<'env> = Function<'env, InstanceArgs, Unknown<'static>>;

/// The same, kept for later calls in its own environment.
pub struct JsFactories {
    instance: FunctionRef<InstanceArgs, Unknown<'static>>,
}

impl JsFactories {
    pub fn new(instance: &InstanceFactory<'_>) -> Result<Self> {
        Ok(Self { instance: instance.create_ref()? })
    }
}

/// What the core says to a question.
pub enum Output {
    Instance(Instance),
    Instances(Vec<Instance>),
    Report(RuntimeReport),
}

impl ToJs for Output {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        match self {
            Self::Instance(instance) => instance.to_js(env, make),
            Self::Instances(instances) => instances.to_js(env, make),
            Self::Report(report) => report.to_js(env, make),
        }
    }
}

/// A value of the core that JavaScript can have.
pub trait ToJs {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>>;
}

impl ToJs for Instance {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let args = (
            self.instance_id,
            milliseconds(self.updated_at),
            self.address,
            self.port,
            self.url,
            self.expose_to_network,
        );
        make.instance.borrow_back(env)?.call(args.into())
    }
}

impl<T: ToJs> ToJs for Vec<T> {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let mut array = env.create_array(u32::try_from(self.len()).unwrap_or(u32::MAX))?;
        for (index, item) in (0..).zip(self) {
            array.set(index, item.to_js(env, make)?)?;
        }
        array.into_unknown(env)
    }
}

/// A failure is data: JavaScript makes the `Error`.
impl<T: ToJs> ToJs for std::result::Result<T, Error> {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        match self {
            Ok(value) => value.to_js(env, make),
            Err(error) => {
                let mut failure = Object::new(env)?;
                failure.set("code", error.code().as_str())?;
                failure.set("message", error.to_string())?;
                failure.into_unknown(env)
            }
        }
    }
}

/// Milliseconds since the Unix epoch, with the fraction that Node's `stat.mtimeMs` has too.
pub fn milliseconds(time: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years around the epoch")]
    let seconds = time.timestamp() as f64;
    seconds * 1e3 + f64::from(time.timestamp_subsec_nanos()) / 1e6
}
