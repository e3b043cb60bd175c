//! What Prometheus reads at `/metrics`: the list of all measurements, and those of requests.

use anyhow::Context;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use metrics::Unit;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::{Duration, Instant};

/// Upper bounds of the histogram's buckets, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// How often measurements are aggregated; until then each of them takes memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// A measurement, as `docs/metrics.md` and `/metrics` describe it.
struct Metric {
    name: &'static str,
    kind: Kind,
    unit: Option<Unit>,
    labels: &'static [&'static str],
    meaning: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// All there are.
const METRICS: &[Metric] = &[
    Metric {
        name: "perennial_build_info",
        kind: Kind::Gauge,
        unit: None,
        labels: &["version"],
        meaning: "Always 1; the label is the version that runs.",
    },
    Metric {
        name: "perennial_http_requests_total",
        kind: Kind::Counter,
        unit: None,
        labels: &["path", "status"],
        meaning: "Requests answered.",
    },
    Metric {
        name: "perennial_http_request_seconds",
        kind: Kind::Histogram,
        unit: Some(Unit::Seconds),
        labels: &["path", "status"],
        meaning: "Time from reading a request to its finished response.",
    },
    Metric {
        name: "perennial_errors_total",
        kind: Kind::Counter,
        unit: None,
        labels: &["code"],
        meaning: "Errors that are the platform's or the database's, by code. A field that fails \
                  leaves the status of its request at 200, so count these.",
    },
    Metric {
        name: "perennial_worker_lag_seconds",
        kind: Kind::Gauge,
        unit: Some(Unit::Seconds),
        labels: &["work"],
        meaning: "How long the first of what is due has waited: `expiry` of points, `inactivity` of \
                  members whose points end by it, `tiers` after a revision, \
                  `plugin_changes` that not everybody has received whom they are about, `timers`, \
                  `deliveries` of events to plugins, `seals` of what was recorded, for which ten \
                  seconds are normal.",
    },
    Metric {
        name: "perennial_deliveries_waiting",
        kind: Kind::Gauge,
        unit: None,
        labels: &["program"],
        meaning: "Events that plugins have yet to receive, those of quarantined plugins included; \
                  at most 100,000 are counted.",
    },
    Metric {
        name: "perennial_plugins_quarantined",
        kind: Kind::Gauge,
        unit: None,
        labels: &["program"],
        meaning: "Plugins that are quarantined; their events wait.",
    },
    Metric {
        name: "perennial_plugin_queues_parked",
        kind: Kind::Gauge,
        unit: None,
        labels: &["program"],
        meaning: "Members over whom a plugin stands still; at most 100,000 are counted.",
    },
    Metric {
        name: "perennial_plugin_calls_total",
        kind: Kind::Counter,
        unit: None,
        labels: &["program", "plugin", "hook", "outcome"],
        meaning: "Calls of plugins, by the hook, `on-event` or `appraise`, and by how they ended: \
                  `ok`, or the kind of fault, such as `TRAP`.",
    },
    Metric {
        name: "perennial_plugin_chains_ended_total",
        kind: Kind::Counter,
        unit: None,
        labels: &["program"],
        meaning: "Events that no plugin was told of because eight plugins had followed from one \
                  another before, and those that a plugin did not raise because two had.",
    },
    Metric {
        name: "perennial_plugin_rollbacks_total",
        kind: Kind::Counter,
        unit: None,
        labels: &["program", "plugin"],
        meaning: "Versions of plugins that a program left by itself because they failed.",
    },
    Metric {
        name: "perennial_imports_running",
        kind: Kind::Gauge,
        unit: None,
        labels: &["program"],
        meaning: "Imports that hold the program's timers until they are through.",
    },
    Metric {
        name: "perennial_messages_too_late_total",
        kind: Kind::Counter,
        unit: None,
        labels: &[],
        meaning: "Messages of plugins that were not sent because their moment had passed.",
    },
    Metric {
        name: "perennial_programs_unusable",
        kind: Kind::Gauge,
        unit: None,
        labels: &[],
        meaning: "Programs that this version of the server cannot use; the log and `/readyz` say why.",
    },
    Metric {
        name: "perennial_clock_is_distrusted",
        kind: Kind::Gauge,
        unit: None,
        labels: &[],
        meaning: "1 while the machine's clock is not believed; see `perennial clock`.",
    },
    Metric {
        name: "perennial_database_wait_seconds",
        kind: Kind::Histogram,
        unit: Some(Unit::Seconds),
        labels: &[],
        meaning: "Time that a statement waited for a free connection; after 10 seconds it fails.",
    },
    Metric {
        name: "perennial_database_connections_in_use",
        kind: Kind::Gauge,
        unit: None,
        labels: &[],
        meaning: "Connections to the database that are in use: at most 16, and on SQLite one more, \
                  which writes.",
    },
    Metric {
        name: "perennial_database_bytes",
        kind: Kind::Gauge,
        unit: Some(Unit::Bytes),
        labels: &[],
        meaning: "Size of the database.",
    },
];

/// Starts recording, for the whole process.
pub(crate) fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder =
        PrometheusBuilder::new().set_buckets(SECONDS).and_then(PrometheusBuilder::install_recorder);
    let metrics = recorder.context("metrics cannot be recorded")?;
    for metric in METRICS {
        metric.describe();
    }
    metrics::gauge!("perennial_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let kept = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(metrics)
}

impl Metric {
    fn describe(&self) {
        let (name, unit) = (self.name, self.unit.unwrap_or(Unit::Count));
        let meaning = match self.labels {
            [] => self.meaning.to_owned(),
            labels => format!("{} By {}.", self.meaning, labels.join(" and ")),
        };
        match self.kind {
            Kind::Counter => metrics::describe_counter!(name, unit, meaning),
            Kind::Gauge => metrics::describe_gauge!(name, unit, meaning),
            Kind::Histogram => metrics::describe_histogram!(name, unit, meaning),
        }
    }
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

/// The rows of `docs/metrics.md`.
#[cfg(test)]
pub(crate) fn rows() -> impl Iterator<Item = String> {
    METRICS.iter().map(|metric| {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        let unit = metric.unit.map_or("", |unit| unit.as_str());
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, labels, meaning) = (metric.name, labels.join(", "), metric.meaning);
        format!("| `{name}` | {kind} | {unit} | {labels} | {meaning} |\n")
    })
}
