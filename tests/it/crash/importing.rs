//! An import that is killed and run again.

use crate::support::plugins::bundled_folder;
use crate::support::{Backend, Perennial, TestApp, TestDb, books, on_both_databases, perennial};
use perennial_core::db::Database;
use serde_json::json;
use std::process::Child;
use std::time::Duration;

/// How much of the sample is imported: nine months, enough for reactivations on the way.
const ROWS: usize = 1000;
const UNTIL: &str = "19971001";

on_both_databases!(an_import_killed_halfway_and_run_again_ends_like_an_undisturbed_one);

async fn an_import_killed_halfway_and_run_again_ends_like_an_undisturbed_one(backend: Backend) {
    let undisturbed = prepared(backend).await;
    perennial(&undisturbed, &import(&undisturbed)).succeeds();
    let killed = prepared(backend).await;
    // Two kills, early and late.
    for purchases in [200, 700] {
        let mut import = Perennial::start(&killed, &import(&killed));
        wait_for_purchases(&killed, &mut import, purchases).await;
        import.kill().unwrap();
        import.wait().unwrap();
    }
    perennial(&killed, &import(&killed)).succeeds();
    let expected = books::totals(&TestApp::over(undisturbed).await).await;
    let found = books::totals(&TestApp::over(killed).await).await;
    assert_eq!(expected["purchases"], json!(ROWS));
    assert!(expected["messages"].as_i64() > Some(50), "{expected}");
    assert_eq!(found, expected);
}

/// A database with the demo program, and the first rows of the sample beside it.
async fn prepared(backend: Backend) -> TestDb {
    let db = TestDb::create(backend).await;
    let plugin = bundled_folder().join("consumer-goods.wasm");
    perennial(&db, &["plugin", "install", plugin.to_str().unwrap()]).succeeds();
    perennial(&db, &["program", "apply", "examples/programs/demo.toml"]).succeeds();
    let sample = std::fs::read_to_string("examples/data/cdnow/CDNOW_sample.txt").unwrap();
    let date = |row: &str| row.split_whitespace().nth(2).unwrap().to_owned();
    let early = sample.lines().filter(|row| date(row).as_str() < UNTIL);
    let rows: String = early.take(ROWS).map(|row| format!("{row}\n")).collect();
    std::fs::write(db.folder.path().join("purchases.txt"), rows).unwrap();
    db
}

fn import(db: &TestDb) -> Vec<String> {
    let file = db.folder.path().join("purchases.txt").display().to_string();
    let mapping = "examples/data/cdnow/mapping.toml";
    ["import", "purchases", &file, "--program", "demo", "--mapping", mapping]
        .map(str::to_owned)
        .to_vec()
}

/// Waits until the database holds so many purchases; an import that ends before that fails the
/// test.
async fn wait_for_purchases(db: &TestDb, import: &mut Child, expected: i64) {
    let connected = Database::connect(&db.url).await.unwrap();
    loop {
        let found = books::purchases(&connected).await;
        if found >= expected {
            break;
        }
        let ended = import.try_wait().unwrap();
        assert_eq!(ended, None, "the import ended after {found} purchases");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    connected.close().await.unwrap();
}
