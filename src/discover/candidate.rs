//! What is known of an entry that says it is running?

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use chrono::{DateTime, Utc};

use crate::config::Running;
use crate::instance::Instance;
use crate::select::Rank;

/// An entry that says it is running, borrowed from the scan.
pub struct Found<'a> {
    pub folder: &'a OsStr,
    pub instance_id: Cow<'a, str>,
    pub updated_at: DateTime<Utc>,
    pub file_modified: DateTime<Utc>,
    pub running: Running<'a>,
}

impl Found<'_> {
    pub fn rank(&self) -> Rank<'_> {
        Rank {
            updated_at: self.updated_at,
            file_modified: self.file_modified,
            instance_id: &self.instance_id,
            folder: self.folder,
        }
    }

    pub fn to_candidate(&self) -> Candidate {
        Candidate {
            folder: self.folder.to_owned(),
            file_modified: self.file_modified,
            instance: Instance {
                instance_id: self.instance_id.clone().into_owned(),
                updated_at: self.updated_at,
                address: self.running.address.clone().into_owned(),
                port: self.running.port,
                url: self.running.url(),
                expose_to_network: self.running.expose_to_network,
            },
        }
    }
}

/// The same, kept.
#[derive(Debug)]
pub struct Candidate {
    pub folder: OsString,
    pub file_modified: DateTime<Utc>,
    pub instance: Instance,
}

impl Candidate {
    pub fn rank(&self) -> Rank<'_> {
        Rank {
            updated_at: self.instance.updated_at,
            file_modified: self.file_modified,
            instance_id: &self.instance.instance_id,
            folder: &self.folder,
        }
    }
}
