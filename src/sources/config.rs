//! Parses the bytes of one configuration.json.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::address;
use crate::json::string;
use crate::outcome::{Ignored, IgnoredReason};

/// The size limit of a file. Files of Osaurus have about 235 bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// The maximum nesting depth, including the outer braces: the depth at which serde_json stops.
const MAX_DEPTH: usize = 127;

/// The content of a file that counts.
#[derive(Debug)]
pub enum Config<'a> {
    Running(Running<'a>),
    Starting(Starting<'a>),
}

/// The content of a valid file whose `health` is `running`.
#[derive(Debug)]
pub struct Running<'a> {
    pub instance_id: Option<Cow<'a, str>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub address: Cow<'a, str>,
    pub port: u16,
    pub expose_to_network: bool,
    kind: address::Kind,
    published_url: Option<&'a RawValue>,
}

impl Running<'_> {
    /// Returns the URL for clients on this machine.
    pub fn url(&self) -> String {
        let published = self.published_url.and_then(string);
        address::url(&self.address, self.kind, self.port, published.as_deref())
    }

    /// Returns the loopback address to probe.
    pub fn server(&self) -> SocketAddr {
        address::loopback(self.kind, self.port)
    }
}

/// The content of a valid file whose `health` is `starting` or `restarting`.
#[derive(Debug)]
pub struct Starting<'a> {
    pub restarting: bool,
    pub instance_id: Option<Cow<'a, str>>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// Parses the bytes of one file and borrows from them where possible.
pub fn parse(bytes: &[u8]) -> Result<Config<'_>, Ignored> {
    let fields = Fields::parse(bytes)?;
    let health = fields.health.ok_or_else(|| Ignored::new(IgnoredReason::BadHealth, "health is missing"))?;
    let health = string(health)
        .ok_or_else(|| Ignored::new(IgnoredReason::BadHealth, type_mismatch("health", "a string", health)))?;

    match &*health {
        "running" => Ok(Config::Running(running(&fields)?)),
        "starting" | "restarting" => Ok(Config::Starting(Starting {
            restarting: health == "restarting",
            instance_id: fields.instance_id()?,
            updated_at: fields.updated_at(),
        })),
        other => Err(Ignored::new(
            IgnoredReason::NotRunning,
            format!("health is {}", excerpt(&format!("{other:?}"))),
        )),
    }
}

fn running<'a>(fields: &Fields<'a>) -> Result<Running<'a>, Ignored> {
    let port = fields.port.ok_or_else(|| Ignored::new(IgnoredReason::BadPort, "port is missing"))?;
    let port = port_number(port).ok_or_else(|| {
        Ignored::new(IgnoredReason::BadPort, type_mismatch("port", "a whole number from 1 to 65535", port))
    })?;

    let raw = fields.address.ok_or_else(|| Ignored::new(IgnoredReason::BadAddress, "address is missing"))?;
    let (address, kind) =
        string(raw).and_then(|text| address::kind(&text).map(|kind| (text, kind))).ok_or_else(|| {
            Ignored::new(
                IgnoredReason::BadAddress,
                type_mismatch("address", "an IPv4 or IPv6 address or a host name", raw),
            )
        })?;

    let instance_id = fields.instance_id()?;
    let expose_to_network = match fields.expose_to_network {
        None => false,
        Some(raw) => serde_json::from_str(raw.get()).map_err(|_| {
            Ignored::new(
                IgnoredReason::BadExposeToNetwork,
                type_mismatch("exposeToNetwork", "a boolean", raw),
            )
        })?,
    };

    Ok(Running {
        instance_id,
        updated_at: fields.updated_at(),
        address,
        port,
        expose_to_network,
        kind,
        published_url: fields.url,
    })
}

