//! What does JavaScript get for a report?

use napi::bindgen_prelude::{Object, ToNapiValue, Unknown};
use napi::{Env, Result};

use super::to_js::{JsFactories, ToJs, milliseconds};
use crate::ProbeOutcome;
use crate::report::{DirectoryReport, DirectoryStatus, EntryReport, EntryStatus, ProbeReport, RuntimeReport};

impl ToJs for RuntimeReport {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let mut report = Object::new(env)?;
        report.set("directories", self.directories.to_js(env, make)?)?;
        report.set("entries", self.entries.to_js(env, make)?)?;
        report.into_unknown(env)
    }
}

impl ToJs for DirectoryReport {
    fn to_js<'env>(self, env: &'env Env, _make: &JsFactories) -> Result<Unknown<'env>> {
        let (status, detail) = match self.status {
            DirectoryStatus::Read => ("read", None),
            DirectoryStatus::Missing => ("missing", None),
            DirectoryStatus::NotADirectory => ("not-a-directory", None),
            DirectoryStatus::AccessDenied(error) => ("access-denied", Some(error.to_string())),
            DirectoryStatus::Error(error) => ("error", Some(error.to_string())),
        };
        let mut report = Object::new(env)?;
        report.set("path", self.path.to_string_lossy().as_ref())?;
        report.set("legacy", self.legacy)?;
        report.set("status", status)?;
        set_known(&mut report, "detail", detail)?;
        report.into_unknown(env)
    }
}

impl ToJs for EntryReport {
    fn to_js<'env>(self, env: &'env Env, make: &JsFactories) -> Result<Unknown<'env>> {
        let mut report = Object::new(env)?;
        let path = self.path.to_string_lossy();
        match self.status {
            EntryStatus::Running { instance, probe } => {
                report.set("status", "running")?;
                report.set("path", path.as_ref())?;
                report.set("instance", instance.to_js(env, make)?)?;
                set_probe(env, make, &mut report, probe)?;
            }
            EntryStatus::Starting { restarting, instance_id, updated_at } => {
                report.set("status", if restarting { "restarting" } else { "starting" })?;
                report.set("path", path.as_ref())?;
                report.set("instanceId", instance_id)?;
                report.set("updatedAt", milliseconds(updated_at))?;
            }
            EntryStatus::Ignored { ignored, instance, probe } => {
                report.set("status", "ignored")?;
                report.set("path", path.as_ref())?;
                report.set("reason", ignored.reason.as_str())?;
                report.set("detail", ignored.detail)?;
                if let Some(instance) = instance {
                    report.set("instance", instance.to_js(env, make)?)?;
                }
                set_probe(env, make, &mut report, probe)?;
            }
        }
        report.into_unknown(env)
    }
}

impl ToJs for ProbeReport {
    fn to_js<'env>(self, env: &'env Env, _make: &JsFactories) -> Result<Unknown<'env>> {
        let (outcome, detail) = match self.outcome {
            ProbeOutcome::Osaurus { .. } => ("osaurus", None),
            ProbeOutcome::Refused => ("refused", None),
            ProbeOutcome::TimedOut => ("timed-out", None),
            ProbeOutcome::NotOsaurus(words) => ("not-osaurus", Some(words)),
            ProbeOutcome::Error(words) => ("error", Some(words)),
        };
        let mut report = Object::new(env)?;
        report.set("outcome", outcome)?;
        report.set("url", self.url)?;
        report.set("durationMs", self.duration.as_secs_f64() * 1e3)?;
        let access_key = self.wants_key.map(|wants| if wants { "required" } else { "not-required" });
        set_known(&mut report, "accessKey", access_key)?;
        set_known(&mut report, "detail", detail)?;
        report.into_unknown(env)
    }
}

fn set_probe(
    env: &Env,
    make: &JsFactories,
    report: &mut Object<'_>,
    probe: Option<ProbeReport>,
) -> Result<()> {
    let probe = probe.map(|probe| probe.to_js(env, make)).transpose()?;
    set_known(report, "probe", probe)
}

/// What is unknown is missing, not undefined: so the objects compare as their types say.
fn set_known<T: ToNapiValue>(report: &mut Object<'_>, name: &str, value: Option<T>) -> Result<()> {
    value.map_or(Ok(()), |value| report.set(name, value))
}
