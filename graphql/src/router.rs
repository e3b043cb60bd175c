//! The routes, and the way of a request: read, authenticate, admit, execute, publish.

use crate::auth::{Session, TokenKeys, authenticate};
use crate::error::{log, publish, request_error};
use crate::http::{self, Media, Params, Refusal};
use crate::limits::{self, Admitted, REQUEST_TIME_MAX};
use crate::loaders::loaders;
use crate::{admin, sdl, storefront};
use async_graphql::http::GraphiQLSource;
use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request as Query, ServerError, Value};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use perennial_core::{Code, Error, Loyalty, Result};
use std::sync::Arc;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};

/// What the API serves from.
#[derive(Clone, Debug)]
pub struct Api {
    loyalty: Loyalty,
    keys: Arc<TokenKeys>,
    options: Options,
}

/// What the operator may choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether browsers get `GraphiQL`, a page to try queries on.
    pub graphiql: bool,
}

impl Api {
    pub fn new(loyalty: Loyalty, keys: TokenKeys, options: Options) -> Self {
        Self { loyalty, keys: Arc::new(keys), options }
    }
}

/// The routes of the API. Each request gets an `x-request-id`, or keeps the one that it came with.
pub fn router(state: Api) -> Router {
    let storefront = Endpoint {
        schema: storefront::builder().data(state.loyalty.clone()).finish(),
        path: "/graphql",
        is_public: true,
        api: state.clone(),
    };
    let admin = Endpoint {
        schema: admin::builder().data(state.loyalty.clone()).finish(),
        path: "/admin/graphql",
        is_public: false,
        api: state,
    };
    Router::new()
        .route("/graphql/schema.graphql", get(async || sdl_text(sdl::storefront_sdl())))
        .route("/admin/graphql/schema.graphql", get(async || sdl_text(sdl::admin_sdl())))
        .merge(storefront.route())
        .merge(admin.route())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// One schema at one address.
struct Endpoint<E> {
    schema: E,
    path: &'static str,
    /// Whether anything but introspection is answered without a token.
    is_public: bool,
    api: Api,
}

impl<E: Executor> Endpoint<E> {
    fn route(self) -> Router {
        let path = self.path;
        Router::new().route(path, get(handle::<E>).post(handle::<E>)).with_state(Arc::new(self))
    }

    fn serves_page(&self, request: &Request) -> bool {
        let asks_nothing = !request.uri().query().unwrap_or_default().contains("query=");
        self.api.options.graphiql
            && request.method() == Method::GET
            && asks_nothing
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
            "the answer is application/graphql-response+json or application/json",
            "Send one of them in `Accept`.",
        );
        return finish(Media::Json, Err(refusal.into()), &request_id);
    };
    let answered = tokio::time::timeout(REQUEST_TIME_MAX, answer(&endpoint, request)).await;
    let outcome = answered.unwrap_or_else(|_| Err(overdue().into()));
    finish(media, outcome, &request_id)
}

/// Why there is no answer of the executor.
enum Failure {
    /// The request did not get as far as being a GraphQL request of somebody.
    Refused(Refusal),
    /// The document is not one that this schema executes.
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
    let session = session(&endpoint.api, request.headers()).await?;
    let is_get = request.method() == Method::GET;
    let params = http::read(request).await?;
    let admitted = limits::admit(&params.query, params.operation_name.as_deref())
        .map_err(|error| Failure::NotExecuted(Box::new(error)))?;
    if is_get && admitted.operation != OperationType::Query {
        let why = "GET only asks; a mutation is sent with POST";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why, "Send it with POST.").into());
    }
    if session.is_none() && admitted.asks_data && !endpoint.is_public {
        return Err(refusal(&Error::new(Code::Unauthenticated, "this needs a token")).into());
    }
    Ok(endpoint.schema.execute(query(&endpoint.api, params, admitted, session)).await)
}

async fn session(api: &Api, headers: &HeaderMap) -> Result<Option<Session>, Refusal> {
    authenticate(&api.loyalty, &api.keys, headers).await.map_err(|error| {
        log(&error, header_text(headers));
        refusal(&error)
    })
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
            // Errors of an execution have a path; a document that was not executed has neither data nor a path.
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
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal { status, error: Box::new(request_error(error)) }
}

fn overdue() -> Refusal {
    let why = format!("the request took longer than {} seconds", REQUEST_TIME_MAX.as_secs());
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

fn sdl_text(sdl: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/graphql; charset=utf-8")], sdl)
}
