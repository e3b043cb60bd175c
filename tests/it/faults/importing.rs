//! An import that is killed and run again.

use crate::support::plugins::bundled_folder;
use crate::support::programs::SHOP;
use crate::support::{
    Backend, Perennial, Sent, TestApp, TestDb, books, on_both_databases, perennial,
};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// How much of the sample is imported: nine months, enough for reactivations on the way.
const ROWS: usize = 1000;
const UNTIL: &str = "19971001";

/// Orders of three rows that do not stand together; several batches, so that a kill after the first
/// one comes before the last.
const ORDERS: usize = 1500;

on_both_databases!(
    an_import_killed_halfway_and_run_again_ends_like_an_undisturbed_one,
    orders_are_whole_wherever_an_import_was_killed,
);

async fn an_import_killed_halfway_and_run_again_ends_like_an_undisturbed_one(backend: Backend) {
    let undisturbed = sample(backend).await;
    perennial(&undisturbed, &import(&undisturbed)).succeeds();
    let killed = sample(backend).await;
    // Two kills, early and late.
    for purchases in [200, 700] {
        kill_after(&killed, purchases);
    }
    perennial(&killed, &import(&killed)).succeeds();
    let expected = books::totals(&as_left(undisturbed).await).await;
    let found = books::totals(&as_left(killed).await).await;
    assert_eq!(expected["purchases"], json!(ROWS));
    assert_eq!(expected["waiting"], json!(0), "what the last purchases set off is done");
    assert!(expected["messages"].as_i64() > Some(50), "{expected}");
    assert_eq!(found, expected);
}

async fn orders_are_whole_wherever_an_import_was_killed(backend: Backend) {
    let undisturbed = shop(backend).await;
    perennial(&undisturbed, &import(&undisturbed)).succeeds();
    let killed = shop(backend).await;
    kill_after(&killed, 1);
    perennial(&killed, &import(&killed)).succeeds();
    let undisturbed = as_left(undisturbed).await;
    let killed = as_left(killed).await;
    let expected = books::totals(&undisturbed).await;
    assert_eq!(expected["purchases"], json!(ORDERS));
    assert_eq!(books::totals(&killed).await, expected);
    let lines = books::purchase_lines(&killed).await;
    assert_eq!(lines.len(), 3 * ORDERS);
    assert_eq!(lines, books::purchase_lines(&undisturbed).await);
}

/// What an import left, without a worker that goes on from there.
async fn as_left(db: TestDb) -> TestApp {
    TestApp::observed(db, &Sent::default()).await
}

/// A database with the demo program, and the first rows of the sample beside it.
async fn sample(backend: Backend) -> TestDb {
    let db = TestDb::create(backend).await;
    let plugin = bundled_folder().join("consumer-goods.wasm");
    perennial(&db, &["plugin", "install", "--approve", plugin.to_str().unwrap()]).succeeds();
    perennial(&db, &["program", "apply", "examples/programs/demo.toml"]).succeeds();
    let sample = std::fs::read_to_string("examples/data/cdnow/CDNOW_sample.txt").unwrap();
    let date = |row: &str| row.split_whitespace().nth(2).unwrap().to_owned();
    let early = sample.lines().filter(|row| date(row).as_str() < UNTIL);
    let rows: String = early.take(ROWS).map(|row| format!("{row}\n")).collect();
    let mapping = std::fs::read_to_string("examples/data/cdnow/mapping.toml").unwrap();
    with_files(db, "demo", &rows, &mapping)
}

/// A database with a shop, and a file of orders whose rows are far apart.
async fn shop(backend: Backend) -> TestDb {
    let db = TestDb::create(backend).await;
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    perennial(&db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let mut rows = "member,reference,date,amount,sku\n".to_owned();
    for sku in ["tea", "mug", "pot"] {
        for order in 0..ORDERS {
            let member = order % 50;
            writeln!(rows, "m-{member},o-{order},2026-01-01,1.50,{sku}").unwrap();
        }
    }
    with_files(db, "shop", &rows, "create_members = true")
}

fn with_files(db: TestDb, program: &str, rows: &str, mapping: &str) -> TestDb {
    for (name, text) in [("program", program), ("rows", rows), ("mapping.toml", mapping)] {
        std::fs::write(db.folder.path().join(name), text).unwrap();
    }
    db
}

fn import(db: &TestDb) -> Vec<String> {
    let path = |name: &str| db.folder.path().join(name).display().to_string();
    let program = std::fs::read_to_string(path("program")).unwrap();
    [
        "import",
        "purchases",
        &path("rows"),
        "--program",
        &program,
        "--mapping",
        &path("mapping.toml"),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Kills an import as soon as it logs that so many purchases are in the database; one that ends
/// before that fails the test.
fn kill_after(db: &TestDb, purchases: u64) {
    let mut command = Perennial::command(db);
    command.args(import(db)).arg("--log-json").env("PERENNIAL_LOG", "perennial=debug");
    let mut import = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(import.stderr.take().unwrap()).lines().map(Result::unwrap);
    let is_time = |line: &String| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        line["fields"]["done"].as_u64() >= Some(purchases)
    };
    let reached = log.find(is_time);
    import.kill().unwrap();
    import.wait().unwrap();
    assert!(reached.is_some(), "the import ended before {purchases} purchases");
}
