//! Is this how Osaurus answers?

use httparse::{EMPTY_HEADER, Response, Status};

/// More is never read: the real answer has about 200 bytes, and a stranger may send without end.
pub const MAX_BYTES: usize = 4 * 1024;

/// What every version of Osaurus says first at `GET /`, with or without an access key.
const BANNER: &[u8] = b"Osaurus Server is running";

/// What is known from the bytes so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The bytes so far fit, but do not settle it.
    Incomplete,
    /// A whole head of this status; to a request for the banner only where the body begins with it.
    Osaurus { status: u16 },
    /// Another program; in words, what it said.
    NotOsaurus(String),
}

/// Judges the answer to `GET /`: 200, and a body that begins with the banner.
pub fn parse_identity_response(bytes: &[u8], ended: bool) -> Verdict {
    let (head, status, chunked) = match head(bytes, ended) {
        Ok(head) => head,
        Err(answer) => return answer,
    };
    if status != 200 {
        return Verdict::NotOsaurus(format!("answered with status {status}"));
    }
    let body = &bytes[head..];
    let (said, intact) = if chunked { decode_chunked_prefix(body) } else { (body.to_vec(), true) };
    if said.starts_with(BANNER) {
        return Verdict::Osaurus { status };
    }
    if BANNER.starts_with(&said) && !intact {
        return Verdict::NotOsaurus("answered with a malformed body".into());
    }
    if BANNER.starts_with(&said) && !ended && bytes.len() < MAX_BYTES {
        return Verdict::Incomplete;
    }
    Verdict::NotOsaurus("answered, but not as Osaurus".into())
}

/// Judges the answer to any other request by its status alone.
pub fn parse_status(bytes: &[u8], ended: bool) -> Verdict {
    match head(bytes, ended) {
        Ok((_, status, _)) => Verdict::Osaurus { status },
        Err(answer) => answer,
    }
}

/// The length of the head, its status, and whether the body comes in chunks.
fn head(bytes: &[u8], ended: bool) -> Result<(usize, u16, bool), Verdict> {
    let mut headers = [EMPTY_HEADER; 64];
    let mut response = Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(Status::Complete(length)) => {
            let chunked = response.headers.iter().any(|header| {
                header.name.eq_ignore_ascii_case("transfer-encoding")
                    && header.value.trim_ascii().eq_ignore_ascii_case(b"chunked")
            });
            Ok((length, response.code.unwrap_or(0), chunked))
        }
        Ok(Status::Partial) if ended && bytes.is_empty() => {
            Err(Verdict::NotOsaurus("closed the connection without an answer".into()))
        }
        Ok(Status::Partial) if ended => {
            Err(Verdict::NotOsaurus("closed the connection in mid-answer".into()))
        }
        Ok(Status::Partial) if bytes.len() >= MAX_BYTES => {
            Err(Verdict::NotOsaurus(format!("sent headers of more than {MAX_BYTES} bytes")))
        }
        Ok(Status::Partial) => Err(Verdict::Incomplete),
        Err(error) => Err(Verdict::NotOsaurus(format!("does not speak HTTP: {error}"))),
    }
}

/// The beginning of a chunked body, as far as it came and the banner is long, and whether it is well formed so far.
fn decode_chunked_prefix(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut said = Vec::new();
    while said.len() < BANNER.len() {
        let (start, size) = match httparse::parse_chunk_size(body) {
            Ok(Status::Complete(chunk)) => chunk,
            Ok(Status::Partial) => break,
            Err(_) => return (said, false),
        };
        if size == 0 {
            break;
        }
        let rest = &body[start..];
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if rest.len() < size {
            said.extend_from_slice(rest);
            break;
        }
        said.extend_from_slice(&rest[..size]);
        let after = &rest[size..];
        match after.strip_prefix(b"\r\n") {
            Some(next) => body = next,
            None => return (said, b"\r\n".starts_with(after)),
        }
    }
    (said, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OSAURUS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 30\r\n\r\nOsaurus Server is running! \u{1F995}";

    fn words(answer: &Verdict) -> &str {
        match answer {
            Verdict::Incomplete => "unfinished",
            Verdict::Osaurus { .. } => "osaurus",
            Verdict::NotOsaurus(_) => "not-osaurus",
        }
    }

    #[test]
    fn the_real_answer_is_recognised_as_soon_as_the_banner_is_whole_and_not_before() {
        let banner_ends = OSAURUS.find("running").unwrap() + "running".len();
        for length in 0..OSAURUS.len() {
            let expected = if length < banner_ends { "unfinished" } else { "osaurus" };
            assert_eq!(
                words(&parse_identity_response(&OSAURUS.as_bytes()[..length], false)),
                expected,
                "after {length} bytes"
            );
        }
    }

    #[test]
    fn an_answer_cut_off_anywhere_before_the_banner_is_a_stranger() {
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
    fn answers_are_judged_by_status_and_the_beginning_of_the_body() {
        let cases = [
            ("another 200", "HTTP/1.1 200 OK\r\n\r\nJan is here", "not-osaurus"),
            ("an empty 200 that goes on", "HTTP/1.1 200 OK\r\n\r\n", "unfinished"),
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
            ("the banner of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nOsaurus Server is running!", "osaurus"),
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
                "unfinished",
            ),
            (
                "a chunk of impossible size",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nOsaurus",
                "not-osaurus",
            ),
            (
                "the banner in a chunk that ends without a line end: it was there before",
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
    fn headers_without_end_are_a_stranger_once_the_limit_is_read() {
        let endless = format!("HTTP/1.1 200 OK\r\nX-Filler: {}", "x".repeat(MAX_BYTES));
        assert_eq!(
            words(&parse_identity_response(&endless.as_bytes()[..MAX_BYTES - 1], false)),
            "unfinished"
        );
        assert_eq!(words(&parse_identity_response(&endless.as_bytes()[..MAX_BYTES], false)), "not-osaurus");
    }
}
