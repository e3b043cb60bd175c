//! Whoever makes everything agree again is betrayed by the seals; and whoever makes the seals anew,
//! by the one that was kept.

use super::{Verified, is_sound, is_wrong, life, seal, verify};
use crate::support::tamper::{seals, tamper};
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::json;

on_both_databases!(
    books_that_were_made_to_agree_differ_from_what_was_sealed,
    a_seal_that_was_changed_is_found,
    a_seal_that_was_cut_off_is_missed_by_whoever_kept_it,
);

/// Gives bob five points more than he earned last, in everything that says so.
async fn books_that_were_made_to_agree_differ_from_what_was_sealed(backend: Backend) {
    let app = life(backend).await;
    let bob = "(SELECT id FROM members WHERE external_id = 'bob')";
    let last =
        format!("(SELECT id FROM transactions WHERE account_id = {bob} ORDER BY id DESC LIMIT 1)");
    for (table, sql) in [
        (
            "entries",
            format!(
                "UPDATE entries SET amount = amount + CASE WHEN seq = 1 THEN 5 ELSE -5 END, \
                 balance_after = balance_after + 5 WHERE transaction_id = {last}"
            ),
        ),
        ("wallets", format!("UPDATE wallets SET balance = balance + 5 WHERE account_id = {bob}")),
        (
            "lots",
            format!(
                "UPDATE lots SET amount = amount + 5, remaining = remaining + 5 \
                 WHERE transaction_id = {last}"
            ),
        ),
        ("wallets", format!("UPDATE wallets SET earned = earned + 5 WHERE account_id = {bob}")),
    ] {
        tamper(&app, backend, table, &sql).await;
    }
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(faults.keys().collect::<Vec<_>>(), [&"what was sealed"]);
    assert_eq!(faults["what was sealed"].table, "transactions");
}

async fn a_seal_that_was_changed_is_found(backend: Backend) {
    let app = life(backend).await;
    let zeros = match backend {
        Backend::Postgres => "decode(repeat('00', 32), 'hex')",
        Backend::Sqlite => "zeroblob(32)",
    };
    let hash = format!("UPDATE seals SET hash = {zeros} WHERE number = 2");
    tamper(&app, backend, "seals", &hash).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(faults.keys().collect::<Vec<_>>(), [&"the chain of seals"]);
    let fault = faults["the chain of seals"];
    assert_eq!((fault.table.as_str(), fault.key.as_str()), ("seals", "2"));
    assert!(fault.found.starts_with("hash 0000"), "{fault:?}");
    tamper(&app, backend, "seals", "DELETE FROM seals WHERE number = 2").await;
    let wrong = is_wrong(&app);
    let fault = wrong.faults()["the chain of seals"].clone();
    assert_eq!((fault.expected.as_str(), fault.found.as_str()), ("number 2", "number 3"));
}

async fn a_seal_that_was_cut_off_is_missed_by_whoever_kept_it(backend: Backend) {
    let app = life(backend).await;
    let kept = last(&is_sound(&app));
    tamper(&app, backend, "seals", "DELETE FROM seals WHERE number = 3").await;
    assert!(is_sound(&app).programs[0].seals.unsealed > 0, "nothing in the database tells");
    let with_kept = |app: &TestApp| verify(app, &["--program", "sandbox", "--kept", &kept]);
    let missed: Verified = with_kept(&app).exits(1).printed();
    let fault = missed.faults()["the chain of seals"].clone();
    assert_eq!((fault.key.as_str(), fault.found.as_str()), ("3", "no row"));

    // What was not sealed can be changed, and is sealed as it is now.
    tamper(
        &app,
        backend,
        "events",
        "UPDATE events SET name = 'other' WHERE member_seq = (SELECT MAX(member_seq) FROM events)",
    )
    .await;
    assert!(seal(&app, "sandbox").await > 0);
    assert_eq!(seals(&app).await, 3);
    assert_ne!(last(&is_sound(&app)), kept);
    let missed: Verified = with_kept(&app).exits(1).printed();
    let fault = missed.faults()["the chain of seals"].clone();
    assert!(fault.expected.ends_with("which was kept"), "{fault:?}");

    let kept = last(&is_sound(&app));
    let later = json!({
        "member": { "externalId": "ada" }, "reference": "later", "total": "7.00",
    });
    app.records("sandbox", later).await.done();
    seal(&app, "sandbox").await;
    verify(&app, &["--program", "sandbox", "--kept", &kept]).succeeds();
}

fn last(verified: &Verified) -> String {
    verified.programs[0].seals.last.clone().unwrap()
}
