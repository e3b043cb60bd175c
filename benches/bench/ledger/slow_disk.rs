//! A disk on which a flush takes four milliseconds, as a cloud's does: 32 clients of the API, beside
//! one commit for each earn. What is combined shares a flush.
//!
//! A library that waits in each `fdatasync` and `fsync` is loaded into a process of this benchmark's
//! own and into its PostgreSQL, before anything else.

use super::baseline::Baseline;
use super::clients::HttpEarner;
use super::earn::median_but_first;
use super::{MANY, PROGRAM, Sizes};
use crate::Cluster;
use crate::client::Until;
use crate::db::{Backend, TestDb};
use crate::machine;
use crate::platform::Platform;
use crate::report::Report;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bench/ledger/slow_disk.c");
const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/slow_disk.so");
/// Where the process writes its rows.
const ROWS: &str = "PERENNIAL_BENCH_SLOW_DISK";
/// Filling waits for the disk too.
const MEMBERS: usize = 10_000;
/// What a commit of its own can reach at most on such a disk; more would say that nothing waits.
const ALONE_MAX: f64 = 250.0;

/// Measures a row in a process with such a disk.
pub(super) fn measure(report: &mut Report, row: &str) {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let compiled = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-O2", "-o", LIBRARY, SOURCE])
        .status()
        .expect("a C compiler, the same that SQLite is built with");
    assert!(compiled.success(), "{SOURCE} does not compile");
    let folder = tempfile::tempdir().expect("a folder");
    let rows = folder.path().join("rows.json");
    let this = std::env::current_exe().expect("this program");
    let measured = Command::new(this)
        .arg(row)
        .env("LD_PRELOAD", LIBRARY)
        .env(ROWS, &rows)
        .status()
        .expect("this program runs");
    assert!(measured.success(), "{row} could not be measured");
    report.take_over(&rows);
}

/// In a process with such a disk: measures the row, and answers where it is to be written.
pub(crate) async fn measure_on_slow_disk(report: &mut Report, row: &str) -> Option<PathBuf> {
    let rows = std::env::var_os(ROWS)?;
    let folder = tempfile::tempdir().expect("a folder");
    machine::note(report, folder.path());
    if row.starts_with("ledger.pg") {
        let cluster = Cluster::start_with(&["fsync=on", "synchronous_commit=on"]);
        let (ours, theirs) = (TestDb::within(&cluster).await, TestDb::within(&cluster).await);
        race(report, row, ours, theirs).await;
    } else {
        let backend = Backend::Sqlite;
        let (ours, theirs) = (TestDb::create(backend).await, TestDb::create(backend).await);
        race(report, row, ours, theirs).await;
    }
    Some(Path::new(&rows).to_owned())
}

async fn race(report: &mut Report, row: &str, ours: TestDb, theirs: TestDb) {
    let sizes = Sizes::asked_for();
    let mut baseline = Baseline::open(theirs, MEMBERS).await;
    let platform = Platform::of_program(ours, PROGRAM, MEMBERS).await;
    let mut http = HttpEarner::crowd(&platform, MANY, "slow", MEMBERS, 1).await;
    let (mut ours, mut theirs) = (vec![], vec![]);
    for _ in 0..=sizes.rounds {
        theirs.push(baseline.rate(1, sizes.round).await);
        ours.push(http.round(Until::Elapsed(sizes.round)).await.rate());
        platform.settle().await;
    }
    let (ours, theirs) = (median_but_first(ours), median_but_first(theirs));
    assert!(theirs < ALONE_MAX, "{theirs} commits a second: the disk is not slow");
    report.rate(row, "earns/s", ours, theirs);
    if row.starts_with("ledger.pg") {
        let shared = baseline.rate(MANY, sizes.round).await;
        report.note(&format!("32 clients of the one-statement earn share flushes: {shared:.0}/s"));
    }
}
