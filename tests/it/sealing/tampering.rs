//! Each kind of tampering is found, and the row is named.

use super::{Fault, is_sound, is_wrong, life};
use crate::support::tamper::{member, tamper, transaction};
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_both_databases!(
    an_amount_that_was_changed_is_found_by_seal_and_sum,
    a_row_of_each_table_that_was_changed_is_found,
    an_event_that_was_deleted_is_found,
    the_last_event_of_a_member_is_missed_too,
    an_event_that_was_changed_is_found,
    rows_of_the_journal_that_were_swapped_are_found,
    a_row_of_the_journal_that_was_deleted_is_found,
    wallets_and_lots_that_were_changed_are_found,
    a_lot_that_lives_on_another_is_found,
    statistics_and_tiers_that_were_changed_are_found,
    a_purchase_that_was_changed_is_found,
    a_transaction_that_was_deleted_is_found,
    what_was_slipped_in_is_found,
);

/// The ids of ada and of her transactions of a kind, newest first.
async fn ada(app: &TestApp, kind: &str) -> (String, Vec<String>) {
    const ADA: &str = "{ member(externalId: \"ada\") { id \
         transactions(first: 50) { nodes { id kind } } } }";
    let found = app.admin("sandbox", ADA, Value::Null).await;
    let nodes = found["member"]["transactions"]["nodes"].as_array().unwrap();
    let of_kind = nodes.iter().filter(|node| node["kind"] == json!(kind));
    let ids = of_kind.map(|node| node["id"].as_str().unwrap().to_owned()).collect();
    (found["member"]["id"].as_str().unwrap().to_owned(), ids)
}

/// The names of the checks that found something.
fn names<'a>(faults: &BTreeMap<&'a str, &Fault>) -> Vec<&'a str> {
    faults.keys().copied().collect()
}

async fn an_amount_that_was_changed_is_found_by_seal_and_sum(backend: Backend) {
    let app = life(backend).await;
    is_sound(&app);
    let (account, mut earned) = ada(&app, "EARN").await;
    let id = earned.pop().unwrap();
    let change = format!(
        "UPDATE entries SET amount = amount + 1 WHERE seq = 1 AND transaction_id = {}",
        transaction(backend, &id)
    );
    tamper(&app, backend, "entries", &change).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(
        names(&faults),
        [
            "balances after each entry",
            "lots move as entries say",
            "transactions sum to zero",
            "wallets are their entries",
            "wallets know what was earned",
            "what was sealed"
        ]
    );
    let zero = faults["transactions sum to zero"];
    assert_eq!((zero.table.as_str(), &zero.key), ("entries", &format!("{id} POINTS")));
    assert_eq!((zero.expected.as_str(), zero.found.as_str()), ("sum 0", "sum 1"));
    let sealed = faults["what was sealed"];
    assert_eq!((sealed.table.as_str(), &sealed.key), ("transactions", &id));
    let after = faults["balances after each entry"];
    assert_eq!((after.table.as_str(), &after.key), ("entries", &format!("{id} 1")));
    assert_eq!(
        (after.expected.as_str(), after.found.as_str()),
        ("balance_after 72", "balance_after 71")
    );
    let wallet = faults["wallets are their entries"];
    assert_eq!(wallet.key, format!("{} POINTS", account.replace("mem_", "acc_")));
}

/// A number in each row of it, and set right again.
async fn a_row_of_each_table_that_was_changed_is_found(backend: Backend) {
    let app = life(backend).await;
    for (table, column, check, named) in [
        ("accounts", "spent_minor", "statistics", "accounts"),
        ("accounts", "event_seq", "rows and journal", "events"),
        ("entries", "amount", "transactions sum to zero", "entries"),
        ("entries", "balance_after", "balances after each entry", "entries"),
        ("events", "occurred_at", "what was sealed", "events"),
        ("journal", "kinds", "the journal's order", "journal"),
        ("lot_returns", "amount", "lots are their uses and returns", "lots"),
        ("lot_uses", "amount", "lots are their uses and returns", "lots"),
        ("lot_uses", "amount", "lots move as entries say", "entries"),
        ("lots", "amount", "lots move as entries say", "entries"),
        ("purchases", "points", "what was sealed", "transactions"),
        ("purchases", "paid_minor", "statistics", "accounts"),
        ("seals", "sealed_at", "the chain of seals", "seals"),
        ("transactions", "effective_at", "what was sealed", "transactions"),
        ("wallets", "balance", "wallets are their entries", "wallets"),
        ("wallets", "earned", "wallets know what was earned", "wallets"),
        ("wallets", "held", "wallets know what is held", "wallets"),
        ("wallets", "owed", "wallets owe their debts", "wallets"),
        ("wallets", "pending", "wallets know what is pending", "wallets"),
    ] {
        let change = format!("UPDATE {table} SET {column} = {column} + 1000");
        tamper(&app, backend, table, &change).await;
        let wrong = is_wrong(&app);
        let faults = wrong.faults();
        let fault = faults.get(check).map(|fault| fault.table.as_str());
        assert_eq!(fault, Some(named), "{table}.{column}: {faults:#?}");
        tamper(&app, backend, table, &change.replace('+', "-")).await;
    }
    is_sound(&app);
}

