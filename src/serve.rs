//! `perennial serve`: the API, the worker, health and metrics, until interrupted.

use crate::cli::ServeArgs;
use crate::commands::{TokenRequest, install_folder, waits};
use crate::config::{Operations, Settings};
use crate::keys::{self, Followers, KeyFiles};
use crate::signals::{Hangups, interrupted};
use crate::{metrics, output, platform};
use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use metrics_exporter_prometheus::PrometheusHandle;
use perennial_core::plugins::Installed;
use perennial_core::programs::Unusable;
use perennial_core::tokens::Holder;
use perennial_core::{Actor, Loyalty, Readiness, Scope, page::PageRequest, worker};
use perennial_graphql::{Api, Options, TokenKeys};
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Days for which the tokens of `--print-tokens` are valid.
const PRINTED_TOKEN_DAYS: u16 = 7;

pub(crate) async fn serve(settings: &Settings, args: ServeArgs) -> anyhow::Result<()> {
    let hangups = Hangups::expected().context("cannot ask for signals")?;
    let loyalty = platform::create(settings).await?;
    for installed in install_folder(&loyalty, &settings.plugins).await? {
        let Installed { id, version, is_new, .. } = &installed;
        match waits(&installed) {
            Some(why) => tracing::warn!(plugin = id, version, why, "no program can use it before"),
            None if *is_new => tracing::info!(
                plugin = id,
                version,
                "a plugin is offered; `perennial plugin upgrade` moves programs"
            ),
            None => {}
        }
    }
    // Those that cannot be used are logged.
    loyalty.programs().list().await?;
    let files = KeyFiles::read_or_create(settings)?;
    let token_keys = files.keys()?;
    let seal_keys = Arc::new(files.seal_keys()?);
    loyalty.sign_seals_with(Arc::clone(&seal_keys) as _);
    let metrics = metrics::install()?;
    let options = Options { graphiql: settings.graphiql };
    let api = Api::new(loyalty.clone(), token_keys.clone(), options);
    let app = perennial_graphql::router(api.clone())
        .layer(from_fn(metrics::measured))
        .merge(health(loyalty.clone()));
    let listener = listen(settings.listen, "--listen").await?;
    let operations = match settings.operations_listen {
        Operations::At(address) => Some(listen(address, "--operations-listen").await?),
        Operations::Off => None,
    };
    announce(&listener, operations.as_ref())?;
    if let Some(program) = &args.print_tokens {
        print_tokens(&loyalty, &token_keys, program).await?;
    }
    let mut beside = JoinSet::new();
    if let Some(operations) = operations {
        // Until the last request is answered, so that a server that stops can be watched.
        let measured = health(loyalty.clone()).merge(measurements(metrics));
        beside.spawn(perennial_graphql::serve(operations, measured, pending()));
    }
    beside.spawn(worker::run(loyalty.clone()));
    let followers = Followers { api: api.clone(), seals: seal_keys };
    beside.spawn(keys::follow(settings.clone(), files, followers, hangups));
    beside.spawn(async move { api.watch().await });
    perennial_graphql::serve(listener, app, interrupted()).await;
    beside.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    let failed = || format!("cannot listen on {address}: name another address with {flag}");
    TcpListener::bind(address).await.with_context(failed)
}

/// Health, for whatever restarts servers and sends them requests.
fn health(loyalty: Loyalty) -> Router {
    Router::new()
        .route("/livez", get(async || "alive"))
        .route("/readyz", get(ready).with_state(loyalty))
}

/// Metrics, which say how much is going on: for the operator alone.
fn measurements(metrics: PrometheusHandle) -> Router {
    let render = async |State(metrics): State<PrometheusHandle>| metrics.render();
    Router::new().route("/metrics", get(render).with_state(metrics))
}

async fn ready(State(loyalty): State<Loyalty>) -> impl IntoResponse {
    match loyalty.ready().await {
        Ok(Readiness::Ready) => (StatusCode::OK, "ready".to_owned()),
        Ok(Readiness::ReadyBut(unusable)) => {
            let line = |Unusable { program, why }: &Unusable| {
                format!("ready, but the program `{program}` cannot be used: {why}")
            };
            (StatusCode::OK, unusable.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        Ok(Readiness::WithoutPrograms) => {
            (StatusCode::OK, "ready, but no program was applied yet".to_owned())
        }
        Ok(Readiness::InDoubt(doubt)) => (StatusCode::OK, format!("ready, but {doubt}")),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()),
    }
}

fn announce(listener: &TcpListener, operations: Option<&TcpListener>) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    output::line(format!("storefront  http://{address}/graphql        (GraphiQL in a browser)"));
    output::line(format!("admin       http://{address}/admin/graphql  (GraphiQL in a browser)"));
    output::line(match operations {
        Some(listener) => format!("operations  http://{}/metrics", listener.local_addr()?),
        None => "operations  off".to_owned(),
    });
    Ok(())
}

async fn print_tokens(loyalty: &Loyalty, keys: &TokenKeys, program: &str) -> anyhow::Result<()> {
    let (found, actor) = platform::program(loyalty, program).await?;
    let token = async |holder, scope| {
        let (scopes, days) = (vec![scope], PRINTED_TOKEN_DAYS);
        let issued = TokenRequest { program, holder, scopes, days }.issue(loyalty, keys).await?;
        anyhow::Ok(issued.1)
    };
    let admin = token(Holder::Operator("demo".to_owned()), Scope::Admin).await?;
    output::line(format!("program     {program}, now {}", found.now));
    output::line(format!("admin token  {admin}"));
    if let Some(member) = first_member(loyalty, &actor).await? {
        let issued = token(Holder::Member(member.clone()), Scope::Member).await?;
        output::line(format!("member token ({member})  {issued}"));
    }
    Ok(())
}

async fn first_member(loyalty: &Loyalty, actor: &Actor) -> anyhow::Result<Option<String>> {
    let page = loyalty.members().list(actor, PageRequest::new(1, None)?).await?;
    Ok(page.items.into_iter().next().map(|member| member.external_id))
}
