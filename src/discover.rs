//! Finds the running instances: the newest, all of them, or a report on every entry.

use std::ops::ControlFlow;

use crate::cancel::CancelToken;
use crate::candidate::Instance;
use crate::error::Error;
use crate::options::{DiscoverOptions, Plan};
use crate::report::{self, RuntimeReport};
use crate::snapshot::Snapshot;
use crate::verify;

/// Returns the newest running instance.
///
/// # Errors
///
/// - [`NotFound`](crate::ErrorCode::NotFound): no instance is running.
/// - [`Starting`](crate::ErrorCode::Starting): an instance is about to run.
/// - [`NotResponding`](crate::ErrorCode::NotResponding): when verifying, no published instance answered.
/// - [`AccessDenied`](crate::ErrorCode::AccessDenied), [`Io`](crate::ErrorCode::Io): a directory cannot be read and no
///   other held an instance.
/// - [`Cancelled`](crate::ErrorCode::Cancelled): the token was cancelled.
///
/// # Examples
///
/// ```no_run
/// use osaurus_discovery::{CancelToken, DiscoverOptions, PROBE_TIMEOUT, latest};
///
/// let options = DiscoverOptions::new().verify(PROBE_TIMEOUT);
/// println!("{}", latest(&options, &CancelToken::new())?.url);
/// # Ok::<(), osaurus_discovery::Error>(())
/// ```
pub fn latest(options: &DiscoverOptions, cancel: &CancelToken) -> Result<Instance, Error> {
    options.clone().plan(cancel.clone())?.latest()
}

/// Returns all running instances, newest first. The list is empty if none is running.
///
/// # Errors
///
/// The errors of [`latest`], except [`NotFound`](crate::ErrorCode::NotFound), [`Starting`](crate::ErrorCode::Starting)
/// and [`NotResponding`](crate::ErrorCode::NotResponding).
///
/// # Examples
///
/// ```
/// use osaurus_discovery::{CancelToken, DiscoverOptions, list};
///
/// let options = DiscoverOptions::new().base_dir("/there/is/no/such/directory");
/// assert!(list(&options, &CancelToken::new())?.is_empty());
/// # Ok::<(), osaurus_discovery::Error>(())
/// ```
pub fn list(options: &DiscoverOptions, cancel: &CancelToken) -> Result<Vec<Instance>, Error> {
    options.clone().plan(cancel.clone())?.list()
}

/// Returns every directory and every entry, and why each entry counts or does not.
///
/// # Errors
///
/// - [`Cancelled`](crate::ErrorCode::Cancelled): the token was cancelled.
/// - [`Io`](crate::ErrorCode::Io): the home directory is unknown, or servers cannot be probed.
///
/// Problems with a directory or an entry are part of the report.
///
/// # Examples
///
/// ```no_run
/// use osaurus_discovery::report::EntryStatus;
/// use osaurus_discovery::{CancelToken, DiscoverOptions, PROBE_TIMEOUT, inspect};
///
/// let options = DiscoverOptions::new().verify(PROBE_TIMEOUT);
/// for entry in inspect(&options, &CancelToken::new())?.entries {
///     if let EntryStatus::Ignored { ignored, .. } = entry.status {
///         println!("{}: {}", entry.path.display(), ignored.detail);
///     }
/// }
/// # Ok::<(), osaurus_discovery::Error>(())
/// ```
pub fn inspect(options: &DiscoverOptions, cancel: &CancelToken) -> Result<RuntimeReport, Error> {
    options.clone().plan(cancel.clone())?.inspect()
}

impl Plan {
    pub fn latest(&self) -> Result<Instance, Error> {
        let Some(timeout) = self.probe_timeout else {
            let mut snapshot = Snapshot::newest(self)?;
            return snapshot
                .candidates
                .pop()
                .map(|best| best.instance)
                .ok_or_else(|| snapshot.why_none(None));
        };
        let mut snapshot = Snapshot::take(self)?;
        let results = verify::probe_candidates(&snapshot.candidates, timeout, &self.cancel, |results| {
            match verify::newest(results) {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })?;
        match verify::newest(&results) {
            Some(index) => Ok(snapshot.candidates.swap_remove(index).verified()),
            None => self.at_fallback(&snapshot)?.ok_or_else(|| snapshot.why_none_verified(&results)),
        }
    }

    pub fn list(&self) -> Result<Vec<Instance>, Error> {
        let snapshot = Snapshot::take(self)?;
        let outcome = match self.probe_timeout {
            None => snapshot.outcome(),
            Some(timeout) => {
                let results = verify::probe_candidates(&snapshot.candidates, timeout, &self.cancel, |_| {
                    ControlFlow::Continue(())
                })?;
                match snapshot.verified_outcome(&results) {
                    Err(error) => self.at_fallback(&snapshot)?.map(|instance| vec![instance]).ok_or(error),
                    outcome => outcome,
                }
            }
        };
        match outcome {
            Err(error) if error.code().means_none_running() => Ok(Vec::new()),
            outcome => outcome,
        }
    }

    /// Returns the instance at the fallback address, if Osaurus answers there.
    fn at_fallback(&self, snapshot: &Snapshot) -> Result<Option<Instance>, Error> {
        let probe = verify::probe_fallback(self, snapshot, &self.cancel)?;
        let answered = probe.filter(|probe| probe.result.is_osaurus());
        Ok(answered.map(|probe| snapshot.instance_at(probe.server)))
    }

    pub fn inspect(&self) -> Result<RuntimeReport, Error> {
        report::inspect(self)
    }
}

#[cfg(test)]
mod tests;