/// The raw text of each known field: the last one if a field repeats, `None` if it is null. An unusual value, such as 1e400 or
/// an unpaired surrogate, invalidates its own field only, and nothing in an unknown field.
#[derive(Default)]
struct Fields<'a> {
    address: Option<&'a RawValue>,
    expose_to_network: Option<&'a RawValue>,
    health: Option<&'a RawValue>,
    instance_id: Option<&'a RawValue>,
    port: Option<&'a RawValue>,
    updated_at: Option<&'a RawValue>,
    url: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Ignored> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Ignored::new(IgnoredReason::NotJson, format!("not UTF-8 after byte {}", error.valid_up_to()))
        })?;
        if nests_too_deep(bytes) {
            return Err(Ignored::new(
                IgnoredReason::NotJson,
                format!("nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        serde_json::from_str(text).map_err(|error| match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Ignored::new(IgnoredReason::NotAnObject, "JSON, but not an object"),
            Err(_) if text.trim_ascii().is_empty() => {
                Ignored::new(IgnoredReason::NotJson, "the file is empty")
            }
            Err(_) => Ignored::new(IgnoredReason::NotJson, format!("not JSON: {error}")),
        })
    }

    fn instance_id(&self) -> Result<Option<Cow<'a, str>>, Ignored> {
        let Some(raw) = self.instance_id else { return Ok(None) };
        match string(raw) {
            Some(id) => Ok(Some(id)),
            None => {
                Err(Ignored::new(IgnoredReason::BadInstanceId, type_mismatch("instanceId", "a string", raw)))
            }
        }
    }

    /// Truncates to milliseconds, because JavaScript has no finer ones and the order must not depend on invisible digits.
    fn updated_at(&self) -> Option<DateTime<Utc>> {
        // chrono also accepts the sign U+2212, which RFC 3339 does not.
        let text = string(self.updated_at?).filter(|text| text.is_ascii())?;
        let time = DateTime::parse_from_rfc3339(&text).ok()?;
        Some(time.with_timezone(&Utc).trunc_subsecs(3))
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        // Raw, because a name with an unpaired surrogate is not a `str`, but still an unknown field.
        while let Some(name) = map.next_key::<&RawValue>()? {
            let field = match string(name).as_deref() {
                Some("address") => &mut fields.address,
                Some("exposeToNetwork") => &mut fields.expose_to_network,
                Some("health") => &mut fields.health,
                Some("instanceId") => &mut fields.instance_id,
                Some("port") => &mut fields.port,
                Some("updatedAt") => &mut fields.updated_at,
                Some("url") => &mut fields.url,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let value: &RawValue = map.next_value()?;
            *field = (value.get() != "null").then_some(value);
        }
        Ok(fields)
    }
}

/// Whether brackets nest deeper than allowed, without recursion. Files as short as those of Osaurus cannot
/// hold that many pairs.
fn nests_too_deep(bytes: &[u8]) -> bool {
    if bytes.len() <= 2 * MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Returns a port. JSON has one kind of number, so `1337.0` and `1.337e3` are 1337.
fn port_number(raw: &RawValue) -> Option<u16> {
    let text = raw.get();
    if let Ok(port) = text.parse::<u16>() {
        return (port > 0).then_some(port);
    }
    // 1e400 parses as infinity. Strings and brackets do not parse, and the words inf and nan, which Rust would accept, are
    // not JSON.
    let number: f64 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and in range, by the condition"
    )]
    (number.fract() == 0.0 && (1.0..=65535.0).contains(&number)).then_some(number as u16)
}

fn type_mismatch(field: &str, wanted: &str, got: &RawValue) -> String {
    format!("{field} is not {wanted}: {}", excerpt(got.get()))
}

/// Returns the beginning of a value on one line, without control or bidirectional characters.
fn excerpt(value: &str) -> String {
    const MOST: usize = 60;
    let mut shown = String::new();
    for (count, c) in value.chars().enumerate() {
        match c {
            _ if count == MOST => {
                shown.push('…');
                break;
            }
            '"' | '\'' | '\\' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests;
