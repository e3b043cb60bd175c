//! What verifying finds when somebody hides behind an erasure.

use super::erase;
use super::life::{Life, life, seals};
use crate::support::tamper::{member as literal, tamper};
use crate::support::{Backend, TestApp, on_both_databases, perennial};

on_both_databases!(
    the_books_of_who_was_erased_are_still_sealed,
    nobody_is_erased_by_hand,
    what_is_left_or_comes_back_is_found,
);

/// What `verify` says is wrong.
fn is_wrong(app: &TestApp, what: &str) {
    let found = perennial(&app.db, &["verify"]).exits(1);
    let wrong: Vec<_> = found.stdout.lines().filter(|line| line.contains("WRONG")).collect();
    assert!(wrong.iter().any(|line| line.contains(what)), "{what}: {}", found.stdout);
}

async fn the_books_of_who_was_erased_are_still_sealed(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    erase(&app, &member).await.done();
    seals(&app).await;
    perennial(&app.db, &["verify"]).succeeds();
    let its = literal(backend, &member);
    let purchases =
        format!("UPDATE purchases SET total_minor = total_minor + 1 WHERE member_id = {its}");
    tamper(&app, backend, "purchases", &purchases).await;
    is_wrong(&app, "what was sealed");
    let back = purchases.replace("+ 1", "- 1");
    tamper(&app, backend, "purchases", &back).await;
    perennial(&app.db, &["verify"]).succeeds();
    let actor = format!("UPDATE transactions SET actor = 'operator:x' WHERE account_id = {its}");
    tamper(&app, backend, "transactions", &actor).await;
    is_wrong(&app, "what was sealed");
}

async fn nobody_is_erased_by_hand(backend: Backend) {
    let Life { app, bystander, .. } = life(backend).await;
    let its = literal(backend, &bystander);
    let reworded = format!(
        "UPDATE transactions SET veil = salt, salt = NULL, explanation = '{{\"erased\":true}}' \
         WHERE account_id = {its} AND kind = 'ADJUST'"
    );
    tamper(&app, backend, "transactions", &reworded).await;
    is_wrong(&app, "what was sealed");
    // Whoever says that the member was erased has no event that tells of it.
    let erased = format!(
        "INSERT INTO erasures (program_id, member_id, recorded_at, actor, seq, finished_at) \
         SELECT program_id, id, 1, 'nobody', event_seq, 1 FROM accounts WHERE id = {its}"
    );
    tamper(&app, backend, "erasures", &erased).await;
    is_wrong(&app, "what was erased");
}

async fn what_is_left_or_comes_back_is_found(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    erase(&app, &member).await.done();
    seals(&app).await;
    let its = literal(backend, &member);
    let none = match backend {
        Backend::Postgres => "'00000000-0000-0000-0000-000000000000'",
        Backend::Sqlite => "zeroblob(16)",
    };
    for (table, there, back) in [
        ("members", "SET name = 'Ada'", "SET name = ''"),
        ("messages", "SET event_id = id", "SET event_id = {none}"),
    ] {
        let key = if table == "members" { "id" } else { "member_id" };
        let update = |set: &str| {
            format!("UPDATE {table} {} WHERE {key} = {its}", set.replace("{none}", none))
        };
        tamper(&app, backend, table, &update(there)).await;
        is_wrong(&app, "what was erased");
        tamper(&app, backend, table, &update(back)).await;
        perennial(&app.db, &["verify"]).succeeds();
    }
    // Another's message, emptied: the erasure's event knows how many there were.
    let moved = format!("UPDATE messages SET member_id = {its}, event_id = {none}");
    tamper(&app, backend, "messages", &moved).await;
    is_wrong(&app, "what was erased");
}
