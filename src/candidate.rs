//! What is known of an entry that says it is running?

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::instance::Instance;
use crate::rank::{self, Rank};
use crate::sources::config::Running;

/// An entry that says it is running, borrowed from the scan.
pub struct Found<'a> {
    pub dir: &'a Path,
    pub folder: &'a OsStr,
    pub instance_id: Cow<'a, str>,
    pub updated_at: DateTime<Utc>,
    pub file_modified: DateTime<Utc>,
    pub running: Running<'a>,
}

impl<'a> Found<'a> {
    pub fn new(
        dir: &'a Path,
        folder: &'a OsStr,
        running: Running<'a>,
        updated_at: DateTime<Utc>,
        file_modified: DateTime<Utc>,
    ) -> Self {
        let instance_id = running.instance_id.clone().unwrap_or_else(|| folder.to_string_lossy());
        Self { dir, folder, instance_id, updated_at, file_modified, running }
    }

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
            dir: self.dir.to_owned(),
            folder: self.folder.to_owned(),
            server: self.running.server(),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    dir: PathBuf,
    /// By itself, since sorting asks for it again and again.
    folder: OsString,
    /// Where to ask whether it lives.
    pub server: SocketAddr,
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

    /// The instance's folder.
    pub fn path(&self) -> PathBuf {
        self.dir.join(&self.folder)
    }

    /// The instance as it is known once it has answered: the url is the one that did.
    pub fn verified(mut self) -> Instance {
        self.instance.url = format!("http://{}", self.server);
        self.instance
    }
}

/// Sorts, newest first, and parts the newest of each id from older entries of the same id.
pub fn dedup_by_id(mut candidates: Vec<Candidate>) -> (Vec<Candidate>, Vec<Candidate>) {
    rank::newest_first(&mut candidates, Candidate::rank);
    let is_first_of_key = rank::is_first_of_key(&candidates, |candidate| &*candidate.instance.instance_id);
    rank::partition_first(candidates, &is_first_of_key)
}
