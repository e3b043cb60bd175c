//! What nobody has touched verifies, on either database and after it was copied to the other.

use super::{is_sound, is_wrong, life, seal, verify};
use crate::support::programs::{example, sandbox_shop};
use crate::support::tamper::tamper;
use crate::support::{Backend, TestApp, TestDb, on_both_databases, perennial};
use serde_json::{Value, json};

on_both_databases!(
    a_life_of_everything_is_sound,
    returns_debts_and_holds_are_sound_and_what_is_changed_of_them_is_found,
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
    let elsewhere = [
        "signatures",
        "wallets owe their debts",
        "wallets know what is held",
        "wallets know what is pending",
        "pending points",
        "what referrals paid",
        "in which order points paid",
        "what was asked for",
        "what cards open",
        "who belongs to a group",
        "what was erased",
    ];
    for check in program.checks.iter().filter(|check| !elsewhere.contains(&check.name.as_str())) {
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

async fn returns_debts_and_holds_are_sound_and_what_is_changed_of_them_is_found(backend: Backend) {
    const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
         receipt { balance } userErrors { code message field } } }";
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id } userErrors { code message field } } }";
    const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let app = TestApp::idle(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    let code =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": ada.member.referral_code });
    app.creates("sandbox", code).await.done();
    let buys = async |member: &str, reference: &str, total: &str| {
        let purchase =
            json!({ "member": { "externalId": member }, "reference": reference, "total": total });
        app.records("sandbox", purchase).await.done();
    };
    let returns = async |order: &str, what: Value| {
        let what = json!({ "purchase": { "reference": order }, "reference": "r", "what": what });
        app.does::<Value>("sandbox", RETURN, what).await.done();
    };
    let holds = async |key: &str, points: i64, until: &str| {
        let hold = json!({
            "member": { "externalId": "ada" }, "points": points, "reason": "cart",
            "idempotencyKey": key, "expiresAt": until,
        });
        app.does::<Value>("sandbox", HOLD, hold).await.done()["id"].clone()
    };
    buys("bob", "bob-1", "12.00").await;
    buys("ada", "ada-1", "20.00").await;
    ada.redeems("mug", "one").await.done();
    let held = holds("captured", 15, "2026-02-01T00:00:00Z").await;
    holds("runs-out", 10, "2026-02-01T00:00:00Z").await;
    returns("bob-1", json!({ "everything": true })).await;
    returns("ada-1", json!({ "amount": "7.50" })).await;
    app.does::<Value>("sandbox", CAPTURE, json!({ "holdId": held, "points": 6 })).await.done();
    is_sound(&app);
    seal(&app, "sandbox").await;
    app.advance_clock("sandbox", "2026-03-01T00:00:00Z").await;
    buys("ada", "ada-2", "90.00").await;
    holds("open", 5, "2026-04-01T00:00:00Z").await;
    seal(&app, "sandbox").await;
    is_sound(&app);
    tamper(&app, backend, "wallets", "UPDATE wallets SET held = held + 1").await;
    assert_eq!(is_wrong(&app).faults()["wallets know what is held"].table, "wallets");
    tamper(&app, backend, "wallets", "UPDATE wallets SET held = held - 1").await;
    tamper(&app, backend, "debts", "DELETE FROM debts WHERE amount < 0").await;
    assert_eq!(is_wrong(&app).faults()["wallets owe their debts"].table, "wallets");
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
    app.does::<Value>("machinery", PUT, machine).await.done();
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
    let app = app.with_program(&sandbox_shop()).await;
    app.joins("sandbox", "ada").await;
    let verified = is_sound(&app);
    assert_eq!((verified.programs[0].seals.count, verified.entries), (0, 0), "not placed yet");
    tamper(&app, backend, "journal_unplaced", "DELETE FROM journal_unplaced").await;
    let wrong = is_wrong(&app);
    assert_eq!(wrong.faults()["rows and journal"].table, "events");
}
