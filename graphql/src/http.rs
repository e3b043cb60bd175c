//! GraphQL over HTTP: reading requests, refusing invalid ones, and writing responses.

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
/// The code of requests that are not GraphQL over HTTP.
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

/// Why a request is not executed, and the HTTP status of the response.
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

/// The media types of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// The HTTP status says whether the request could be executed.
    GraphqlResponse,
    /// The HTTP status is 200 even for errors, for older clients.
    Json,
}

impl Media {
    /// The media type that the client prefers; the first one if it prefers several equally. `None`
    /// if it accepts neither.
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

/// Whether the client is a browser that requests a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Reads a request from its body or, for GET, from its URL.
pub(crate) async fn read(request: Request) -> Result<Params, Refusal> {
    if request.method() == Method::GET {
        return from_query(request.uri().query().unwrap_or_default());
    }
    if !is_json(request.headers()) {
        // A form of another site cannot send JSON without a CORS preflight.
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body of a GraphQL request must be JSON",
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
        .map_err(|error| bad_request(&format!("the body is not a GraphQL request: {error}")))
}

fn from_query(query: &str) -> Result<Params, Refusal> {
    let request = async_graphql::http::parse_query_string(query)
        .map_err(|error| bad_request(&format!("the URL is not a GraphQL request: {error}")))?;
    if request.query.is_empty() {
        return Err(bad_request("the URL has no `query`"));
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

/// The response to a request that was executed.
pub(crate) fn executed(media: Media, answer: &Answer) -> Response {
    let shown = Shown { data: Some(&answer.data), errors: &answer.errors };
    respond(media, StatusCode::OK, &shown)
}

/// The response to a GraphQL request that could not be executed.
pub(crate) fn not_executed(media: Media, errors: &[ServerError]) -> Response {
    let status = match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    respond(media, status, &Shown { data: None, errors })
}

/// The response to a request that was refused before it was read as GraphQL.
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
    fn the_media_type_is_the_one_that_the_client_prefers() {
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
