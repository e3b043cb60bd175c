//! The routes, and what applies to all of them.

use crate::admission::Documents;
use crate::auth::{Auth, TokenKeys};
use crate::endpoint::{Endpoint, elsewhere};
use crate::error::request_error;
use crate::exports;
use crate::graphiql;
use crate::http::{self, Media, REQUEST_ID, Refusal};
use crate::schema::{self, admin, storefront};
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{from_fn, map_request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use perennial_core::{Error, Loyalty};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::cors::{self, AllowHeaders, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

/// The bytes of a response from which on it is compressed: below, it is one packet either way.
const COMPRESSED_FROM: u64 = 1024;
/// How long a browser may cache the answer to a CORS preflight.
const PREFLIGHT_KEPT: Duration = Duration::from_hours(1);

/// The state that the API serves from.
#[derive(Clone, Debug)]
pub struct Api {
    pub(crate) loyalty: Loyalty,
    pub(crate) auth: Arc<Auth>,
    pub(crate) documents: Arc<Documents>,
    pub(crate) options: Options,
}

/// The operator's options.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether browsers get `GraphiQL`, a page for trying out queries.
    pub graphiql: bool,
}

impl Api {
    /// Whoever serves it also runs [`Api::watch`].
    pub fn new(loyalty: Loyalty, keys: TokenKeys, options: Options) -> Self {
        let auth = Arc::new(Auth::new(keys));
        Self { loyalty, auth, documents: Arc::default(), options }
    }

    /// Learns of tokens that were revoked, here or on another node, within two seconds. Runs until
    /// it is dropped; without it, a verified token is good for up to a minute after it was revoked.
    pub async fn watch(&self) {
        self.auth.watch(&self.loyalty).await;
    }

    /// Accepts what these keys signed, from now on and nothing else.
    pub fn replace_keys(&self, keys: TokenKeys) {
        self.auth.replace_keys(keys);
    }
}

/// The routes of the API. Each request gets an `x-request-id`, or keeps the one that it has if that
/// is a plain name.
pub fn router(state: Api) -> Router {
    let page = if state.options.graphiql { graphiql::routes() } else { Router::new() };
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
        api: state.clone(),
    };
    Router::new()
        .route("/graphql/schema.graphql", get(async || sdl_text(schema::storefront_sdl())))
        .route("/admin/graphql/schema.graphql", get(async || sdl_text(schema::admin_sdl())))
        .merge(storefront.route().layer(any_origin()))
        .merge(admin.route())
        .merge(exports::route(state))
        .merge(page)
        .fallback(async |request: Request| {
            elsewhere(&request, StatusCode::NOT_FOUND, "there is nothing at this address")
        })
        .layer(compressed())
        .layer(map_request(async |request| http::with_known_encodings(request)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(map_request(async |request| http::without_odd_id(request)))
        .layer(from_fn(http::drained))
}

/// Pages of any origin may call the storefront API: a page sends the member's token itself, the
/// browser never adds it. The admin API is not open to other origins.
///
/// Whatever headers a client wants to send, it may. Clients, tracers and gateways have names of
/// their own – `apollographql-client-name`, `traceparent`, `sentry-trace` – and a list of them would
/// protect nothing: what a header means is decided by the handlers, which know a handful.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(cors::Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([REQUEST_ID])
        .max_age(PREFLIGHT_KEPT)
}

/// Gzip for what is longer than a packet, which every client can read; the fastest level, since
/// another one gains little on JSON.
///
/// Text of an attacker beside a secret, compressed together, would tell the secret by its length
/// (BREACH) to whoever can have the victim's client send requests. No page can: the token is a
/// header that only a client's own code sets, never a cookie, and no response contains a token.
fn compressed() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM))
}

/// A panic ends the request with an error like any other; other requests are not affected.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or_default(), "a request panicked");
    let error = Error::internal("a request panicked");
    let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, request_error(&error));
    http::refused(Media::Json, &refusal)
}

fn sdl_text(sdl: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/graphql; charset=utf-8")], sdl)
}
