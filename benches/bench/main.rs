//! `make bench`: what the platform does, each beside what the machine would do without it, in the
//! same run. Absolute numbers move with the machine; the ratios are the result. Writes
//! `target/bench.json`. `docs/benchmarks.md` says what each row means.

#![expect(clippy::print_stdout, reason = "the table is the result")]

mod baseline;
mod client;
#[expect(dead_code, reason = "a benchmark stops no server")]
#[expect(clippy::unwrap_used, reason = "it belongs to the tests")]
#[path = "../../tests/it/support/cluster.rs"]
mod cluster;
#[expect(dead_code, reason = "a benchmark keeps no files beside its database")]
#[expect(clippy::unwrap_used, reason = "it belongs to the tests")]
#[path = "../../tests/it/support/db.rs"]
mod db;
// The baseline of a plugin's call has the host's own engine.
#[path = "../../plugins/host/src/engine.rs"]
mod engine;
mod import;
mod ledger;
#[expect(dead_code, unused_imports, reason = "a loop around the engine needs few of them")]
#[expect(unreachable_pub, reason = "it belongs to the host")]
#[path = "../../plugins/host/src/limits.rs"]
mod limits;
mod machine;
mod plain;
mod platform;
mod plugin;
mod plugins;
mod random;
mod report;
mod requests;

use cluster::Cluster;
use report::Report;

fn main() {
    // Cargo passes `--bench`; what is left names the rows to measure by their beginning.
    let only =
        std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let wants = |rows: &str| rows.starts_with(&only) || only.starts_with(rows);
    let mut report = Report::default();
    runtime().block_on(async {
        if let Some(rows) = ledger::measure_on_slow_disk(&mut report, &only).await {
            return report.write(&rows);
        }
        if wants("import") {
            import::measure(&mut report).await;
        }
        if wants("plugin.event") {
            plugin::measure(&mut report).await;
        }
        plugins::measure(&mut report, wants).await;
        requests::measure(&mut report, wants).await;
        ledger::measure(&mut report, wants).await;
        report.finish();
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}
