//! What Prometheus reads at `/metrics`: requests and how long they took, by path and status.

use anyhow::Context;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::{Duration, Instant};

/// Upper bounds of the histogram's buckets, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// How often measurements are aggregated; until then each of them takes memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts recording, for the whole process.
pub(crate) fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder =
        PrometheusBuilder::new().set_buckets(SECONDS).and_then(PrometheusBuilder::install_recorder);
    let metrics = recorder.context("metrics cannot be recorded")?;
    metrics::describe_counter!("perennial_http_requests_total", "Requests answered.");
    metrics::describe_counter!(
        "perennial_messages_too_late_total",
        "Messages of plugins that were not sent because their moment had passed."
    );
    metrics::describe_gauge!(
        "perennial_programs_unusable",
        "Programs that this version of the server cannot use; the log and /readyz say why."
    );
    metrics::describe_histogram!(
        "perennial_http_request_seconds",
        metrics::Unit::Seconds,
        "Time from reading the request to the finished response."
    );
    let kept = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(metrics)
}

/// Counts a request and its duration.
pub(crate) async fn measured(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    // Only routes that exist become labels; what was not found is counted together.
    let path = if response.status() == StatusCode::NOT_FOUND { "other".to_owned() } else { path };
    let labels = [("path", path), ("status", response.status().as_u16().to_string())];
    metrics::counter!("perennial_http_requests_total", &labels).increment(1);
    metrics::histogram!("perennial_http_request_seconds", &labels).record(start.elapsed());
    response
}
