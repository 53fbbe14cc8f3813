//! Parses HTTP responses and recognizes Osaurus by its banner.

use httparse::{EMPTY_HEADER, Status};

/// The limit of a response to `GET /`. The real one has about 200 bytes, and another program may send endlessly.
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
mod tests;
