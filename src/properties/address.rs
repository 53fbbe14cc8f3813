//! Checks that the URL of every valid address leads to it and nowhere else.

use std::net::{IpAddr, SocketAddr};

use crate::address::{self, Kind};

/// The first two bytes are a port; the rest is an address and a published URL, separated by a line break.
pub fn address(bytes: &[u8]) {
    let [high, low, rest @ ..] = bytes else { return };
    let port = u16::from_be_bytes([*high, *low]).max(1);
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (address, published) = match text.split_once('\n') {
        Some((address, published)) => (address, Some(published)),
        None => (text, None),
    };
    let Some(kind) = address::kind(address) else { return };
    let url = address::url(address, kind, port, published);

    let authority = url.strip_prefix("http://").expect("only http");
    assert!(authority.ends_with(&format!(":{port}")) || published == Some(&url), "{url}");
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    assert!(!authority.contains(['/', '?', '#', '@', '\\', '%', ' ']) && authority.is_ascii(), "{url}");
    match kind {
        Kind::Name => assert_eq!(authority, format!("{address}:{port}")),
        Kind::V4 { unspecified } | Kind::V6 { unspecified } => {
            let target: SocketAddr = authority.parse().expect("an address and a port");
            let given: IpAddr = address.parse().expect("an address");
            assert_eq!(target.port(), port);
            assert_eq!(unspecified, given.is_unspecified());
            let is_right = if unspecified { target.ip().is_loopback() } else { target.ip() == given };
            assert!(is_right && target.is_ipv4() == given.is_ipv4(), "{url} for {address}");
        }
    }
    let probed = address::loopback(kind, port);
    assert!(probed.ip().is_loopback() && probed.port() == port);
}
