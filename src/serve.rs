//! `perennial serve`: the API, the worker, health and metrics, until interrupted.

use crate::cli::ServeArgs;
use crate::commands::{TokenRequest, install_folder};
use crate::config::Settings;
use crate::keys::{self, KeyFiles};
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
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Days for which the tokens of `--print-tokens` are valid.
const PRINTED_TOKEN_DAYS: u16 = 7;

pub(crate) async fn serve(settings: &Settings, args: ServeArgs) -> anyhow::Result<()> {
    let hangups = Hangups::expected().context("cannot ask for signals")?;
    let loyalty = platform::create(settings).await?;
    for installed in
        install_folder(&loyalty, &settings.plugins).await?.iter().filter(|plugin| plugin.is_new)
    {
        let Installed { id, version, .. } = installed;
        tracing::info!(
            plugin = id,
            version,
            "a plugin is offered; `perennial plugin use` moves programs"
        );
    }
    // Those that cannot be used are logged.
    loyalty.programs().list().await?;
    let files = KeyFiles::read_or_create(settings)?;
    let token_keys = files.keys()?;
    let metrics = metrics::install()?;
    let options = Options { graphiql: settings.graphiql };
    let api = Api::new(loyalty.clone(), token_keys.clone(), options);
    let app = perennial_graphql::router(api.clone())
        .layer(from_fn(metrics::measured))
        .merge(operations(loyalty.clone(), metrics));
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    announce(listener.local_addr()?);
    if let Some(program) = &args.print_tokens {
        print_tokens(&loyalty, &token_keys, program).await?;
    }
    let mut beside = JoinSet::new();
    beside.spawn(worker::run(loyalty.clone()));
    beside.spawn(keys::follow(settings.clone(), files, api.clone(), hangups));
    beside.spawn(async move { api.watch().await });
    perennial_graphql::serve(listener, app, interrupted()).await;
    beside.shutdown().await;
    tracing::info!("stopped");
    Ok(())
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
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()),
    }
}

fn announce(address: SocketAddr) {
    output::line(format!("storefront  http://{address}/graphql        (GraphiQL in a browser)"));
    output::line(format!("admin       http://{address}/admin/graphql  (GraphiQL in a browser)"));
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
