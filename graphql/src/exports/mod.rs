//! Exports: all that is kept about a member, as a document that is sent while it is read. A GraphQL
//! response is held whole before it is sent, and bounded; what a member has is not.

use crate::endpoint::{may_ask_admin, refusal, session};
use crate::error::complete;
use crate::http::{self, Media, Refusal};
use crate::router::Api;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body::Frame;
use perennial_core::exports::Export;
use perennial_core::members::MemberRef;
use perennial_core::{Code, Error, Result};
use serde::Deserialize;
use std::pin::Pin;
use std::task::{Context, Poll};

const PATH: &str = "/admin/members/export";
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
/// It is about somebody.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// Whom the address names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Whom {
    id: Option<String>,
    external_id: Option<String>,
}

/// An export as the body of a response.
struct Lines(Export);

/// `GET /admin/members/export?id=…` or `?externalId=…`.
pub(crate) fn route(api: Api) -> Router {
    let methods = get(handle).fallback(async |request: Request| {
        let why = "an export is asked for with GET";
        let help = "Send `GET /admin/members/export?id=` with a member's id.";
        let refusal = Refusal::of_protocol(StatusCode::METHOD_NOT_ALLOWED, why, help);
        refused(refusal, &http::request_id(&request))
    });
    Router::new().route(PATH, methods).with_state(api)
}

async fn handle(State(api): State<Api>, request: Request) -> Response {
    let request_id = http::request_id(&request);
    let (parts, _) = request.into_parts();
    match begin(&api, &parts, &request_id).await {
        Ok(export) => {
            let headers = [(header::CONTENT_TYPE, NDJSON), (header::CACHE_CONTROL, NOT_KEPT)];
            (headers, Body::new(Lines(export))).into_response()
        }
        Err(refusal) => refused(refusal, &request_id),
    }
}

async fn begin(api: &Api, request: &Parts, request_id: &str) -> Result<Export, Refusal> {
    let session = session(api, &request.headers, request_id).await?;
    may_ask_admin(session.as_ref()).map_err(|error| refusal(&error))?;
    let whom = Query::<Whom>::try_from_uri(&request.uri).ok();
    let member = whom.map_or_else(|| Err(unnamed()), |Query(whom)| whom.member());
    let member = member.map_err(|error| refusal(&error))?;
    let Some(session) = session else { return Err(refusal(&unnamed())) };
    let export = api.loyalty.exports().member(&session.actor, &member).await;
    export.map_err(|error| {
        crate::error::log(&error, request_id);
        refusal(&error)
    })
}

fn refused(mut refusal: Refusal, request_id: &str) -> Response {
    complete(&mut refusal.error, request_id);
    http::refused(Media::Json, &refusal)
}

fn unnamed() -> Error {
    Error::new(Code::InvalidInput, "give either an `id` or an `externalId`")
}

impl Whom {
    fn member(self) -> Result<MemberRef> {
        match (self.id, self.external_id) {
            (Some(id), None) => {
                id.parse().map(MemberRef::Id).map_err(|error: Error| error.at("id"))
            }
            (None, Some(external_id)) => Ok(MemberRef::ExternalId(external_id)),
            _ => Err(unnamed()),
        }
    }
}

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = Error;

    /// An error ends the response before its end, so that nobody takes it for whole.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let part = self.0.poll_next(cx);
        part.map(|part| part.map(|lines| lines.map(|lines| Frame::data(lines.into()))))
    }
}