async fn an_event_that_was_deleted_is_found(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    let delete =
        format!("DELETE FROM events WHERE member_seq = 3 AND member_id = {}", member(backend, &id));
    tamper(&app, backend, "events", &delete).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(names(&faults), ["rows and journal"]);
    let fault = faults["rows and journal"];
    assert_eq!((fault.table.as_str(), &fault.key), ("events", &format!("{id} 3")));
    assert_eq!(fault.found, "no row");
}

async fn the_last_event_of_a_member_is_missed_too(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    let id = member(backend, &id);
    let delete = format!(
        "DELETE FROM events WHERE member_id = {id} \
         AND member_seq = (SELECT MAX(member_seq) FROM events WHERE member_id = {id})"
    );
    tamper(&app, backend, "events", &delete).await;
    // And out of the journal, as if it had never been.
    tamper(&app, backend, "seals", "DELETE FROM seals").await;
    tamper(&app, backend, "journal", "DELETE FROM journal").await;
    let wrong = is_wrong(&app);
    let fault = wrong.faults()["rows and journal"].clone();
    assert!(fault.expected.contains("as the account says"), "{fault:?}");
}

async fn an_event_that_was_changed_is_found(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    // A space is enough: what was stored is what counts.
    let change = format!(
        "UPDATE events SET data = '{{ }}' WHERE member_seq = 1 AND member_id = {}",
        member(backend, &id)
    );
    tamper(&app, backend, "events", &change).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(names(&faults), ["what was sealed"]);
    let fault = faults["what was sealed"];
    assert_eq!((fault.table.as_str(), &fault.key), ("events", &format!("{id} 1")));
    assert!(fault.expected.ends_with("of position 1 in seal 1"), "{fault:?}");
}

async fn rows_of_the_journal_that_were_swapped_are_found(backend: Backend) {
    let app = life(backend).await;
    // Two of one transaction and one event each: nothing but their order changes.
    let twins = "(SELECT position FROM journal WHERE count = 2 AND kinds = 3 \
                  ORDER BY position LIMIT 2)";
    let swap = format!(
        "UPDATE journal SET items = j.items FROM (SELECT position, items FROM journal \
             WHERE position IN {twins}) AS j \
         WHERE journal.position IN {twins} AND j.position <> journal.position"
    );
    tamper(&app, backend, "journal", &swap).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    let fault = faults["what was sealed"];
    assert!(fault.expected.contains("of position "), "{fault:?}");
    assert!(!faults.contains_key("rows and journal"), "each row is still listed once");
}

async fn a_row_of_the_journal_that_was_deleted_is_found(backend: Backend) {
    let app = life(backend).await;
    tamper(&app, backend, "journal", "DELETE FROM journal WHERE position = 1").await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert!(!faults.contains_key("what was sealed"), "what is behind it is compared all the same");
    assert_eq!(faults["the journal's order"].expected, "position 1");
    assert_eq!(faults["rows and journal"].table, "events");
    assert_eq!(faults["rows and journal"].found, "none");
}

async fn wallets_and_lots_that_were_changed_are_found(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    let account = id.replace("mem_", "acc_");
    let of = format!("account_id = {}", member(backend, &id));
    let wallet = format!("UPDATE wallets SET balance = balance + 100 WHERE {of}");
    tamper(&app, backend, "wallets", &wallet).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(
        names(&faults),
        ["balances after each entry", "lots sum to wallets", "wallets are their entries"]
    );
    let fault = faults["wallets are their entries"];
    assert_eq!((fault.table.as_str(), &fault.key), ("wallets", &format!("{account} POINTS")));
    let lot = format!("UPDATE lots SET remaining = remaining - 1 WHERE {of} AND remaining > 1");
    tamper(&app, backend, "lots", &lot).await;
    let wrong = is_wrong(&app);
    let fault = wrong.faults()["lots are their uses and returns"].clone();
    assert_eq!(fault.table, "lots");
    assert!(fault.key.starts_with("lot_"), "{fault:?}");

    let compared = perennial(&app.db, &["ledger", "rebuild", "--check", "--json"]).exits(1);
    let compared: Value = compared.printed();
    let checks = compared["programs"][0]["checks"].as_array().unwrap();
    let faults = |name: &str| {
        let check = checks.iter().find(|check| check["name"] == json!(name)).unwrap();
        check["faults"].as_array().unwrap().len()
    };
    assert_eq!(checks.len(), 7);
    assert_eq!(faults("wallets are their entries"), 1);
    assert!(faults("lots are their uses and returns") > 0);
}

