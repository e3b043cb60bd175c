//! Calls of plugins are recorded, and made again to the bit.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, Finished, TestApp, books, on_both_databases, perennial, plugins};
use perennial_core::{Clock, Timestamp, worker};
use serde_json::{Value, json};
use std::time::Duration;

on_both_databases!(
    a_call_is_made_again_to_the_bit_after_all_has_changed,
    another_component_shows_what_it_does_otherwise,
    a_failure_is_recorded_too,
    appraisals_are_recorded_where_something_comes_of_them,
    nothing_is_kept_where_the_program_says_so,
    what_is_too_old_is_forgotten_and_nothing_else,
    a_recording_is_replayed_elsewhere_from_its_file,
    what_cannot_be_replayed_says_why,
);

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { record { data } \
     userErrors { code message field } } }";
const RUNS: &str = "{ plugins { recordedRuns(first: 30) { nodes { run hook about outcome fuel items isWhole \
     member { externalId } event { name } purchase { reference } recording } } } }";

async fn a_call_is_made_again_to_the_bit_after_all_has_changed(backend: Backend) {
    let app = with(backend, "looks", "").await;
    let ada = app.joins("sandbox", "ada").await;
    put(&app, "ada", "B-1", "1").await;
    ada.buys("first", "10.00").await.done();
    ada.returns("first", "back", json!({ "everything": true })).await.done();
    works(&app).await;
    let runs = recorded(&app).await;
    let run = about(&runs, "purchase-returned");
    assert_eq!((run["outcome"].as_str(), run["isWhole"].as_bool()), (Some("OK"), Some(true)));
    assert_eq!(run["member"]["externalId"], "ada");
    assert_eq!(run["event"]["name"], "purchase-returned");
    assert!(run["purchase"].is_null() && run["fuel"].as_i64().unwrap() > 1000, "{run}");
    let looked_up = run["recording"]["lookUps"].as_array().unwrap();
    assert!(!looked_up.is_empty(), "it looked something up");

    // What it looked up then is not there any more.
    put(&app, "ada", "B-1", "99").await;
    put(&app, "ada", "B-2", "2").await;
    ada.buys("second", "20.00").await.done();
    works(&app).await;
    for run in &runs {
        let said = replays(&app, run, &[]).succeeds().stdout;
        assert!(said.ends_with("the same as it was, to the bit\n"), "{said}");
    }
    assert_eq!(recorded(&app).await.len(), runs.len() + 4, "and no replay is one");
}

