//! Reports to the callback of a watcher what has changed since its last report.

use super::super::{NetworkChange, NetworkEvent, NetworkInstance};
use crate::error::{Error, ErrorCode};

/// The callback of a watcher, and the state that it received last.
pub struct Listener {
    on_event: Box<dyn FnMut(NetworkEvent) + Send>,
    told: Option<(Vec<NetworkInstance>, Option<ErrorCode>)>,
    /// Why the network cannot be searched.
    unavailable: Option<Error>,
}

impl Listener {
    /// A callback that has received nothing yet.
    pub fn new(on_event: Box<dyn FnMut(NetworkEvent) + Send>) -> Self {
        Self { on_event, told: None, unavailable: None }
    }

    /// Reports the state, unless it is the one that was reported last.
    pub fn publish(&mut self, instances: Vec<NetworkInstance>) {
        let reason = self.unavailable.clone();
        let state = (instances, reason.as_ref().map(Error::code));
        if self.told.as_ref() == Some(&state) {
            return;
        }
        let before = self.told.as_ref().map_or(&[][..], |(instances, _)| instances);
        let change = NetworkChange { reason, ..NetworkChange::between(before, &state.0) };
        self.told = Some(state);
        (self.on_event)(NetworkEvent::Change(change));
    }

    /// Reports a warning.
    pub fn warn(&mut self, error: Error) {
        (self.on_event)(NetworkEvent::Warning(error));
    }

    /// Reports whether the network can be used, and warns once for as long as it cannot.
    pub fn set_unavailable(&mut self, error: Option<Error>) {
        let was_unavailable = std::mem::replace(&mut self.unavailable, error.clone()).is_some();
        if let Some((instances, _)) = &self.told {
            self.publish(instances.clone());
        }
        if let Some(error) = error
            && !was_unavailable
        {
            self.warn(error);
        }
    }
}
