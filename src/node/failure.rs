//! Converts errors into plain objects, `{ code, ...facts }`, which `lib/errors.js` turns into an `Error`.

use std::path::{Path, PathBuf};

use napi::bindgen_prelude::{Object, ToNapiValue, Unknown};
use napi::{Env, Result};

use super::report::{outcome_text, outcome_word, set_known};
use super::to_js::{JsFactories, ToJs};
use crate::error::{DegradedCause, Error, ErrorDetails, NotFound, Operation, Resource};

impl ToJs for Error {
    fn to_js<'env>(self, env: &'env Env, _factories: &JsFactories) -> Result<Unknown<'env>> {
        self.to_failure(env)
    }
}

impl Error {
    /// Converts the error into a plain object.
    pub fn to_failure<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        let mut failure = Object::new(env)?;
        failure.set("code", self.code().as_str())?;
        match self.details() {
            ErrorDetails::NotFound(facts) => set_not_found(env, &mut failure, facts)?,
            ErrorDetails::Starting { path, restarting } => {
                failure.set("path", text(path))?;
                failure.set("restarting", *restarting)?;
            }
            ErrorDetails::NotResponding { servers, total } => {
                let servers = array(env, servers, |server, (address, outcome)| {
                    server.set("server", address.to_string())?;
                    server.set("outcome", outcome_word(outcome))?;
                    set_known(server, "detail", outcome_text(outcome))
                })?;
                failure.set("servers", servers)?;
                failure.set("total", u32::try_from(*total).unwrap_or(u32::MAX))?;
            }
            ErrorDetails::AccessDenied { path, blocked_by, system_error } => {
                failure.set("path", text(path))?;
                set_path(&mut failure, "blockedBy", blocked_by.as_ref())?;
                failure.set("systemError", system_error)?;
            }
            ErrorDetails::UnreadableDirectory { path, system_error } => {
                failure.set("kind", "unreadable-directory")?;
                failure.set("path", text(path))?;
                failure.set("systemError", system_error)?;
            }
            ErrorDetails::NotADirectory { path } => {
                failure.set("kind", "not-a-directory")?;
                failure.set("path", text(path))?;
            }
            ErrorDetails::UnknownHome => failure.set("kind", "unknown-home")?,
            ErrorDetails::ResourceExhausted { operation, resource, system_error } => {
                failure.set(
                    "kind",
                    match operation {
                        Operation::Probe => "cannot-probe",
                        Operation::Watch => "cannot-watch",
                    },
                )?;
                failure.set(
                    "resource",
                    match resource {
                        Resource::Descriptors => "descriptors",
                        Resource::Ports => "ports",
                        Resource::Threads => "threads",
                    },
                )?;
                failure.set("systemError", system_error)?;
            }
            ErrorDetails::WatchDegraded(cause) => set_cause(&mut failure, cause)?,
            ErrorDetails::NetworkUnavailable { connected, system_error } => {
                failure.set("connected", *connected)?;
                failure.set("systemError", system_error)?;
            }
            ErrorDetails::Cancelled => {}
            ErrorDetails::Internal { panic, degraded } => {
                failure.set("panic", panic)?;
                failure.set("degraded", *degraded)?;
            }
        }
        failure.into_unknown(env)
    }
}

fn set_not_found(env: &Env, failure: &mut Object<'_>, facts: &NotFound) -> Result<()> {
    let read = facts.read.iter().map(|path| (path, "read"));
    let missing = facts.missing.iter().map(|path| (path, "missing"));
    let directories: Vec<_> = read.chain(missing).collect();
    let directories = array(env, &directories, |directory, (path, status)| {
        directory.set("path", text(path))?;
        directory.set("status", *status)
    })?;
    failure.set("directories", directories)?;
    let ignored = array(env, &facts.ignored, |ignored, (reason, count)| {
        ignored.set("reason", reason.as_str())?;
        ignored.set("count", u32::try_from(*count).unwrap_or(u32::MAX))
    })?;
    failure.set("ignored", ignored)?;
    set_path(failure, "nestedRuntimeDir", facts.nested_runtime_dir.as_ref())?;
    if let Some((path, system_error)) = &facts.unreadable {
        let mut unreadable = Object::new(env)?;
        unreadable.set("path", text(path))?;
        unreadable.set("systemError", system_error)?;
        failure.set("unreadable", unreadable)?;
    }
    Ok(())
}

fn set_cause(failure: &mut Object<'_>, cause: &DegradedCause) -> Result<()> {
    let word = match cause {
        DegradedCause::SharedDisk { .. } => "shared-disk",
        DegradedCause::Unreadable { .. } => "unreadable",
        DegradedCause::TooManyEntries { .. } => "too-many-entries",
        DegradedCause::WatchLimit => "watch-limit",
        DegradedCause::ResourceExhausted { .. } => "resource-exhausted",
        DegradedCause::Refused { .. } => "refused",
        DegradedCause::QueueOverflow => "queue-overflow",
        DegradedCause::BackendRestarted => "backend-restarted",
    };
    failure.set("cause", word)?;
    match cause {
        DegradedCause::SharedDisk { path } | DegradedCause::Unreadable { path } => {
            failure.set("path", text(path))
        }
        DegradedCause::TooManyEntries { path, limit } => {
            failure.set("path", text(path))?;
            failure.set("limit", u32::try_from(*limit).unwrap_or(u32::MAX))
        }
        DegradedCause::ResourceExhausted { system_error } | DegradedCause::Refused { system_error } => {
            failure.set("systemError", system_error)
        }
        DegradedCause::WatchLimit | DegradedCause::QueueOverflow | DegradedCause::BackendRestarted => Ok(()),
    }
}

fn array<'env, T>(
    env: &'env Env,
    items: &[T],
    fill: impl Fn(&mut Object<'_>, &T) -> Result<()>,
) -> Result<Unknown<'env>> {
    let mut array = env.create_array(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
    for (index, item) in (0..).zip(items) {
        let mut object = Object::new(env)?;
        fill(&mut object, item)?;
        array.set(index, object)?;
    }
    array.into_unknown(env)
}

fn set_path(failure: &mut Object<'_>, name: &str, path: Option<&PathBuf>) -> Result<()> {
    path.map_or(Ok(()), |path| failure.set(name, text(path)))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