/// Points that would live longer: every sum of the account stays what it was.
async fn a_lot_that_lives_on_another_is_found(backend: Backend) {
    let app = life(backend).await;
    // Bob has two open lots.
    let lots = "(SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM lots WHERE remaining > 1 \
                AND account_id = (SELECT id FROM members WHERE external_id = 'bob'))";
    let shift = format!(
        "UPDATE lots SET amount = amount + CASE WHEN id = (SELECT q.id FROM {lots} AS q WHERE q.n = 1) \
             THEN 1 ELSE -1 END, \
         remaining = remaining + CASE WHEN id = (SELECT q.id FROM {lots} AS q WHERE q.n = 1) \
             THEN 1 ELSE -1 END \
         WHERE id IN (SELECT q.id FROM {lots} AS q WHERE q.n <= 2)"
    );
    tamper(&app, backend, "lots", &shift).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert!(faults.contains_key("lots move as entries say"), "{faults:?}");
    assert!(!faults.contains_key("lots are their uses and returns"), "{faults:?}");
}

async fn statistics_and_tiers_that_were_changed_are_found(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    let account = id.replace("mem_", "acc_");
    let of = format!("id = {}", member(backend, &id));
    let follows = [
        ("purchases = purchases + 1", "purchases 5"),
        ("spent_minor = spent_minor + 1", "spent_minor 6300"),
        ("first_purchase_at = NULL", "first_purchase_at 1740787200000000"),
        ("last_purchase_at = 5", "last_purchase_at 1801440000000000"),
    ];
    for (change, expected) in follows {
        let column = change.split(' ').next().unwrap();
        let keep = format!("UPDATE accounts SET {change} WHERE {of}");
        let (before, _) = change.split_once(" = ").unwrap();
        assert_eq!(before, column);
        tamper(&app, backend, "accounts", &keep).await;
        let wrong = is_wrong(&app);
        let fault = wrong.faults()["statistics"].clone();
        assert_eq!((fault.table.as_str(), &fault.key), ("accounts", &account));
        assert_eq!(fault.expected, expected, "{fault:?}");
        // Set right again.
        let value = expected.split(' ').nth(1).unwrap();
        let right = format!("UPDATE accounts SET {column} = {value} WHERE {of}");
        tamper(&app, backend, "accounts", &right).await;
    }
    is_sound(&app);
    let tier = format!("UPDATE accounts SET tier = 'bronze' WHERE {of}");
    tamper(&app, backend, "accounts", &tier).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(names(&faults), ["tiers"]);
    let fault = faults["tiers"];
    assert_eq!((fault.expected.as_str(), fault.found.as_str()), ("tier gold", "tier bronze"));
}

async fn a_purchase_that_was_changed_is_found(backend: Backend) {
    let app = life(backend).await;
    let change = "UPDATE purchases SET total_minor = total_minor + 1 WHERE reference = 'order-1'";
    tamper(&app, backend, "purchases", change).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(names(&faults), ["statistics", "what events told", "what was sealed"]);
    assert_eq!(faults["what events told"].table, "purchases");
    assert_eq!(faults["what was sealed"].table, "transactions", "which the purchase explains");
}

async fn a_transaction_that_was_deleted_is_found(backend: Backend) {
    let app = life(backend).await;
    let (_, mut earned) = ada(&app, "EARN").await;
    let id = earned.pop().unwrap();
    let of = transaction(backend, &id);
    tamper(&app, backend, "transactions", &format!("DELETE FROM transactions WHERE id = {of}"))
        .await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    let fault = faults["rows and journal"];
    assert_eq!((fault.table.as_str(), &fault.key), ("transactions", &id));
    let entries = faults["balances after each entry"];
    assert!(entries.table == "entries", "{entries:?}");
}

async fn what_was_slipped_in_is_found(backend: Backend) {
    let app = life(backend).await;
    let (id, _) = ada(&app, "EARN").await;
    let of = member(backend, &id);
    let last = format!("(SELECT MAX(member_seq) FROM events WHERE member_id = {of})");
    let event = format!(
        "INSERT INTO events SELECT program_id, id, member_id, member_seq + 1, name, data, \
         occurred_at, recorded_at, root_id, depth FROM events \
         WHERE member_id = {of} AND member_seq = {last}"
    );
    tamper(&app, backend, "events", &event).await;
    let next = format!("UPDATE accounts SET event_seq = event_seq + 1 WHERE id = {of}");
    tamper(&app, backend, "accounts", &next).await;
    let wrong = is_wrong(&app);
    let faults = wrong.faults();
    assert_eq!(names(&faults), ["rows and journal"]);
    let fault = faults["rows and journal"];
    assert_eq!((fault.table.as_str(), fault.found.as_str()), ("events", "none"));
    assert!(fault.key.starts_with(&id), "{fault:?}");
}
