//! More members than a page has, and servers that die, work side by side, or are overtaken.

use super::{all_told, applies, file, listener, puts, told, works};
use crate::support::{Backend, TestApp, books, on_both_databases};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    servers_that_die_leave_nobody_out_and_tell_nobody_twice,
    two_servers_tell_everybody_once,
    the_next_change_takes_the_place_of_what_is_not_written,
    who_is_left_out_meanwhile_receives_no_more_of_it,
);

/// More than two pages.
const MANY: usize = 600;
const CREATE: &str = "mutation($input: CreateMembersInput!) { createMembers(input: $input) { \
     results { member { id } userErrors { code message field } } } }";
/// How many were written so far; -1 when nothing is under way.
const WRITTEN: &str = "SELECT CAST(COALESCE(SUM(written), -1) AS BIGINT) AS n FROM plugin_changes";

async fn servers_that_die_leave_nobody_out_and_tell_nobody_twice(backend: Backend) {
    let app = crowd(backend).await;
    let mut deaths = 0;
    loop {
        let before = books::counted(&app, WRITTEN).await;
        if before < 0 {
            break;
        }
        let server = TestApp::beside_idle(&app).await;
        let loyalty = server.loyalty.clone();
        let working = tokio::spawn(async move { worker::round(&loyalty).await });
        while !working.is_finished() && books::counted(&app, WRITTEN).await == before {
            tokio::task::yield_now().await;
        }
        working.abort();
        drop(working.await);
        deaths += 1;
    }
    assert!(deaths > 1, "it was not cut off between pages");
    everybody_once(&app).await;
}

async fn two_servers_tell_everybody_once(backend: Backend) {
    let app = crowd(backend).await;
    let beside = TestApp::beside_idle(&app).await;
    while books::counted(&app, WRITTEN).await >= 0 {
        let both = tokio::join!(worker::round(&app.loyalty), worker::round(&beside.loyalty));
        assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    }
    everybody_once(&app).await;
}

async fn the_next_change_takes_the_place_of_what_is_not_written(backend: Backend) {
    let app = few(backend).await;
    app.offers(&listener("1.1.0")).await;
    // As a server leaves it that dies after Ada's page.
    reached(&app, "ada").await;
    let newer = "mode = \"remember-buyers\"\nversion = \"1.1.0\"";
    applies(&app, &file(&[("listener", newer)])).await;
    works(&app).await;
    // Cleo was never told that it is there, so it is an enabling still; that of before is nobody's.
    for member in ["ada", "bob", "cleo"] {
        assert_eq!(told(&app, "sandbox", member).await, ["enabled 1.1.0"], "{member}");
    }

    // Of two moves the second is told, to those who have not been told of the first as well.
    for member in ["ada", "bob", "cleo"] {
        let receipt = json!({
            "member": { "externalId": member }, "reference": member, "total": "1.00",
        });
        app.records("sandbox", receipt).await.done();
    }
    works(&app).await;
    app.offers(&listener("1.2.0")).await;
    app.offers(&listener("1.3.0")).await;
    let named = |version: &str| newer.replace("1.1.0", version);
    applies(&app, &file(&[("listener", &named("1.2.0"))])).await;
    reached(&app, "ada").await;
    applies(&app, &file(&[("listener", &named("1.3.0"))])).await;
    works(&app).await;
    for member in ["ada", "bob", "cleo"] {
        let both = ["enabled 1.1.0", "upgraded 1.3.0 after 1.2.0"];
        assert_eq!(told(&app, "sandbox", member).await, both, "{member}");
    }
}

async fn who_is_left_out_meanwhile_receives_no_more_of_it(backend: Backend) {
    let app = few(backend).await;
    puts(&app, "ada", "toy-1").await;
    applies(&app, &file(&[])).await;
    works(&app).await;
    assert_eq!(all_told(&app).await, 0);
    assert_eq!(books::counted(&app, WRITTEN).await, -1);
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    works(&app).await;
    let back = "enabled 1.0.0 after 1.0.0";
    assert_eq!(told(&app, "sandbox", "ada").await, [&format!("{back} about toy-1"), back]);
    assert_eq!(told(&app, "sandbox", "bob").await, [back]);
}

/// A program of many members that has just enabled the plugin.
async fn crowd(backend: Backend) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[])).await;
    let member = |number| json!({ "externalId": format!("m{number}"), "name": "One of many" });
    let members: Vec<_> = (0..MANY).map(member).collect();
    app.admin("sandbox", CREATE, json!({ "input": { "members": members } })).await;
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    app
}

/// The same of three members.
async fn few(backend: Backend) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[])).await;
    for member in ["ada", "bob", "cleo"] {
        app.joins("sandbox", member).await;
    }
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    app
}

/// Moves a change behind a member.
async fn reached(app: &TestApp, member: &str) {
    let moved = format!(
        "UPDATE plugin_changes SET record_type = '', written = 1, version = version + 1, \
         after_member_id = (SELECT id FROM members WHERE external_id = '{member}')"
    );
    books::execute(app, &moved).await.unwrap();
}

/// Everybody has one event, and the plugin one delivery of it, which it has handled or will.
async fn everybody_once(app: &TestApp) {
    let many = i64::try_from(MANY).unwrap();
    assert_eq!(all_told(app).await, many);
    let members = "SELECT COUNT(DISTINCT member_id) AS n FROM events WHERE name = 'plugin-changed'";
    assert_eq!(books::counted(app, members).await, many);
    let received = "SELECT (SELECT COUNT(*) FROM deliveries) + (SELECT COUNT(*) FROM plugin_runs) \
         AS n";
    assert_eq!(books::counted(app, received).await, many);
    let change = app.admin("sandbox", "{ plugins { change { written } } }", Value::Null).await;
    assert_eq!(change["plugins"], json!([{ "change": null }]));
}
