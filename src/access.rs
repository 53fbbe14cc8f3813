//! Checks whether verified servers accept an access key, and which models they list.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::json;
use crate::options::Plan;
use crate::outcome::AccessKeyStatus;
use crate::probe::response::Response;
use crate::probe::{self, Query};

/// What the responses of one server to `GET /v1/models` say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Unknown if no response tells.
    pub key: Option<AccessKeyStatus>,
    /// The names of the models, if the server listed them.
    pub models: Option<Vec<String>>,
    /// The status of the last response.
    pub status: Option<u16>,
    /// The value of `Access-Control-Allow-Origin` in the last response.
    pub allow_origin: Option<String>,
}

/// Requests the models of servers that have just been verified.
///
/// The first request carries no key. The key of the plan goes only to the servers that require one.
pub fn query(plan: &Plan, timeout: Duration, servers: &[SocketAddr]) -> Vec<Access> {
    let mut results = vec![Access::default(); servers.len()];
    let all: Vec<_> = (0..servers.len()).collect();
    request(plan, timeout, servers, &all, None, &mut results);
    if let Some(key) = &plan.access_key {
        let is_required = |index: &usize| results[*index].key == Some(AccessKeyStatus::Required);
        let with_key: Vec<_> = all.into_iter().filter(is_required).collect();
        request(plan, timeout, servers, &with_key, Some(&key.0), &mut results);
    }
    results
}

fn request(
    plan: &Plan,
    timeout: Duration,
    servers: &[SocketAddr],
    indices: &[usize],
    access_key: Option<&str>,
    results: &mut [Access],
) {
    let probed: Vec<_> = indices.iter().map(|&index| servers[index]).collect();
    let query = Query::Models { access_key };
    let ended = probe::probe_all(&probed, query, timeout, &plan.cancel, |index, probed| {
        // What a server does not answer stays unknown.
        if let Ok(response) = probed.result {
            results[indices[index]] = evaluate(&response, access_key.is_some());
        }
        ControlFlow::Continue(())
    });
    // If descriptors have run out for this request alone, the rest of the report stands.
    drop(ended);
}

fn evaluate(response: &Response, with_key: bool) -> Access {
    let body = std::str::from_utf8(&response.body).unwrap_or_default();
    let key = match (response.status, with_key) {
        (200, false) => Some(AccessKeyStatus::NotRequired),
        (200, true) => Some(AccessKeyStatus::Accepted),
        (401, _) => Some(refusal(&error_message(body).unwrap_or_default(), with_key)),
        _ => None,
    };
    Access {
        key,
        models: if response.status == 200 { model_ids(body) } else { None },
        status: Some(response.status),
        allow_origin: response.allow_origin.clone(),
    }
}

/// Returns the text of `{"error":{"message":text}}`.
fn error_message(body: &str) -> Option<Cow<'_, str>> {
    let error = json::field(body, "error")?;
    json::string(json::field(error.get(), "message")?)
}

/// Returns the ids of `{"data":[{"id":text}]}`.
fn model_ids(body: &str) -> Option<Vec<String>> {
    let models = json::elements(json::field(body, "data")?)?;
    let id = |model: &&RawValue| Some(json::string(json::field(model.get(), "id")?)?.into_owned());
    Some(models.iter().filter_map(id).collect())
}

/// Recognizes the cause that Osaurus gives for status 401.
fn refusal(message: &str, with_key: bool) -> AccessKeyStatus {
    let message = message.to_ascii_lowercase();
    if message.contains("no access keys") {
        AccessKeyStatus::NoneConfigured
    } else if !with_key {
        AccessKeyStatus::Required
    } else if message.contains("expired") {
        AccessKeyStatus::Expired
    } else if message.contains("revoked") {
        AccessKeyStatus::Revoked
    } else {
        AccessKeyStatus::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(status: u16, body: &str, with_key: bool) -> Option<AccessKeyStatus> {
        evaluate(&Response { status, allow_origin: None, body: body.into() }, with_key).key
    }

    #[test]
    fn the_status_and_the_message_tell_the_state_of_the_key() {
        use AccessKeyStatus::{Accepted, Expired, NoneConfigured, NotRequired, Required, Revoked, Unknown};

        let refused =
            |message: &str| format!(r#"{{"error":{{"message":"{message}","type":"authentication_error"}}}}"#);
        let none = refused("No access keys configured. Create one in Osaurus.");
        let cases = [
            (200, String::new(), false, Some(NotRequired)),
            (200, String::new(), true, Some(Accepted)),
            (401, String::new(), false, Some(Required)),
            (401, refused("Missing access key"), false, Some(Required)),
            (401, none.clone(), false, Some(NoneConfigured)),
            (401, none, true, Some(NoneConfigured)),
            (401, refused("Access key has expired"), true, Some(Expired)),
            (401, refused("Access key has been revoked"), true, Some(Revoked)),
            (401, refused("Invalid access key: bad signature"), true, Some(Unknown)),
            (401, "not JSON".into(), true, Some(Unknown)),
            (403, String::new(), true, None),
            (500, String::new(), false, None),
        ];
        for (status, body, with_key, expected) in cases {
            assert_eq!(key(status, &body, with_key), expected, "{status} {body} {with_key}");
        }
    }

    #[test]
    fn models_are_the_ids_of_a_well_formed_list() {
        let models = |body: &str| {
            evaluate(&Response { status: 200, allow_origin: None, body: body.into() }, false).models
        };
        assert_eq!(
            models(r#"{"object":"list","data":[{"id":"foundation"},{"id":7},{"id":"b"}]}"#),
            Some(vec!["foundation".to_owned(), "b".to_owned()])
        );
        assert_eq!(models(r#"{"data":[]}"#), Some(Vec::new()));
        assert_eq!(models(r#"{"data":{}}"#), None);
        assert_eq!(models("[1]"), None);
        assert_eq!(models(""), None);
    }
}
