//! Checks that the verdict on an HTTP response does not depend on how the network splits it.

use crate::probe::response::{MAX_IDENTITY_BYTES, Verdict, parse_identity_response, parse_models_response};

/// More bytes or the end of the connection never change a verdict, and there is one at the end and at the limit.
pub fn response(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MAX_IDENTITY_BYTES)];
    for (limit, parse) in [
        (MAX_IDENTITY_BYTES, parse_identity_response as fn(&[u8], bool) -> Verdict),
        (usize::MAX, parse_models_response),
    ] {
        let mut settled: Option<Verdict> = None;
        for length in 0..=bytes.len() {
            let so_far = parse(&bytes[..length], false);
            let ended = parse(&bytes[..length], true);
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
        assert!(bytes.len() < limit || settled.is_some(), "no verdict at the limit");
    }
}
