//! Parses HTTP responses and recognizes Osaurus by its banner.

use httparse::{EMPTY_HEADER, Status};

/// The limit of a response to `GET /`. The real one has about 200 bytes, and another program may send without end.
pub const MAX_IDENTITY_BYTES: usize = 4 * 1024;

/// The limit of a response to `GET /v1/models`, enough for thousands of models.
pub const MAX_MODELS_BYTES: usize = 256 * 1024;

/// What every version of Osaurus sends first for `GET /`, with or without an access key.
const BANNER: &[u8] = b"Osaurus Server is running";

/// What the bytes so far say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The bytes are the beginning of a response that may still become complete.
    Incomplete,
    /// The response is complete, as far as it is needed.
    Complete(Response),
    /// The response is not one of Osaurus. The text says what the program did.
    NotOsaurus(String),
}

/// A response of Osaurus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The value of `Access-Control-Allow-Origin`.
    pub allow_origin: Option<String>,
    /// The body; empty for `GET /`.
    pub body: Vec<u8>,
}

/// Parses the response to `GET /`, which must have status 200 and a body that begins with the banner.
pub fn parse_identity_response(bytes: &[u8], ended: bool) -> Verdict {
    let head = match parse_head(bytes, ended, MAX_IDENTITY_BYTES) {
        Ok(head) => head,
        Err(verdict) => return verdict,
    };
    if head.status != 200 {
        return Verdict::NotOsaurus(format!("answered with status {}", head.status));
    }
    let (body, state) = head.body(bytes, BANNER.len());
    if body.starts_with(BANNER) {
        return Verdict::Complete(Response {
            status: 200,
            allow_origin: head.allow_origin,
            body: Vec::new(),
        });
    }
    if BANNER.starts_with(&body) && state == BodyState::Malformed {
        return Verdict::NotOsaurus("answered with a malformed body".into());
    }
    if BANNER.starts_with(&body) && !ended && bytes.len() < MAX_IDENTITY_BYTES {
        return Verdict::Incomplete;
    }
    Verdict::NotOsaurus("answered, but not as Osaurus".into())
}

/// Parses the response to `GET /v1/models`, which may have any status and body.
pub fn parse_models_response(bytes: &[u8], ended: bool) -> Verdict {
    let head = match parse_head(bytes, ended, MAX_MODELS_BYTES) {
        Ok(head) => head,
        Err(verdict) => return verdict,
    };
    let (body, state) = head.body(bytes, MAX_MODELS_BYTES);
    if state == BodyState::Incomplete && !ended && bytes.len() < MAX_MODELS_BYTES {
        return Verdict::Incomplete;
    }
    Verdict::Complete(Response { status: head.status, allow_origin: head.allow_origin, body })
}

/// The parsed head of a response.
struct Head {
    length: usize,
    status: u16,
    chunked: bool,
    content_length: Option<usize>,
    allow_origin: Option<String>,
}

/// How much of a body has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyState {
    /// More may follow.
    Incomplete,
    /// The body has its full length.
    Complete,
    /// The chunks are malformed.
    Malformed,
}

fn parse_head(bytes: &[u8], ended: bool, limit: usize) -> Result<Head, Verdict> {
    let mut headers = [EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(Status::Complete(length)) => {
            let header = |name: &str| {
                let mut all = response.headers.iter();
                all.find(|header| header.name.eq_ignore_ascii_case(name))
                    .map(|header| header.value.trim_ascii())
            };
            let content_length =
                header("content-length").and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            let chunked =
                header("transfer-encoding").is_some_and(|text| text.eq_ignore_ascii_case(b"chunked"));
            let allow_origin = header("access-control-allow-origin")
                .map(|origin| String::from_utf8_lossy(origin).into_owned());
            let status = response.code.unwrap_or(0);
            Ok(Head { length, status, chunked, content_length, allow_origin })
        }
        Ok(Status::Partial) if ended && bytes.is_empty() => {
            Err(Verdict::NotOsaurus("closed the connection without an answer".into()))
        }
        Ok(Status::Partial) if ended => {
            Err(Verdict::NotOsaurus("closed the connection in mid-answer".into()))
        }
        Ok(Status::Partial) if bytes.len() >= limit => {
            Err(Verdict::NotOsaurus(format!("sent headers of more than {limit} bytes")))
        }
        Ok(Status::Partial) => Err(Verdict::Incomplete),
        Err(error) => Err(Verdict::NotOsaurus(format!("does not speak HTTP: {error}"))),
    }
}

impl Head {
    /// Returns the body as far as it has arrived, decoded up to about `limit` bytes, and how much of it that is.
    fn body(&self, bytes: &[u8], limit: usize) -> (Vec<u8>, BodyState) {
        let body = &bytes[self.length..];
        if self.chunked {
            return decode_chunked_prefix(body, limit);
        }
        match self.content_length {
            Some(length) if body.len() >= length => (body[..length].to_vec(), BodyState::Complete),
            _ => (body.to_vec(), BodyState::Incomplete),
        }
    }
}

/// Decodes the beginning of a chunked body, as far as it has arrived and until `limit` bytes are decoded.
fn decode_chunked_prefix(mut body: &[u8], limit: usize) -> (Vec<u8>, BodyState) {
    let mut decoded = Vec::new();
    while decoded.len() < limit {
        let (start, size) = match httparse::parse_chunk_size(body) {
            Ok(Status::Complete(chunk)) => chunk,
            Ok(Status::Partial) => break,
            Err(_) => return (decoded, BodyState::Malformed),
        };
        if size == 0 {
            return (decoded, BodyState::Complete);
        }
        let rest = &body[start..];
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if rest.len() < size {
            decoded.extend_from_slice(rest);
            break;
        }
        decoded.extend_from_slice(&rest[..size]);
        let after = &rest[size..];
        match after.strip_prefix(b"\r\n") {
            Some(next) => body = next,
            None if b"\r\n".starts_with(after) => break,
            None => return (decoded, BodyState::Malformed),
        }
    }
    (decoded, BodyState::Incomplete)
}

#[cfg(test)]
mod tests {
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
            assert_eq!(
                words(&parse_models_response(&text.as_bytes()[..most], false)),
                "incomplete",
                "{text}"
            );
        }
    }
}
