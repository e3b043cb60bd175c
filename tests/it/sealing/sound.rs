//! What nobody has touched verifies, on either database and after it was copied to the other.

use super::{is_sound, is_wrong, life, seal, verify};
use crate::support::programs::example;
use crate::support::tamper::tamper;
use crate::support::{Backend, TestApp, TestDb, on_both_databases, perennial};
use serde_json::json;

on_both_databases!(
    a_life_of_everything_is_sound,
    a_copy_carries_the_seals,
    what_changes_rightly_is_no_tampering,
    an_empty_platform_and_a_wrong_name,
);

async fn a_life_of_everything_is_sound(backend: Backend) {
    let app = life(backend).await;
    let verified = is_sound(&app);
    let program = &verified.programs[0];
    assert_eq!(program.program, "sandbox");
    assert_eq!((program.seals.count, program.seals.unsealed), (3, 0));
    assert_eq!(program.seals.unsigned, 3, "there is no key in this process");
    assert!(program.seals.signed_by.is_empty());
    let last = program.seals.last.as_ref().unwrap();
    assert!(last.starts_with("3:") && last.len() == 66, "{last}");
    for check in program.checks.iter().filter(|check| check.name != "signatures") {
        assert!(check.rows > 1, "nothing was checked: {check:?}");
        assert!(!check.of.is_empty());
    }
    assert_eq!(program.notes, Vec::<String>::new());
    assert!(verified.entries > 20 && verified.entries_per_second > 0 && verified.seconds > 0.0);
    let text = perennial(&app.db, &["verify"]).succeeds();
    assert!(text.stdout.contains("nothing is wrong"), "{}", text.stdout);
    assert_eq!(text.stderr, "", "no bar where there is no terminal");
    perennial(&app.db, &["ledger", "rebuild", "--check"]).succeeds();
}

async fn a_copy_carries_the_seals(backend: Backend) {
    let app = life(backend).await;
    let before = is_sound(&app);
    let other = match backend {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    };
    let target = TestDb::empty(other).await;
    let copy = ["copy", "--from", &app.db.url, "--to", &target.url];
    perennial(&app.db, &copy).succeeds();
    let copied: super::Verified = perennial(&target, &["verify", "--json"]).json();
    assert_eq!(copied.programs[0].seals.last, before.programs[0].seals.last);
    let app = TestApp::over(target).await;
    app.records(
        "sandbox",
        json!({
            "member": { "externalId": "ada" }, "reference": "after", "total": "7.00"
        }),
    )
    .await
    .done();
    seal(&app, "sandbox").await;
    let verified = is_sound(&app);
    assert_eq!(verified.programs[0].seals.count, 4, "and the chain goes on");
}

async fn what_changes_rightly_is_no_tampering(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&example("machinery")).await;
    let company = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic", "locale": "pl",
        "contacts": [{ "name": "Ewa", "role": "technical-engineer", "locale": "pl" }],
    });
    app.creates("machinery", company).await.done();
    let machine = json!({
        "member": { "externalId": "baltic" }, "type": "equipment", "externalId": "machine-1",
        "data": { "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" },
    });
    const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
         record { externalId } userErrors { code message field } } }";
    app.does::<serde_json::Value>("machinery", PUT, machine).await.done();
    app.advance_clock("machinery", "2026-04-16T00:00:00+02:00").await;
    seal(&app, "machinery").await;
    is_sound(&app);
    // As when what a wrong clock has done is undone.
    tamper(&app, backend, "messages", "UPDATE messages SET withdrawn_at = 1").await;
    is_sound(&app);
    tamper(&app, backend, "messages", "UPDATE messages SET body = 'another'").await;
    let wrong: super::Verified = verify(&app, &[]).exits(1).printed();
    assert_eq!(wrong.faults()["what was sealed"].table, "messages");
    let id = format!("{:?}", wrong.faults()["what was sealed"].key);
    assert!(id.contains("msg_"), "{id}");
}

async fn an_empty_platform_and_a_wrong_name(backend: Backend) {
    let app = TestApp::idle(backend).await;
    assert_eq!(is_sound(&app).programs.len(), 0);
    let missing = verify(&app, &["--program", "none"]).exits(1);
    assert!(missing.stderr.contains("there is no program `none`"), "{}", missing.stderr);
    verify(&app, &["--kept", "1:00"]).exits(2);
    verify(&app, &["--trust", "no-key"]).exits(2);
    perennial(&app.db, &["ledger", "rebuild"]).exits(2);
    let app = app.with_program(&crate::support::programs::sandbox_shop()).await;
    app.joins("sandbox", "ada").await;
    let verified = is_sound(&app);
    assert_eq!((verified.programs[0].seals.count, verified.entries), (0, 0), "not placed yet");
    tamper(&app, backend, "journal_unplaced", "DELETE FROM journal_unplaced").await;
    let wrong = is_wrong(&app);
    assert_eq!(wrong.faults()["rows and journal"].table, "events");
}
