//! Exporting a member.

use super::life::{Life, MARK, OTHER, PROGRAM, life};
use super::places::columns;
use super::{erase, export, lines};
use crate::support::programs::SHOP;
use crate::support::{Backend, books, on_both_databases, perennial};
use perennial_core::exports::tables;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_databases!(
    an_export_has_all_of_a_member_and_nothing_of_anybody_else,
    an_export_is_given_to_those_who_may_have_it,
    the_command_and_the_route_write_the_same,
);

/// Tables that say nothing about members, or nothing that is not elsewhere in an export: the journal
/// and its seals list rows, `erasures` and the `erased_` tables those of whom nothing is left.
const NOT_ABOUT_MEMBERS: [&str; 20] = [
    "erased_cards",
    "erased_holders",
    "erasures",
    "journal",
    "journal_unplaced",
    "plugin_approvals",
    "plugin_changes",
    "plugin_components",
    "plugin_publishers",
    "plugin_spending",
    "plugin_versions",
    "program_revisions",
    "programs",
    "seals",
    "seaql_migrations",
    "server_clock",
    "service_center_tags",
    "service_centers",
    "timer_holds",
    "unfinished_copy",
];

async fn an_export_has_all_of_a_member_and_nothing_of_anybody_else(backend: Backend) {
    let Life { app, member, bystander, .. } = life(backend).await;
    let app = app.with_program(SHOP).await;
    // Nobody has paid by several accounts in this life.
    let parts = "INSERT INTO spend_parts (program_id, transaction_id, seq, part_id, points) \
         SELECT program_id, id, 1, id, 1 FROM transactions";
    books::execute(&app, parts).await.unwrap();
    let exported: BTreeSet<_> = tables().map(str::to_owned).collect();
    for table in columns(&app).await.into_keys() {
        let is_elsewhere = NOT_ABOUT_MEMBERS.contains(&table.as_str());
        assert!(
            exported.contains(&table) != is_elsewhere,
            "`{table}`: is it about members? Then export it, and erase it"
        );
    }
    let lines = export(&app, &member).await;
    let (head, rest) = lines.split_first().unwrap();
    let (end, rows) = rest.split_last().unwrap();
    assert_eq!((&head["export"], &head["form"]), (&json!("member"), &json!(1)));
    assert_eq!((&head["program"], &head["member"]), (&json!(PROGRAM), &json!(member)));
    assert_eq!(*end, json!({ "end": true, "rows": rows.len() }));
    let found: BTreeSet<_> =
        rows.iter().map(|row| row["table"].as_str().unwrap().to_owned()).collect();
    let missing: Vec<_> = exported.difference(&found).collect();
    assert!(missing.is_empty(), "nothing shows that these are exported: {missing:?}");

    let document = Value::from(rows.to_vec()).to_string();
    assert!(document.matches(MARK).count() > 50);
    for other in [OTHER, &bystander, "friend", "Brought"] {
        assert!(!document.contains(other), "{other} is somebody else");
    }
    let ids = |text: &str| -> BTreeSet<String> {
        let found = text.match_indices("mem_").map(|(at, _)| text[at..at + 30].to_owned());
        found.collect()
    };
    let members = rows.iter().filter(|row| row["table"] == "members");
    let own: BTreeSet<_> =
        members.map(|row| row["row"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids(&document), own, "it names no other member");
    assert!(!document.contains("\"POINTS\""), "types of points have their ids");
    let count = |table: &str| rows.iter().filter(|row| row["table"] == table).count();
    // It was entered twice, with the people who act for it.
    assert_eq!((count("contacts"), count("purchases"), count("purchase_lines")), (4, 3, 6));
    assert_eq!((count("records"), count("holds"), count("referrals")), (2, 2, 3));
    let of = |table: &str| rows.iter().find(|row| row["table"] == table).unwrap()["row"].clone();
    assert_eq!(of("members")["email"], json!(format!("office@{MARK}.example")));
    assert_eq!(of("contacts")["name"], json!(format!("Ewa {MARK}")));
    assert!(of("transactions")["id"].as_str().unwrap().starts_with("txn_"));
    let at = of("events")["recordedAt"].as_str().unwrap().to_owned();
    assert!(at.ends_with('Z') && at.contains('T'), "{at}");
    assert_eq!(of("purchase_lines")["sku"], json!(format!("{MARK}-plate")));
}

async fn an_export_is_given_to_those_who_may_have_it(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let asks = async |token: Option<&str>, query: &str| {
        let address = format!("{}/admin/members/export{query}", app.address());
        let mut request = reqwest::Client::new().get(address);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let (id, code) = (format!("?id={member}"), |code: &str| code.to_owned());
    let officer = app.token(PROGRAM, "officer", "members:export");
    for (token, query, expected) in [
        (None, id.as_str(), (401, code("UNAUTHENTICATED"))),
        (Some(app.token(PROGRAM, "office", "read")), &id, (403, code("FORBIDDEN"))),
        (Some(app.token(PROGRAM, &format!("{MARK}-id"), "member")), &id, (403, code("FORBIDDEN"))),
        (Some(officer.clone()), "", (400, code("INVALID_INPUT"))),
        (Some(officer.clone()), "?id=mem_1", (400, code("INVALID_ID"))),
        (Some(officer.clone()), "?id=a&externalId=b", (400, code("INVALID_INPUT"))),
        (Some(officer.clone()), "?externalId=nobody", (404, code("MEMBER_NOT_FOUND"))),
    ] {
        assert_eq!(asks(token.as_deref(), query).await, expected, "{query}");
    }
    let address = format!("{}/admin/members/export?id={member}", app.address());
    let posted = reqwest::Client::new().post(address).bearer_auth(&officer).send().await.unwrap();
    assert_eq!(posted.status(), 405);
    erase(&app, &member).await.done();
    assert_eq!(asks(Some(&officer), &id).await, (410, code("MEMBER_ERASED")));
}

async fn the_command_and_the_route_write_the_same(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let mut served = export(&app, &member).await;
    let external_id = format!("{MARK}-id");
    let command = ["export", "member", "--program", PROGRAM, "--external-id", &external_id];
    let mut printed = lines(&perennial(&app.db, &command).succeeds().stdout);
    for document in [&mut served, &mut printed] {
        document[0]["exportedAt"].take();
    }
    assert_eq!(printed, served);
    let file = app.db.folder.path().join("export.ndjson");
    let path = file.display().to_string();
    let out = ["export", "member", "--program", PROGRAM, "--id", &member, "--out", &path];
    perennial(&app.db, &out).succeeds();
    assert_eq!(lines(&std::fs::read_to_string(&file).unwrap())[1..], served[1..]);
    let again = perennial(&app.db, &out).exits(1);
    assert!(again.stderr.contains("cannot create"), "{}", again.stderr);
    let nobody = ["export", "member", "--program", PROGRAM, "--external-id", "nobody"];
    let refused = perennial(&app.db, &nobody).exits(1);
    assert!(refused.stderr.contains("[MEMBER_NOT_FOUND]"), "{}", refused.stderr);
    perennial(&app.db, &["export", "member", "--program", PROGRAM]).exits(2);
}
