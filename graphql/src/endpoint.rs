//! How a request is handled: read, authenticate, admit, execute, publish.

use crate::admission::{Admitted, Documents, REQUEST_TIME_MAX, check_strings, chosen, omit};
use crate::auth::Session;
use crate::error::{complete, log, publish, request_error};
use crate::execution::{COST, arrange};
use crate::graphiql;
use crate::http::{self, Media, Params, Refusal};
use crate::languages::Languages;
use crate::loaders::loaders;
use crate::router::Api;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Executor, Request as Query};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use perennial_core::{Code, Error, Result};
use std::sync::Arc;
use std::time::Duration;

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
        let (path, methods) = (self.path, get(handle::<E>).post(handle::<E>));
        let methods = methods.fallback(async |request: Request| {
            let why = "the API is asked with GET and POST";
            elsewhere(&request, StatusCode::METHOD_NOT_ALLOWED, why)
        });
        Router::new().route(path, methods).with_state(Arc::new(self))
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
        return graphiql::page();
    }
    let request_id = http::request_id(&request);
    let Some(media) = Media::accepted_by(request.headers()) else {
        let refusal = Refusal::of_protocol(
            StatusCode::NOT_ACCEPTABLE,
            "the response is application/graphql-response+json or application/json",
            "Name one of them in the `Accept` header.",
        );
        return finish(Media::Json, Err(refusal), &request_id);
    };
    let outcome = answer(&endpoint, request, &request_id).await;
    finish(media, outcome, &request_id)
}

/// The response to a request that is for no endpoint, or in no method of one.
pub(crate) fn elsewhere(request: &Request, status: StatusCode, why: &str) -> Response {
    let media = Media::accepted_by(request.headers()).unwrap_or(Media::Json);
    let help = "Send GraphQL requests to /graphql or /admin/graphql, with POST.";
    let refusal = Refusal::of_protocol(status, why, help);
    finish(media, Err(refusal), &http::request_id(request))
}

async fn answer<E: Executor>(
    endpoint: &Endpoint<E>,
    request: Request,
    request_id: &str,
) -> Result<async_graphql::Response, Refusal> {
    let is_get = request.method() == Method::GET;
    let authenticated = session(&endpoint.api, request.headers(), request_id);
    let session = within(REQUEST_TIME_MAX, authenticated).await?;
    let languages = Languages::of(session.as_ref(), request.headers());
    let params = http::read(request).await?;
    let admitted = admit(&endpoint.api.documents, &params)?;
    if is_get && admitted.operation != OperationType::Query {
        let why = "GET requests cannot contain mutations";
        let help = "Send it with POST.";
        return Err(Refusal::of_protocol(StatusCode::METHOD_NOT_ALLOWED, why, help));
    }
    if admitted.requests_data && !endpoint.is_public {
        may_ask_admin(session.as_ref()).map_err(|error| refusal(&error))?;
    }
    let name = params.operation_name.clone();
    let operation = chosen(&admitted.document, name.as_deref());
    let selected = operation.map(|operation| &operation.selection_set.node);
    check_strings(&params.variables, selected).map_err(Refusal::not_executed)?;
    let query = query(&endpoint.api, params, &admitted, session).data(languages);
    let executed = async { Ok(endpoint.schema.execute(query).await) };
    let mut answer = within(admitted.time_max, executed).await?;
    if let Some(operation) = operation {
        arrange(&mut answer.data, &admitted.document, operation);
    }
    Ok(answer)
}

fn admit(documents: &Documents, params: &Params) -> Result<Admitted, Refusal> {
    let admitted = documents.admit(&params.query, params.operation_name.as_deref());
    admitted.map_err(Refusal::not_executed)
}

async fn within<T>(
    time_max: Duration,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    tokio::time::timeout(time_max, work).await.unwrap_or_else(|_| Err(timed_out(time_max)))
}

pub(crate) async fn session(
    api: &Api,
    headers: &HeaderMap,
    request_id: &str,
) -> Result<Option<Session>, Refusal> {
    api.auth.authenticate(&api.loyalty, headers).await.map_err(|error| {
        log(&error, request_id);
        refusal(&error)
    })
}

/// The admin schema is an operator's.
pub(crate) fn may_ask_admin(session: Option<&Session>) -> Result<()> {
    match session {
        None => Err(Error::new(Code::Unauthenticated, "this needs a token")),
        Some(session) if session.is_members() => {
            Err(Error::new(Code::Forbidden, "this needs an operator's token"))
        }
        Some(_) => Ok(()),
    }
}

fn query(api: &Api, params: Params, admitted: &Admitted, session: Option<Session>) -> Query {
    let mut document = ExecutableDocument::clone(&admitted.document);
    omit(&mut document, params.operation_name.as_deref(), &params.variables);
    let mut query = Query::new(params.query).variables(params.variables);
    query.operation_name = params.operation_name;
    query.set_parsed_query(document);
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
    outcome: Result<async_graphql::Response, Refusal>,
    request_id: &str,
) -> Response {
    match outcome {
        Ok(mut answer) => {
            let was_executed = answer.extensions.contains_key(COST);
            publish(&mut answer.errors, was_executed, request_id);
            match was_executed {
                true => http::executed(media, &answer, request_id),
                false => http::not_executed(media, &answer.errors),
            }
        }
        Err(mut refusal) => {
            complete(&mut refusal.error, request_id);
            http::refused(media, &refusal)
        }
    }
}

pub(crate) fn refusal(error: &Error) -> Refusal {
    let status = match error.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::MemberNotFound => StatusCode::NOT_FOUND,
        Code::MemberErased => StatusCode::GONE,
        Code::InvalidInput | Code::InvalidId => StatusCode::BAD_REQUEST,
        Code::Unavailable | Code::DatabaseUnusable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, request_error(error))
}

fn timed_out(time_max: Duration) -> Refusal {
    let why = format!("the request took longer than {} seconds", time_max.as_secs());
    let error = request_error(&Error::new(Code::Unavailable, why));
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_refused() {
        let endless = std::future::pending::<Result<(), Refusal>>();
        let refusal = within(Duration::from_millis(1), endless).await.unwrap_err();
        assert_eq!(refusal.status, Some(StatusCode::GATEWAY_TIMEOUT));
        assert!(within(REQUEST_TIME_MAX, async { Ok(()) }).await.is_ok());
    }
}
