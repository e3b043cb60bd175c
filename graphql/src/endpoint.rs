//! How a request is handled: read, authenticate, admit, execute, publish.

use crate::auth::Session;
use crate::error::{log, publish, request_error};
use crate::http::{self, Media, Params, Refusal};
use crate::limits::{Admitted, REQUEST_TIME_MAX};
use crate::loaders::loaders;
use crate::router::Api;
use async_graphql::http::GraphiQLSource;
use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request as Query, ServerError, Value};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use perennial_core::{Code, Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tower_http::request_id::RequestId;

/// One schema at one address.
pub(crate) struct Endpoint<E> {
    pub(crate) schema: E,
    pub(crate) path: &'static str,
    /// Whether more than introspection is available without a token.
    pub(crate) is_public: bool,
    pub(crate) api: Api,
}

impl<E: Executor> Endpoint<E> {
    pub(crate) fn route(self) -> Router {
        let path = self.path;
        Router::new().route(path, get(handle::<E>).post(handle::<E>)).with_state(Arc::new(self))
    }

    fn serves_page(&self, request: &Request) -> bool {
        let has_no_query = !request.uri().query().unwrap_or_default().contains("query=");
        self.api.options.graphiql
            && request.method() == Method::GET
            && has_no_query
            && http::wants_page(request.headers())
    }
}

async fn handle<E: Executor>(
    State(endpoint): State<Arc<Endpoint<E>>>,
    request: Request,
) -> Response {
    if endpoint.serves_page(&request) {
        return Html(GraphiQLSource::build().endpoint(endpoint.path).finish()).into_response();
    }
    let request_id = request_id(&request);
    let Some(media) = Media::accepted_by(request.headers()) else {
        let refusal = Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "the response is application/graphql-response+json or application/json",
            "Name one of them in the `Accept` header.",
        );
        return finish(Media::Json, Err(refusal.into()), &request_id);
    };
    let outcome = answer(&endpoint, request).await;
    finish(media, outcome, &request_id)
}

/// Why the executor has no response.
enum Failure {
    /// The request is not a GraphQL request, or its token is not valid.
    Refused(Refusal),
    /// The document cannot be executed.
    NotExecuted(Box<ServerError>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

async fn answer<E: Executor>(
    endpoint: &Endpoint<E>,
    request: Request,
) -> Result<async_graphql::Response, Failure> {
    let is_get = request.method() == Method::GET;
    let (session, params) = within(REQUEST_TIME_MAX, async {
        let session = session(&endpoint.api, request.headers()).await?;
        Ok((session, http::read(request).await?))
    })
    .await?;
    let documents = &endpoint.api.documents;
    let admitted = documents
        .admit(&params.query, params.operation_name.as_deref())
        .map_err(|error| Failure::NotExecuted(Box::new(error)))?;
    if is_get && admitted.operation != OperationType::Query {
        let why = "GET requests cannot contain mutations";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why, "Send it with POST.").into());
    }
    if admitted.requests_data && !endpoint.is_public {
        may_ask_admin(session.as_ref()).map_err(|error| refusal(&error))?;
    }
    let time_max = admitted.time_max;
    let query = query(&endpoint.api, params, admitted, session);
    within(time_max, async { Ok(endpoint.schema.execute(query).await) }).await
}

async fn within<T>(
    time_max: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(time_max, work).await {
        Ok(done) => done,
        Err(_) => Err(timed_out(time_max).into()),
    }
}

async fn session(api: &Api, headers: &HeaderMap) -> Result<Option<Session>, Refusal> {
    api.auth.authenticate(&api.loyalty, headers).await.map_err(|error| {
        log(&error, header_text(headers));
        refusal(&error)
    })
}

/// The admin schema is an operator's.
fn may_ask_admin(session: Option<&Session>) -> Result<()> {
    match session {
        None => Err(Error::new(Code::Unauthenticated, "this needs a token")),
        Some(session) if session.is_members() => {
            Err(Error::new(Code::Forbidden, "this needs an operator's token"))
        }
        Some(_) => Ok(()),
    }
}

fn query(api: &Api, params: Params, admitted: Admitted, session: Option<Session>) -> Query {
    let mut query = Query::new(params.query).variables(params.variables.unwrap_or_default());
    query.operation_name = params.operation_name;
    query.set_parsed_query(admitted.document);
    match session {
        Some(session) => {
            let loaders = loaders(api.loyalty.clone(), session.actor.clone());
            query.data(session).data(loaders)
        }
        None => query,
    }
}

fn finish(
    media: Media,
    outcome: Result<async_graphql::Response, Failure>,
    request_id: &str,
) -> Response {
    match outcome {
        Ok(mut answer) => {
            // Errors of an execution have a path; a document that was not executed has neither data
            // nor a path.
            let was_executed = answer.data != Value::Null
                || answer.errors.iter().any(|error| !error.path.is_empty());
            publish(&mut answer.errors, was_executed, request_id);
            if was_executed {
                http::executed(media, &answer)
            } else {
                http::not_executed(media, &answer.errors)
            }
        }
        Err(Failure::NotExecuted(mut error)) => {
            with_request_id(&mut error, request_id);
            http::not_executed(media, std::slice::from_ref(&*error))
        }
        Err(Failure::Refused(mut refusal)) => {
            with_request_id(&mut refusal.error, request_id);
            http::refused(media, &refusal)
        }
    }
}

fn refusal(error: &Error) -> Refusal {
    let status = match error.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Unavailable | Code::DatabaseUnusable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal { status, error: Box::new(request_error(error)) }
}

fn timed_out(time_max: Duration) -> Refusal {
    let why = format!("the request took longer than {} seconds", time_max.as_secs());
    let error = Box::new(request_error(&Error::new(Code::Unavailable, why)));
    Refusal { status: StatusCode::GATEWAY_TIMEOUT, error }
}

fn with_request_id(error: &mut ServerError, request_id: &str) {
    error.extensions.get_or_insert_default().set("requestId", request_id);
}

fn request_id(request: &Request) -> String {
    let id = request.extensions().get::<RequestId>();
    id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default().to_owned()
}

fn header_text(headers: &HeaderMap) -> &str {
    headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_refused() {
        let endless = std::future::pending::<Result<(), Failure>>();
        let Err(Failure::Refused(refusal)) = within(Duration::from_millis(1), endless).await else {
            panic!("no refusal")
        };
        assert_eq!(refusal.status, StatusCode::GATEWAY_TIMEOUT);
        assert!(within(REQUEST_TIME_MAX, async { Ok(()) }).await.is_ok());
    }
}
