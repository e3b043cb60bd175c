//! `make bench`: what the platform does, each beside what the machine would do without it, in the same run. Absolute numbers move
//! with the machine; the ratios are the result. Writes `target/bench.json`.

#[expect(dead_code, reason = "a benchmark keeps no files beside its database")]
#[path = "../../tests/it/support/db.rs"]
mod db;
mod import;
mod plain;
mod platform;
mod plugin;
mod purchases;
mod report;
mod status;

use db::Backend;
use report::Report;

fn main() {
    // Cargo passes `--bench`; what is left names the part to run.
    let only =
        std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let runs = |part: &str| only.is_empty() || part.starts_with(&only);
    let mut report = Report::default();
    runtime().block_on(async {
        if runs("import") {
            import::measure(&mut report).await;
        }
        if runs("purchases") {
            for backend in [Backend::Sqlite, Backend::Postgres] {
                purchases::measure(&mut report, backend).await;
            }
        }
        if runs("plugin") {
            plugin::measure(&mut report).await;
        }
        if runs("status") {
            for backend in [Backend::Sqlite, Backend::Postgres] {
                status::measure(&mut report, backend).await;
            }
        }
    });
    report.finish();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}
