//! `perennial serve`: the API, the worker, health and metrics, until interrupted.

use crate::cli::ServeArgs;
use crate::commands::{TokenRequest, install_folder};
use crate::config::Settings;
use crate::{metrics, output, platform, token_key};
use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use metrics_exporter_prometheus::PrometheusHandle;
use perennial_core::{Actor, Loyalty, Scope, page::PageRequest, worker};
use perennial_graphql::{Api, Options, TokenKeys};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Days for which the tokens of `--print-tokens` are valid.
const PRINTED_TOKEN_DAYS: u16 = 7;

pub(crate) async fn serve(settings: &Settings, args: ServeArgs) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    for installed in
        install_folder(&loyalty, &settings.plugins).await?.iter().filter(|plugin| plugin.is_new)
    {
        tracing::info!(plugin = installed.id, version = installed.version, "installed a plugin");
    }
    let keys = keys(settings)?;
    let metrics = metrics::install()?;
    let options = Options { graphiql: settings.graphiql };
    let api = Api::new(loyalty.clone(), keys.clone(), options);
    let app = perennial_graphql::router(api)
        .layer(from_fn(metrics::measured))
        .merge(operations(loyalty.clone(), metrics));
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    announce(listener.local_addr()?);
    if let Some(program) = &args.print_tokens {
        print_tokens(&loyalty, &keys, program).await?;
    }
    let worker = tokio::spawn(worker::run(loyalty.clone()));
    perennial_graphql::serve(listener, app, interrupted()).await;
    worker.abort();
    tracing::info!("stopped");
    Ok(())
}

fn keys(settings: &Settings) -> anyhow::Result<TokenKeys> {
    let mut keys = TokenKeys::from_ed25519_pem(&token_key::read_or_create(&settings.token_key)?)?;
    if let (Some(path), Some(issuer)) = (&settings.jwks, &settings.issuer) {
        let jwks = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        keys = keys
            .trust(issuer, &jwks, settings.issuer_programs.iter().cloned())
            .with_context(|| path.display().to_string())?;
    }
    Ok(keys)
}

/// Health and metrics, for the operator.
fn operations(loyalty: Loyalty, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/livez", get(async || "alive"))
        .route("/readyz", get(ready).with_state(loyalty))
        .route(
            "/metrics",
            get(async |State(metrics): State<PrometheusHandle>| metrics.render())
                .with_state(metrics),
        )
}

async fn ready(State(loyalty): State<Loyalty>) -> impl IntoResponse {
    match loyalty.ready().await {
        Ok(()) => (StatusCode::OK, "ready".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()),
    }
}

fn announce(address: SocketAddr) {
    output::line(format!("storefront  http://{address}/graphql        (GraphiQL in a browser)"));
    output::line(format!("admin       http://{address}/admin/graphql  (GraphiQL in a browser)"));
}

async fn print_tokens(loyalty: &Loyalty, keys: &TokenKeys, program: &str) -> anyhow::Result<()> {
    let (found, actor) = platform::program(loyalty, program).await?;
    let token =
        |subject, scopes| TokenRequest { program, subject, scopes, days: PRINTED_TOKEN_DAYS };
    let admin = token("demo", vec![Scope::Admin]).issue(loyalty, keys).await?;
    output::line(format!("program     {program}, now {}", found.now));
    output::line(format!("admin token  {admin}"));
    if let Some(member) = first_member(loyalty, &actor).await? {
        let issued = token(&member, vec![Scope::Member]).issue(loyalty, keys).await?;
        output::line(format!("member token ({member})  {issued}"));
    }
    Ok(())
}

async fn first_member(loyalty: &Loyalty, actor: &Actor) -> anyhow::Result<Option<String>> {
    let page = loyalty.members().list(actor, PageRequest::new(1, None)?).await?;
    Ok(page.items.into_iter().next().map(|member| member.external_id))
}

/// Ctrl-C, or the signal that a supervisor stops a service with.
async fn interrupted() {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
