//! Is this an address, and where does a client connect?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The kinds of address that Osaurus may publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    V4 { unspecified: bool },
    V6 { unspecified: bool },
    Name,
}

/// What kind of address a published text is, or `None` where it is no address.
pub fn kind(text: &str) -> Option<Kind> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some(Kind::V4 { unspecified: address.is_unspecified() });
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(Kind::V6 { unspecified: address.is_unspecified() });
    }
    is_host_name(text).then_some(Kind::Name)
}

/// Where to ask whether the server lives: on the loopback interface whatever was published, since Osaurus always
/// listens there, and a published network address may by now be another machine's.
pub fn loopback(kind: Kind, port: u16) -> SocketAddr {
    let address: IpAddr = match kind {
        Kind::V6 { .. } => Ipv6Addr::LOCALHOST.into(),
        Kind::V4 { .. } | Kind::Name => Ipv4Addr::LOCALHOST.into(),
    };
    SocketAddr::new(address, port)
}

/// Where a client on this machine connects: the published url where it says just what address and port say,
/// otherwise one built from them. A bind address that stands for all of the machine becomes loopback.
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

/// RFC 1123 with the underscore that real machines have in their names. A last label that is a number would be
/// read as an IPv4 address by every URL parser (WHATWG URL, "ends in a number"), so such a name is none.
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
