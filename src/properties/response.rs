//! Is a verdict about an HTTP answer final, however the network cuts the answer into pieces?

use crate::probe::response::{MAX_BYTES, Verdict, parse_identity_response, parse_status};

/// Once there is a verdict, more bytes or the end of the connection never change it; at the end, and at the limit,
/// there always is one.
pub fn response(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
    for judge in [parse_identity_response, parse_status] {
        let mut settled: Option<Verdict> = None;
        for length in 0..=bytes.len() {
            let so_far = judge(&bytes[..length], false);
            let ended = judge(&bytes[..length], true);
            assert_ne!(ended, Verdict::Incomplete, "at the end of {}", bytes[..length].escape_ascii());
            match &settled {
                Some(verdict) => assert_eq!(&so_far, verdict, "after {}", bytes[..length].escape_ascii()),
                None if so_far != Verdict::Incomplete => {
                    assert_eq!(so_far, ended, "at the end of {}", bytes[..length].escape_ascii());
                    settled = Some(so_far);
                }
                None => {}
            }
        }
        assert!(bytes.len() < MAX_BYTES || settled.is_some(), "no verdict at the limit");
    }
}
