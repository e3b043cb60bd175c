//! What operators see of a change, and that timers wait for it.

use super::{applies, file, listener, puts, told, works};
use crate::support::{Backend, TestApp, books, on_both_databases, perennial};
use serde_json::{Value, json};

on_both_databases!(
    an_operator_sees_how_far_a_change_is,
    a_test_clock_waits_for_it,
    timers_wait_until_everybody_has_the_event,
);

const CHANGE: &str =
    "{ plugins { change { change version versionBefore startedAt written } waiting handled } }";

async fn an_operator_sees_how_far_a_change_is(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[])).await;
    for member in ["ada", "bob"] {
        app.joins("sandbox", member).await;
    }
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    let begun = app.admin("sandbox", CHANGE, Value::Null).await;
    assert_eq!(
        begun["plugins"][0]["change"],
        json!({
            "change": "ENABLED", "version": "1.0.0", "versionBefore": null,
            "startedAt": "2025-12-31T23:00:00Z", "written": 0,
        })
    );
    let show = ["plugin", "show", "listener", "--program", "sandbox"];
    let text = perennial(&app.db, &show).succeeds().stdout;
    assert!(text.contains("ENABLED 1.0.0 at ") && text.contains(": 0 events"), "{text}");
    let shown: Value = perennial(&app.db, &[&show[..], &["--json"]].concat()).json();
    assert_eq!(shown["change"]["written"], 0);

    works(&app).await;
    let done = app.admin("sandbox", CHANGE, Value::Null).await;
    assert_eq!(done["plugins"], json!([{ "change": null, "waiting": 0, "handled": 2 }]));
    let shown: Value = perennial(&app.db, &[&show[..], &["--json"]].concat()).json();
    assert_eq!(shown["change"], Value::Null);
}

async fn a_test_clock_waits_for_it(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    app.joins("sandbox", "ada").await;
    puts(&app, "ada", "toy-1").await;
    applies(&app, &file(&[("listener", "mode = \"remember-buyers\"")])).await;
    app.advance_clock("sandbox", "2026-02-01T00:00:00Z").await;
    let about = "configured 1.0.0 after 1.0.0 about toy-1";
    assert_eq!(told(&app, "sandbox", "ada").await, [about]);
    let done = app.admin("sandbox", CHANGE, Value::Null).await;
    assert_eq!(done["plugins"], json!([{ "change": null, "waiting": 0, "handled": 1 }]));
    let at = "SELECT COUNT(*) AS n FROM events AS e, programs AS p \
         WHERE e.name = 'plugin-changed' AND e.occurred_at < p.test_clock_at";
    assert_eq!(books::counted(&app, at).await, 1, "it happened before the clock moved on");
}

/// A timer that was due while the plugin was left out fires after the event.
async fn timers_wait_until_everybody_has_the_event(backend: Backend) {
    const EVENTS: &str = "{ member(externalId: \"ada\") { events { nodes { name } } } }";
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    let with = file(&[("listener", "mode = \"wake-for-buyers\"")]);
    applies(&app, &with).await;
    app.joins("sandbox", "ada").await.buys("ada-1", "5.00").await.done();
    works(&app).await;
    applies(&app, &file(&[])).await;
    books::execute(&app, "UPDATE timers SET due_at = 7").await.unwrap();
    works(&app).await;
    applies(&app, &with).await;
    works(&app).await;
    let events = app.admin("sandbox", EVENTS, Value::Null).await;
    let newest = events["member"]["events"]["nodes"].as_array().unwrap().iter();
    let names = newest.filter_map(|event| event["name"].as_str());
    let names: Vec<_> =
        names.filter(|name| ["timer-fired", "plugin-changed"].contains(name)).collect();
    assert_eq!(names, ["timer-fired", "plugin-changed"], "newest first");
}