async fn another_component_shows_what_it_does_otherwise(backend: Backend) {
    let app = with(backend, "looks", "").await;
    app.joins("sandbox", "ada").await;
    put(&app, "ada", "B-1", "1").await;
    works(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.wasm");
    std::fs::write(&other, plugins::hostile("curious")).unwrap();
    let runs = recorded(&app).await;
    let run = about(&runs, "record-put");
    let refused = replays(&app, run, &["--component", other.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stdout.contains("record-put by "), "{}", refused.stdout);
    assert!(refused.stdout.contains("\nnot as it was:\n    "), "{}", refused.stdout);
}

async fn a_failure_is_recorded_too(backend: Backend) {
    let app = with(backend, "flood", "").await;
    app.joins("sandbox", "ada").await;
    works(&app).await;
    let runs = recorded(&app).await;
    let run = about(&runs, "member-joined");
    assert_eq!((&run["outcome"], &run["fuel"]), (&json!("NOT_ALLOWED"), &Value::Null));
    let said = replays(&app, run, &[]).succeeds().stdout;
    assert!(said.contains("fails, NOT_ALLOWED: plugin `curious`, on-event"), "{said}");
    assert!(said.ends_with("the same as it was, to the bit\n"), "{said}");
}

async fn appraisals_are_recorded_where_something_comes_of_them(backend: Backend) {
    const QUOTE: &str = "{ quotePurchase(input: { member: { externalId: \"ada\" }, \
         total: \"10.00\" }) { quote { points } userErrors { code message field } } }";
    let app = with(backend, "looks", "").await;
    let ada = app.joins("sandbox", "ada").await;
    put(&app, "ada", "B-1", "1").await;
    works(&app).await;
    app.admin("sandbox", QUOTE, json!({})).await;
    ada.buys("first", "10.00").await.done();
    let edit =
        json!({ "purchase": { "reference": "first" }, "reference": "more", "total": "30.00" });
    edits(&app, edit).await;
    let runs = recorded(&app).await;
    let appraisals: Vec<_> = runs.iter().filter(|run| run["hook"] == "appraise").collect();
    assert_eq!(appraisals.len(), 3, "of the purchase, and of the order as it is and was: {runs:?}");
    for run in appraisals {
        assert_eq!((&run["about"], &run["items"]), (&json!("first"), &json!(1)));
        assert_eq!(run["purchase"]["reference"], "first");
        replays(&app, run, &[]).succeeds();
    }
}

async fn nothing_is_kept_where_the_program_says_so(backend: Backend) {
    let app = with(backend, "looks", "recordings_days = 0").await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("first", "10.00").await.done();
    works(&app).await;
    assert_eq!(recorded(&app).await, [Value::Null; 0]);
    for days in ["-1", "367", "\"7\""] {
        let file = file("looks", &format!("recordings_days = {days}"));
        let error = app.loyalty.programs().apply(&file, "test").await.unwrap_err();
        assert!(error.message().contains("recordings_days"), "{error:?}");
    }
}

/// A test clock that is moved by a year takes nothing away.
async fn what_is_too_old_is_forgotten_and_nothing_else(backend: Backend) {
    let app = with(backend, "looks", "recordings_days = 3").await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("first", "10.00").await.done();
    works(&app).await;
    app.advance_clock("sandbox", "2027-06-01T00:00:00Z").await;
    for (of, days) in [("member-joined", 4), ("purchase-recorded", 2)] {
        let age = Duration::from_hours(24 * days);
        let made = Clock.now().minus(age).since(Timestamp::EPOCH).as_millis();
        let id = match backend {
            Backend::Sqlite => format!("x'{made:012x}70008000000000000000'"),
            Backend::Postgres => format!("'{made:012x}70008000000000000000'"),
        };
        let older = format!("UPDATE plugin_recordings SET id = {id} WHERE about = '{of}'");
        books::execute(&app, &older).await.unwrap();
    }
    let before = recorded(&app).await.len();
    app.loyalty.plugins().forget_recordings().await.unwrap();
    let kept = recorded(&app).await;
    assert_eq!(kept.len(), before - 1, "{kept:?}");
    assert!(kept.iter().all(|run| run["about"] != "member-joined"), "{kept:?}");
    app.loyalty.programs().apply(&file("looks", "recordings_days = 0"), "test").await.unwrap();
    app.loyalty.plugins().forget_recordings().await.unwrap();
    assert_eq!(recorded(&app).await, [Value::Null; 0]);
}

async fn a_recording_is_replayed_elsewhere_from_its_file(backend: Backend) {
    let app = with(backend, "looks", "").await;
    app.joins("sandbox", "ada").await;
    works(&app).await;
    let runs = recorded(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (saved, wasm) = (path("run.json"), path("curious.wasm"));
    std::fs::write(&wasm, plugins::curious()).unwrap();
    let nobody = ["plugin", "recordings", "nobody", "--program", "sandbox"];
    assert!(perennial(&app.db, &nobody).exits(1).stderr.contains("PLUGIN_NOT_FOUND"));
    replays(&app, &runs[0], &["--save", &saved]).succeeds();
    let again = replays(&app, &runs[0], &["--save", &saved]).exits(1).stderr;
    assert!(again.contains("cannot write"), "what is there is kept: {again}");
    let elsewhere = TestApp::idle(backend).await;
    let arguments = ["plugin", "replay", &saved, "--component", &wasm, "--json"];
    let said = perennial(&elsewhere.db, &arguments).succeeds().stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["differences"], json!([]));
    assert_eq!(said["recording"], runs[0]["recording"], "the file is what the API shows");
}

async fn what_cannot_be_replayed_says_why(backend: Backend) {
    let app = with(backend, "looks", "").await;
    app.joins("sandbox", "ada").await;
    works(&app).await;
    let runs = recorded(&app).await;
    let run = runs[0]["run"].as_str().unwrap();
    let none = "run_01k0000000000000000000000w";
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.wasm").to_str().unwrap().to_owned();
    std::fs::write(&other, plugins::hostile("other")).unwrap();
    for (arguments, why) in [
        (&[run][..], "say whose run"),
        (&["nowhere.json"], "say who makes the call"),
        (&["nowhere.json", "--program", "sandbox"], "a file is replayed without `--program`"),
        (&["nowhere.json", "--component", "x.wasm"], "cannot read nowhere.json"),
        (&[none, "--program", "sandbox"], "there is no recording of this run"),
        (&[run, "--program", "sandbox", "--component", "x.wasm"], "cannot read x.wasm"),
        (
            &[run, "--program", "sandbox", "--component", &other],
            "the component is the plugin `other`",
        ),
        (&["/dev/zero", "--component", &other], "is not a file"),
    ] {
        let all = [&["plugin", "replay"], arguments].concat();
        let refused = perennial(&app.db, &all);
        assert_eq!(refused.code, Some(1), "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(why), "{arguments:?}: {}", refused.stderr);
    }
}

fn file(mode: &str, head: &str) -> String {
    format!("{head}\n{}\n[plugins.curious]\nmode = \"{mode}\"\n", sandbox_shop())
}

async fn with(backend: Backend, mode: &str, head: &str) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::curious()).await;
    app.loyalty.programs().apply(&file(mode, head), "test").await.unwrap();
    app
}

async fn put(app: &TestApp, member: &str, boat: &str, feet: &str) {
    let input = json!({
        "member": { "externalId": member }, "type": "boat", "externalId": boat,
        "data": { "feet": feet },
    });
    app.does::<Value>("sandbox", PUT, input).await.done();
}

async fn edits(app: &TestApp, edit: Value) {
    const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
         receipt { pointsEarned } userErrors { code message field } } }";
    app.does::<Value>("sandbox", EDIT, edit).await.done();
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn recorded(app: &TestApp) -> Vec<Value> {
    let found = app.admin("sandbox", RUNS, json!({})).await;
    found["plugins"][0]["recordedRuns"]["nodes"].as_array().unwrap().clone()
}

fn about<'r>(runs: &'r [Value], name: &str) -> &'r Value {
    runs.iter().find(|run| run["about"] == name).unwrap_or_else(|| panic!("{name}: {runs:?}"))
}

fn replays(app: &TestApp, run: &Value, also: &[&str]) -> Finished {
    let run = run["run"].as_str().unwrap();
    let arguments = [&["plugin", "replay", run, "--program", "sandbox"], also].concat();
    perennial(&app.db, &arguments)
}
