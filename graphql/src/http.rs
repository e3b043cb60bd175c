//! GraphQL over HTTP: reading requests, refusing what is not one, and shaping answers.

use crate::error::protocol_error;
use crate::limits::BODY_BYTES_MAX;
use async_graphql::{Response as Answer, ServerError, Variables};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
/// The code of requests that do not speak GraphQL over HTTP.
const BAD_REQUEST: &str = "BAD_REQUEST";

/// A GraphQL request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Params {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    #[serde(default)]
    pub(crate) variables: Option<Variables>,
}

/// A request that is not executed, and the status to say so with.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: Box<ServerError>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: &str, help: &str) -> Self {
        Self { status, error: Box::new(protocol_error(BAD_REQUEST, message, help)) }
    }
}

/// The media types of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// Says by its status whether the request could be executed.
    GraphqlResponse,
    /// 200 whatever happened, for clients from before.
    Json,
}

impl Media {
    /// What the client accepts best; the first named when it likes several equally. None when it accepts neither.
    pub(crate) fn accepted_by(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = headers.get(header::ACCEPT) else { return Some(Self::GraphqlResponse) };
        let ranges = accept.to_str().ok()?.split(',');
        let mut best: Option<(Self, f32)> = None;
        for range in ranges {
            let mut parts = range.split(';').map(str::trim);
            let media = match parts.next().unwrap_or_default() {
                GRAPHQL_RESPONSE | "*/*" | "application/*" => Self::GraphqlResponse,
                JSON => Self::Json,
                _ => continue,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
            let quality = quality.parse().unwrap_or(1.0);
            if quality > best.map_or(0.0, |(_, best)| best) {
                best = Some((media, quality));
            }
        }
        best.map(|(media, _)| media)
    }

    const fn content_type(self) -> HeaderValue {
        match self {
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }
}

/// Whether a browser asks for a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Reads a request from its body or, for GET, from its address.
pub(crate) async fn read(request: Request) -> Result<Params, Refusal> {
    if request.method() == Method::GET {
        return from_query(request.uri().query().unwrap_or_default());
    }
    if !is_json(request.headers()) {
        // A form of a foreign page cannot send JSON without the browser asking first.
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body of a GraphQL request is JSON",
            "Send `Content-Type: application/json`.",
        ));
    }
    from_body(&body(request.into_body()).await?)
}

async fn body(body: Body) -> Result<Bytes, Refusal> {
    to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the body of a request is at most {BODY_BYTES_MAX} bytes"),
            "Send less in one request.",
        )
    })
}

fn from_body(bytes: &[u8]) -> Result<Params, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(bad_request("a request is one JSON object, not a batch"));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| bad_request(&format!("the body is no GraphQL request: {error}")))
}

fn from_query(query: &str) -> Result<Params, Refusal> {
    let request = async_graphql::http::parse_query_string(query)
        .map_err(|error| bad_request(&format!("the address is no GraphQL request: {error}")))?;
    if request.query.is_empty() {
        return Err(bad_request("the address has no `query`"));
    }
    Ok(Params {
        query: request.query,
        operation_name: request.operation_name,
        variables: Some(request.variables),
    })
}

fn bad_request(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, message, "Send `{ \"query\": \"…\" }`.")
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(JSON)
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
}

/// An answer of the executor.
pub(crate) fn executed(media: Media, answer: &Answer) -> Response {
    let shown = Shown { data: Some(&answer.data), errors: &answer.errors };
    respond(media, StatusCode::OK, &shown)
}

/// An answer to a GraphQL request that could not be executed.
pub(crate) fn not_executed(media: Media, errors: &[ServerError]) -> Response {
    let status = match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    respond(media, status, &Shown { data: None, errors })
}

/// An answer to what did not get as far as being a GraphQL request of somebody.
pub(crate) fn refused(media: Media, refusal: &Refusal) -> Response {
    let shown = Shown { data: None, errors: std::slice::from_ref(&*refusal.error) };
    let mut response = respond(media, refusal.status, &shown);
    let (name, value) = match refusal.status {
        StatusCode::UNAUTHORIZED => (header::WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => (header::ALLOW, "POST"),
        _ => return response,
    };
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn respond(media: Media, status: StatusCode, shown: &Shown<'_>) -> Response {
    let body = serde_json::to_vec(shown).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_media_type_is_what_the_client_accepts_best() {
        let best = |accept| Media::accepted_by(&accepting(accept));
        assert_eq!(Media::accepted_by(&HeaderMap::new()), Some(Media::GraphqlResponse));
        assert_eq!(best("*/*"), Some(Media::GraphqlResponse));
        assert_eq!(best("application/json"), Some(Media::Json));
        let both = "application/graphql-response+json, application/json;q=0.9";
        assert_eq!(best(both), Some(Media::GraphqlResponse));
        assert_eq!(best("application/json, */*;q=0.1"), Some(Media::Json));
        assert_eq!(best("text/plain"), None);
        assert_eq!(best("application/json;q=0"), None);
    }

    #[test]
    fn only_one_json_object_with_a_query_is_a_request() {
        let params = from_body(br#"{"query":"{ me { id } }","variables":null}"#).unwrap();
        assert_eq!(params.query, "{ me { id } }");
        for wrong in [r#" [{"query":"{ me }"}]"#, "", "{}", r#"{"query":1}"#, "query { me }"] {
            let refusal = from_body(wrong.as_bytes()).unwrap_err();
            assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        assert_eq!(from_query("query=%7Bme%7D").unwrap().query, "{me}");
        assert!(from_query("operationName=A").is_err());
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
}
