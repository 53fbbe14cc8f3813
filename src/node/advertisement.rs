//! Binds the advertiser of the testing kit to Node.

use std::sync::Mutex;

use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::network::Agent;
use crate::network::advertiser::{Advertiser, Announcement};
use crate::system::lock;

/// An agent to advertise.
#[napi(object, object_to_js = false)]
pub struct AdvertisedAgent {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
}

/// A server that is advertised on the local network from `start()` to `withdraw()`.
#[napi]
pub struct Advertisement {
    announcement: Announcement,
    advertiser: Mutex<Option<Advertiser>>,
}

#[napi]
impl Advertisement {
    /// `host` is a host name without `.local`, and `machine` the name of the Mac.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        host: String,
        machine: String,
        port: u16,
        agents: Vec<AdvertisedAgent>,
        loopback_only: bool,
    ) -> Self {
        let agents = agents.into_iter().map(|AdvertisedAgent { id, name, description }| Agent {
            id,
            name,
            description,
            address: None,
        });
        let announcement = Announcement { host, machine, port, agents: agents.collect(), loopback_only };
        Self { announcement, advertiser: Mutex::default() }
    }

    /// Announces the server. Returns the failure if that is not possible.
    #[napi(catch_unwind, ts_return_type = "Failure | undefined")]
    pub fn start<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        match Advertiser::start(&self.announcement) {
            Ok(advertiser) => {
                *lock(&self.advertiser) = Some(advertiser);
                ().into_unknown(env)
            }
            Err(error) => error.to_failure(env),
        }
    }

    /// Says goodbye, and returns once that is sent.
    #[napi(catch_unwind)]
    pub fn withdraw(&self) {
        let advertiser = lock(&self.advertiser).take();
        if let Some(advertiser) = advertiser {
            advertiser.withdraw();
        }
    }
}
