//! GraphQL over HTTP: reading requests, refusing invalid ones, and writing responses.

mod drain;
mod encoding;
mod media;
mod params;
mod preference;
mod request_id;
mod response;

pub(crate) use drain::drained;
pub(crate) use encoding::with_known_encodings;
pub(crate) use media::{Media, wants_page};
pub(crate) use params::Params;
pub(crate) use preference::preferred;
pub(crate) use request_id::{REQUEST_ID, request_id, without_odd_id};
pub(crate) use response::{executed, not_executed, refused};

use crate::admission::{BODY_BYTES_MAX, BODY_TIME_MAX};
use crate::error::protocol_error;
use async_graphql::ServerError;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use http_body_util::LengthLimitError;
use media::JSON;
use params::{from_body, from_url};
use std::error::Error;

/// The code of requests that are not GraphQL over HTTP.
const BAD_REQUEST: &str = "BAD_REQUEST";

/// Why a request is not executed.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// `None` if the request is GraphQL over HTTP and it is the document that is refused: then the
    /// media type decides.
    pub(crate) status: Option<StatusCode>,
    pub(crate) error: Box<ServerError>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: ServerError) -> Self {
        Self { status: Some(status), error: Box::new(error) }
    }

    pub(crate) fn not_executed(error: ServerError) -> Self {
        Self { status: None, error: Box::new(error) }
    }

    /// For requests that are not GraphQL over HTTP.
    pub(crate) fn of_protocol(status: StatusCode, message: &str, help: &str) -> Self {
        Self::new(status, protocol_error(BAD_REQUEST, message, help))
    }

    fn bad_request(message: &str, help: &str) -> Self {
        Self::of_protocol(StatusCode::BAD_REQUEST, message, help)
    }
}

/// Reads a request from its body or, for GET, from its URL.
pub(crate) async fn read(request: Request) -> Result<Params, Refusal> {
    if request.method() == Method::GET {
        return from_url(request.uri());
    }
    if !is_json(request.headers()) {
        // A form of another site cannot send JSON without a CORS preflight.
        return Err(Refusal::of_protocol(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body of a GraphQL request must be JSON",
            "Send `Content-Type: application/json`.",
        ));
    }
    if is_encoded(request.headers()) {
        return Err(Refusal::of_protocol(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body of a request is not read in a `Content-Encoding`",
            "Send the body as it is, without compressing it.",
        ));
    }
    from_body(&body(request.into_body()).await?)
}

async fn body(body: Body) -> Result<Bytes, Refusal> {
    let Ok(read) = tokio::time::timeout(BODY_TIME_MAX, to_bytes(body, BODY_BYTES_MAX)).await else {
        return Err(Refusal::of_protocol(
            StatusCode::REQUEST_TIMEOUT,
            &format!("the body took longer than {} seconds", BODY_TIME_MAX.as_secs()),
            "Send the request again, all at once.",
        ));
    };
    read.map_err(|error| match error.source() {
        Some(source) if source.is::<LengthLimitError>() => Refusal::of_protocol(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the body of a request is at most {BODY_BYTES_MAX} bytes"),
            "Send less in one request.",
        ),
        _ => Refusal::bad_request("the body cannot be read", "Send it as HTTP requires."),
    })
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(JSON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::HttpBody;
    use axum::http::HeaderValue;
    use http_body::Frame;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    struct Endless;

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_body_that_a_form_can_send_is_not_json() {
        let of = |content_type| {
            let value = HeaderValue::from_static(content_type);
            is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value)]))
        };
        assert!(of("application/json") && of("Application/JSON; charset=utf-8"));
        for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
            assert!(!of(form), "{form}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_refused() {
        let endless = Body::new(Endless);
        let refusal = body(endless).await.unwrap_err();
        assert_eq!(refusal.status, Some(StatusCode::REQUEST_TIMEOUT));
        let response = refused(Media::Json, &refusal);
        assert_eq!(response.headers()[header::CONNECTION], "close");
    }
}
