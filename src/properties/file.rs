//! Checks that the file parser agrees with a plain evaluation of the whole document.

use serde_json::{Map, Value};

use super::time::plain_time;
use crate::address;
use crate::outcome::IgnoredReason;
use crate::sources::config::{self, Config};

/// The parser never panics, and classifies every document that `serde_json::Value` can hold by the rules. It accepts more: a
/// number such as 1e400 invalidates its own field here, and the whole document there.
pub fn file(bytes: &[u8]) {
    let verdict = config::parse(bytes);
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match serde_json::from_slice::<Value>(unmarked) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            let reported = verdict.as_ref().map_err(|ignored| ignored.reason);
            if let Some(expected) = reason(&fields) {
                assert_eq!(reported.err(), expected, "{fields:?}");
            }
            if let Ok(config) = verdict {
                agrees(&config, &fields);
            }
        }
        Ok(_) => assert_eq!(verdict.err().map(|ignored| ignored.reason), Some(IgnoredReason::NotAnObject)),
        // Not valid syntax, so there is nothing to compare.
        Err(error) if error.is_eof() => {
            assert_eq!(verdict.err().map(|ignored| ignored.reason), Some(IgnoredReason::NotJson));
        }
        Err(_) => {}
    }
}

/// Returns why the rules ignore a document, if they do. Returns `None` if a number is so close to a port that two parsers may
/// disagree about its digits.
fn reason(fields: &Map<String, Value>) -> Option<Option<IgnoredReason>> {
    let is_invalid_id = fields.get("instanceId").is_some_and(|id| !id.is_string());
    let reason = match fields.get("health").and_then(Value::as_str) {
        None => Some(IgnoredReason::BadHealth),
        Some("starting" | "restarting") => is_invalid_id.then_some(IgnoredReason::BadInstanceId),
        Some("running") => match fields.get("port").and_then(Value::as_f64) {
            Some(port) if port.fract() != 0.0 && (port - port.round()).abs() < 1e-9 => return None,
            Some(port) if port.fract() == 0.0 && (1.0..=65535.0).contains(&port) => {
                if fields.get("address").and_then(Value::as_str).and_then(address::kind).is_none() {
                    Some(IgnoredReason::BadAddress)
                } else if is_invalid_id {
                    Some(IgnoredReason::BadInstanceId)
                } else {
                    fields
                        .get("exposeToNetwork")
                        .is_some_and(|expose| !expose.is_boolean())
                        .then_some(IgnoredReason::BadExposeToNetwork)
                }
            }
            _ => Some(IgnoredReason::BadPort),
        },
        Some(_) => Some(IgnoredReason::NotRunning),
    };
    Some(reason)
}

fn agrees(config: &Config<'_>, fields: &Map<String, Value>) {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (id, updated_at) = match config {
        Config::Running(running) => {
            assert_eq!(Some(&*running.address), text("address"));
            assert_eq!(Some(f64::from(running.port)), fields["port"].as_f64());
            assert_eq!(
                running.expose_to_network,
                fields.get("exposeToNetwork").is_some_and(|value| value == true)
            );
            (&running.instance_id, running.updated_at)
        }
        Config::Starting(starting) => {
            assert_eq!(Some(if starting.restarting { "restarting" } else { "starting" }), text("health"));
            (&starting.instance_id, starting.updated_at)
        }
    };
    assert_eq!(id.as_deref(), text("instanceId"));
    assert_eq!(updated_at.map(|time| time.timestamp_millis()), text("updatedAt").and_then(plain_time));
}
