//! Converts the report of `inspect` into JavaScript objects.

use napi::bindgen_prelude::{Object, ToNapiValue, Unknown};
use napi::{Env, Result};

use super::to_js::{JsFactories, ToJs, milliseconds};
use crate::report::{
    AccessKeyStatus, DirectoryReport, DirectoryStatus, EntryReport, EntryStatus, FallbackReport,
    ProbeOutcome, ProbeReport, PublishedReport, RuntimeReport,
};

impl ToJs for RuntimeReport {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        let mut report = Object::new(env)?;
        report.set("directories", self.directories.to_js(env, factories)?)?;
        report.set("entries", self.entries.to_js(env, factories)?)?;
        if let Some(FallbackReport { probe, instance }) = self.fallback {
            let mut fallback = Object::new(env)?;
            fallback.set("probe", probe.to_js(env, factories)?)?;
            if let Some(instance) = instance {
                fallback.set("instance", instance.to_js(env, factories)?)?;
            }
            report.set("fallback", fallback)?;
        }
        report.into_unknown(env)
    }
}

impl ToJs for DirectoryReport {
    fn to_js<'env>(self, env: &'env Env, _factories: &JsFactories) -> Result<Unknown<'env>> {
        let (status, detail, blocked_by) = match self.status {
            DirectoryStatus::Read => ("read", None, None),
            DirectoryStatus::Missing => ("missing", None, None),
            DirectoryStatus::NotADirectory => ("not-a-directory", None, None),
            DirectoryStatus::AccessDenied { blocked_by, system_error } => {
                ("access-denied", Some(system_error), blocked_by)
            }
            DirectoryStatus::Error { system_error } => ("error", Some(system_error), None),
        };
        let mut report = Object::new(env)?;
        report.set("path", self.path.to_string_lossy().as_ref())?;
        report.set("legacy", self.legacy)?;
        report.set("status", status)?;
        set_known(&mut report, "detail", detail)?;
        set_known(&mut report, "blockedBy", blocked_by.map(|path| path.to_string_lossy().into_owned()))?;
        report.into_unknown(env)
    }
}

impl ToJs for EntryReport {
    fn to_js<'env>(self, env: &'env Env, factories: &JsFactories) -> Result<Unknown<'env>> {
        let mut report = Object::new(env)?;
        let path = self.path.to_string_lossy();
        match self.status {
            EntryStatus::Running { instance, probe, published } => {
                report.set("status", "running")?;
                report.set("path", path.as_ref())?;
                report.set("instance", instance.to_js(env, factories)?)?;
                set_probe(env, factories, &mut report, probe)?;
                if let Some(PublishedReport { instance, probe }) = published {
                    let mut published = Object::new(env)?;
                    published.set("instance", instance.to_js(env, factories)?)?;
                    set_probe(env, factories, &mut published, probe)?;
                    report.set("published", published)?;
                }
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
                    report.set("instance", instance.to_js(env, factories)?)?;
                }
                set_probe(env, factories, &mut report, probe)?;
            }
        }
        report.into_unknown(env)
    }
}

impl ToJs for ProbeReport {
    fn to_js<'env>(self, env: &'env Env, _factories: &JsFactories) -> Result<Unknown<'env>> {
        let mut report = Object::new(env)?;
        report.set("outcome", outcome_word(&self.outcome))?;
        report.set("url", self.url)?;
        report.set("durationMs", self.duration.as_secs_f64() * 1e3)?;
        set_known(&mut report, "accessKey", self.access_key.map(access_key_word))?;
        set_known(&mut report, "models", self.models)?;
        set_known(&mut report, "modelsStatus", self.models_status)?;
        set_known(&mut report, "allowOrigin", self.allow_origin)?;
        set_known(&mut report, "detail", outcome_text(&self.outcome))?;
        report.into_unknown(env)
    }
}

fn access_key_word(status: AccessKeyStatus) -> &'static str {
    match status {
        AccessKeyStatus::NotRequired => "not-required",
        AccessKeyStatus::Required => "required",
        AccessKeyStatus::Accepted => "accepted",
        AccessKeyStatus::Expired => "expired",
        AccessKeyStatus::Revoked => "revoked",
        AccessKeyStatus::Unknown => "unknown",
        AccessKeyStatus::NoneConfigured => "none-configured",
    }
}

/// Returns the public word of an outcome.
pub fn outcome_word(outcome: &ProbeOutcome) -> &'static str {
    match outcome {
        ProbeOutcome::Osaurus => "osaurus",
        ProbeOutcome::Refused => "refused",
        ProbeOutcome::TimedOut => "timed-out",
        ProbeOutcome::NotOsaurus(_) => "not-osaurus",
        ProbeOutcome::Error(_) => "error",
    }
}

/// Returns what an outcome says beyond its word.
pub fn outcome_text(outcome: &ProbeOutcome) -> Option<String> {
    match outcome {
        ProbeOutcome::NotOsaurus(text) | ProbeOutcome::Error(text) => Some(text.clone()),
        ProbeOutcome::Osaurus | ProbeOutcome::Refused | ProbeOutcome::TimedOut => None,
    }
}

fn set_probe(
    env: &Env,
    factories: &JsFactories,
    report: &mut Object<'_>,
    probe: Option<ProbeReport>,
) -> Result<()> {
    let probe = probe.map(|probe| probe.to_js(env, factories)).transpose()?;
    set_known(report, "probe", probe)
}

/// Sets a property unless it is unknown. A missing property, unlike one that is undefined, compares equal to its type.
pub fn set_known<T: ToNapiValue>(report: &mut Object<'_>, name: &str, value: Option<T>) -> Result<()> {
    value.map_or(Ok(()), |value| report.set(name, value))
}
