//! Tests the parsing of responses as tables of bytes and verdicts.

use super::*;

const OSAURUS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 30\r\n\r\nOsaurus Server is running! \u{1F995}";

fn words(answer: &Verdict) -> &str {
    match answer {
        Verdict::Incomplete => "incomplete",
        Verdict::Complete(_) => "osaurus",
        Verdict::NotOsaurus(_) => "not-osaurus",
    }
}

#[test]
fn the_real_response_is_recognized_as_soon_as_the_banner_is_complete() {
    let banner_ends = OSAURUS.find("running").unwrap() + "running".len();
    for length in 0..OSAURUS.len() {
        let expected = if length < banner_ends { "incomplete" } else { "osaurus" };
        assert_eq!(
            words(&parse_identity_response(&OSAURUS.as_bytes()[..length], false)),
            expected,
            "after {length} bytes"
        );
    }
}

#[test]
fn a_response_cut_off_before_the_banner_is_not_osaurus() {
    let banner_ends = OSAURUS.find("running").unwrap() + "running".len();
    for length in 0..banner_ends {
        assert_eq!(
            words(&parse_identity_response(&OSAURUS.as_bytes()[..length], true)),
            "not-osaurus",
            "after {length} bytes"
        );
    }
}

#[test]
fn identity_is_decided_by_status_and_the_beginning_of_the_body() {
    let cases = [
        ("another 200", "HTTP/1.1 200 OK\r\n\r\nJan is here", "not-osaurus"),
        ("a 200 without a body so far", "HTTP/1.1 200 OK\r\n\r\n", "incomplete"),
        (
            "a redirect to Osaurus",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1337/\r\n\r\n",
            "not-osaurus",
        ),
        ("the banner with 500", "HTTP/1.1 500 Oops\r\n\r\nOsaurus Server is running!", "not-osaurus"),
        (
            "the banner not at the beginning",
            "HTTP/1.1 200 OK\r\n\r\n Osaurus Server is running!",
            "not-osaurus",
        ),
        ("the banner with HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nOsaurus Server is running!", "osaurus"),
        ("garbage", "\u{0}\u{1}\u{2} SSH-2.0-OpenSSH", "not-osaurus"),
        ("SSH", "SSH-2.0-OpenSSH_9.2\r\n", "not-osaurus"),
        (
            "the banner in one chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\nOsaurus Server is running!",
            "osaurus",
        ),
        (
            "the banner in two chunks",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n7\r\nOsaurus\r\n13\r\n Server is running!",
            "osaurus",
        ),
        (
            "half the banner in a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nOsaurus\r",
            "incomplete",
        ),
        (
            "a chunk of impossible size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nOsaurus",
            "not-osaurus",
        ),
        (
            "a complete banner in a chunk without a line end",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\nOsaurus Server is runningXX",
            "osaurus",
        ),
        (
            "chunks without line ends",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nOsaurusXX",
            "not-osaurus",
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(words(&parse_identity_response(text.as_bytes(), false)), expected, "{name}");
    }
}

#[test]
fn endless_headers_are_not_osaurus_once_the_limit_is_read() {
    let endless = format!("HTTP/1.1 200 OK\r\nX-Filler: {}", "x".repeat(MAX_IDENTITY_BYTES));
    assert_eq!(
        words(&parse_identity_response(&endless.as_bytes()[..MAX_IDENTITY_BYTES - 1], false)),
        "incomplete"
    );
    assert_eq!(
        words(&parse_identity_response(&endless.as_bytes()[..MAX_IDENTITY_BYTES], false)),
        "not-osaurus"
    );
}

#[test]
fn a_models_response_is_complete_at_its_length_its_last_chunk_or_the_end_of_the_connection() {
    let json = r#"{"data":[]}"#;
    let cases = [
        (format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: 11\r\n\r\n{json}"), false),
        (
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}\r\n6\r\n{}\r\n0\r\n\r\n",
                &json[..5],
                &json[5..]
            ),
            false,
        ),
        (format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{json}"), true),
    ];
    for (text, ended) in cases {
        let Verdict::Complete(response) = parse_models_response(text.as_bytes(), ended) else {
            panic!("incomplete: {text}");
        };
        assert_eq!(response.body, json.as_bytes(), "{text}");
        let most = text.len() - 6;
        assert_eq!(words(&parse_models_response(&text.as_bytes()[..most], false)), "incomplete", "{text}");
    }
}
