//! The executable as scripts use it: what it prints, what it refuses, and with which exit code.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, TestDb, on_both_databases, perennial, plugins};
use serde_json::{Value, json};
use std::path::Path;

on_both_databases!(
    a_token_is_all_that_token_create_prints,
    a_wrong_program_file_changes_nothing_and_names_the_line,
    a_broken_component_is_refused_and_the_one_in_force_stays,
);

async fn a_token_is_all_that_token_create_prints(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let token = |who: [&str; 2]| {
        perennial(&app.db, &["token", "create", "--program", "shop", who[0], who[1]])
    };
    let admin = token(["--scope", "admin"]).succeeds();
    assert_eq!(admin.stdout.matches('.').count(), 2, "{}", admin.stdout);
    assert_eq!(admin.stdout.lines().count(), 1);
    token(["--member", "ada"]).succeeds();
    let nobody = token(["--member", "nobody"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(1), ""));
    assert!(nobody.stderr.contains("nobody"), "{}", nobody.stderr);
}

async fn a_wrong_program_file_changes_nothing_and_names_the_line(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let path = app.db.folder.path().join("program.toml");
    for (wrong, line) in [
        (SHOP.replace("currency", "curency"), "line 5"),
        (SHOP.replace("Europe/Berlin", "Europe/Atlantis"), "line 4"),
        (SHOP.replace("from = 3", "from = 9"), "line 29"),
        (SHOP.replace("points = 10", "points = -10"), "line 33"),
    ] {
        std::fs::write(&path, wrong).unwrap();
        let refused = perennial(&app.db, &["program", "apply", path.to_str().unwrap()]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains(line), "{line} in {}", refused.stderr);
    }
    std::fs::write(&path, SHOP).unwrap();
    let same = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).succeeds();
    assert_eq!(same.stdout.trim(), "no difference");
    std::fs::write(&path, SHOP.replace("A mug", "A large mug")).unwrap();
    let differs = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).succeeds();
    assert!(differs.stdout.contains("+name.en = \"A large mug\""), "{}", differs.stdout);
    let applied = perennial(&app.db, &["program", "apply", path.to_str().unwrap(), "--json"]);
    assert_eq!(applied.json::<Value>(), json!({ "revision": 2, "changed": true }));
}

async fn a_broken_component_is_refused_and_the_one_in_force_stays(backend: Backend) {
    let app = TestApp::start(backend).await;
    let good = plugins::bundled("consumer-goods");
    app.loyalty.plugins().install(good).await.unwrap();
    let path = app.db.folder.path().join("broken.wasm");
    let mut flipped = good.to_vec();
    let middle = flipped.len() / 2;
    flipped[middle..middle + 64].fill(0xff);
    for broken in [&b"not wasm"[..], &good[..good.len() / 2], &flipped, b"\0asm\x01\0\0\0"] {
        std::fs::write(&path, broken).unwrap();
        let refused = perennial(&app.db, &["plugin", "install", path.to_str().unwrap()]);
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        assert!(refused.stderr.contains("COMPONENT_INVALID"), "{}", refused.stderr);
    }
    let again = app.loyalty.plugins().install(good).await.unwrap();
    assert!(!again.is_new, "the good one is still in force");
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_errors_exit_with_two_and_missing_things_with_one() {
    let db = TestDb::create(Backend::Sqlite).await;
    assert_eq!(perennial(&db, &["frobnicate"]).code, Some(2));
    assert_eq!(perennial(&db, &["token", "create"]).code, Some(2));
    let missing = perennial(&db, &["import", "purchases", "nowhere.csv", "--program", "none"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("there is no program `none`"), "{}", missing.stderr);
}

#[test]
fn the_example_programs_are_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/programs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let parsed = perennial_core::programs::definition(&source);
        assert!(parsed.is_ok(), "{}: {parsed:?}", path.display());
    }
}
