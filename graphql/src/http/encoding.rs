//! What the compression of responses is told that a client accepts.

use super::preferred;
use axum::extract::Request;
use axum::http::{HeaderValue, header};

const GZIP: &str = "gzip";

/// Leaves `gzip` in `Accept-Encoding`, or nothing. Whoever accepts neither gzip nor the plain text
/// gets the plain text: the request was executed, and a 406 would say that it was not.
pub(crate) fn with_known_encodings(mut request: Request) -> Request {
    let accepted = preferred(request.headers(), &header::ACCEPT_ENCODING);
    let takes_gzip = accepted.iter().any(|(encoding, _)| encoding.eq_ignore_ascii_case(GZIP));
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    if takes_gzip {
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(GZIP));
    }
    request
}
