//! Writing responses.

use super::{Media, Refusal};
use crate::admission::RESPONSE_BYTES_MAX;
use crate::error::complete;
use crate::execution::too_long;
use async_graphql::{Response as Answer, ServerError};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a response depends on beside the request itself and its token.
const VARY: HeaderValue = HeaderValue::from_static("accept, accept-language");

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, async_graphql::Value>>,
}

/// The response to a request that was executed.
pub(crate) fn executed(media: Media, answer: &Answer, request_id: &str) -> Response {
    let (data, extensions) = (Some(&answer.data), Some(&answer.extensions));
    let body = body(&Shown { data, errors: &answer.errors, extensions });
    if body.len() <= RESPONSE_BYTES_MAX {
        return respond(media, StatusCode::OK, body);
    }
    let mut error = too_long();
    complete(&mut error, request_id);
    let errors = std::slice::from_ref(&error);
    let data = Some(&async_graphql::Value::Null);
    respond(media, StatusCode::OK, self::body(&Shown { data, errors, extensions }))
}

/// The response to a GraphQL request that could not be executed.
pub(crate) fn not_executed(media: Media, errors: &[ServerError]) -> Response {
    let status = match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    respond(media, status, body(&Shown { data: None, errors, extensions: None }))
}

/// The response to a request that was refused before the executor saw it.
pub(crate) fn refused(media: Media, refusal: &Refusal) -> Response {
    let errors = std::slice::from_ref(&*refusal.error);
    let Some(status) = refusal.status else { return not_executed(media, errors) };
    let mut response =
        respond(media, status, body(&Shown { data: None, errors, extensions: None }));
    let (name, value) = match status {
        StatusCode::UNAUTHORIZED => (header::WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => (header::ALLOW, "POST"),
        // More of the body may arrive, and would be taken for the next request.
        StatusCode::REQUEST_TIMEOUT => (header::CONNECTION, "close"),
        _ => return response,
    };
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn body(shown: &Shown<'_>) -> Vec<u8> {
    serde_json::to_vec(shown).unwrap_or_default()
}

fn respond(media: Media, status: StatusCode, body: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, media.content_type()), (header::VARY, VARY)];
    (status, headers, body).into_response()
}
