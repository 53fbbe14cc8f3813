//! Classifies published addresses and derives the URL for clients and the address to probe.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The kinds of address that Osaurus may publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    V4 { unspecified: bool },
    V6 { unspecified: bool },
    Name,
}

/// Classifies a published address. Returns `None` for text that is not an address.
pub fn kind(text: &str) -> Option<Kind> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some(Kind::V4 { unspecified: address.is_unspecified() });
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(Kind::V6 { unspecified: address.is_unspecified() });
    }
    is_host_name(text).then_some(Kind::Name)
}

/// Returns the address to probe. It is always on the loopback interface, because Osaurus always listens there and a
/// published network address may belong to another machine by now.
pub fn loopback(kind: Kind, port: u16) -> SocketAddr {
    let address: IpAddr = match kind {
        Kind::V6 { .. } => Ipv6Addr::LOCALHOST.into(),
        Kind::V4 { .. } | Kind::Name => Ipv4Addr::LOCALHOST.into(),
    };
    SocketAddr::new(address, port)
}

/// Returns the URL for clients on this machine: the published one if it consists of exactly the address and the port,
/// otherwise one built from them. An unspecified bind address becomes loopback.
pub fn url(address: &str, kind: Kind, port: u16, published: Option<&str>) -> String {
    match kind {
        Kind::V4 { unspecified: true } => format!("http://127.0.0.1:{port}"),
        Kind::V6 { unspecified: true } => format!("http://[::1]:{port}"),
        Kind::V6 { unspecified: false } => published_or(published, format!("http://[{address}]:{port}")),
        Kind::V4 { unspecified: false } | Kind::Name => {
            published_or(published, format!("http://{address}:{port}"))
        }
    }
}

fn published_or(published: Option<&str>, built: String) -> String {
    match published {
        Some(url) if url.strip_suffix('/') == Some(&built) => url.to_owned(),
        _ => built,
    }
}

/// Follows RFC 1123, and allows the underscore that real machines have in their names. Rejects a name whose last label is a
/// number, because every URL parser reads it as an IPv4 address (WHATWG URL, "ends in a number").
fn is_host_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() || name.len() > 253 || !name.split('.').all(is_label) {
        return false;
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let numeric = match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    !numeric
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
