//! Whatever column of the ledger, of what it refers to and of what says who may spend is changed by
//! hand: it is found, or `docs/operate/verify.md` says that it is not, and why.

use super::rich::Rich;
use crate::support::tamper::tamper;
use crate::support::{Backend, books, on_both_databases};
use std::collections::BTreeSet;

on_both_databases!(
    each_column_is_found_or_said_not_to_be,
    rows_that_are_taken_away_are_found,
    nobody_is_erased_by_hand,
    what_is_no_json_is_named,
);

/// The tables of which every column is asked for.
const TABLES: [&str; 33] = [
    "adjustments",
    "approvals",
    "cards",
    "debts",
    "edit_lines",
    "edits",
    "entries",
    "events",
    "holds",
    "journal",
    "lot_moves",
    "lot_returns",
    "lot_uses",
    "lots",
    "memberships",
    "merges",
    "openings",
    "pendings",
    "purchase_earnings",
    "purchase_lines",
    "purchases",
    "redemptions",
    "referrals",
    "return_earnings",
    "return_lines",
    "returns",
    "seals",
    "spend_parts",
    "transactions",
    "transfers",
    "unmerges",
    "voids",
    "wallets",
];

/// Columns of which these tests have none; others of this folder change them.
const ELSEWHERE: [&str; 3] = ["seals.signed_by", "seals.signature", "transactions.veil"];

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operate/verify.md");

/// The columns in the documented table of what is not seen.
fn not_seen() -> BTreeSet<String> {
    let docs = std::fs::read_to_string(DOCS).unwrap();
    let (_, table) = docs.split_once("## What it does not see").unwrap();
    let table = table.split_once("\n## ").map_or(table, |(table, _)| table);
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let first_cells = rows.filter_map(|row| row.split(" | ").next());
    let names = first_cells.flat_map(|cell| cell.split(['`', ',', ' ', '|']));
    names.filter(|name| name.contains('.')).map(str::to_owned).collect()
}

async fn each_column_is_found_or_said_not_to_be(backend: Backend) {
    let rich = Rich::new(backend).await;
    assert_eq!(rich.wrong().await, BTreeSet::new());
    let not_seen = not_seen();
    let (mut missed, mut unknown) = (Vec::new(), not_seen.clone());
    for table in TABLES {
        rich.save(table).await;
        for (column, kind) in rich.columns(table).await {
            let name = format!("{table}.{column}");
            unknown.remove(&name);
            if column == "program_id"
                || not_seen.contains(&name)
                || ELSEWHERE.contains(&name.as_str())
            {
                continue;
            }
            let other = rich.other(&column, &kind);
            let some = format!("SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
            if rich.ask(&some).await.is_empty() {
                missed.push(format!("{name}: nobody has one"));
                continue;
            }
            let change =
                format!("UPDATE {table} SET {column} = {other} WHERE {column} IS NOT NULL");
            // What the database refuses nobody changes like this.
            if rich.is_allowed(&change).await {
                if rich.wrong().await.is_empty() {
                    missed.push(name);
                }
                rich.restore(table).await;
            }
        }
    }
    assert_eq!(rich.wrong().await, BTreeSet::new(), "all of it is as it was");
    assert_eq!(missed, Vec::<String>::new(), "neither found nor in docs/operate/verify.md");
    assert_eq!(unknown, BTreeSet::new(), "columns that are not there");
}

async fn rows_that_are_taken_away_are_found(backend: Backend) {
    let rich = Rich::new(backend).await;
    assert_eq!(rich.wrong().await, BTreeSet::new());
    let mut missed = Vec::new();
    for table in TABLES {
        rich.save(table).await;
        assert!(rich.is_allowed(&format!("DELETE FROM {table}")).await, "{table}");
        if rich.wrong().await.is_empty() {
            missed.push(table);
        }
        rich.restore(table).await;
    }
    // The end of the chain can be cut off; a seal that was kept tells.
    assert_eq!(missed, ["seals"]);
}

async fn nobody_is_erased_by_hand(backend: Backend) {
    let rich = Rich::new(backend).await;
    for table in ["members", "accounts"] {
        let of_eve = "id = (SELECT id FROM members WHERE external_id = 'eve')";
        let erase = format!("UPDATE {table} SET erased_at = 7 WHERE {of_eve}");
        tamper(&rich.app, backend, table, &erase).await;
        let wrong = rich.wrong().await;
        assert!(wrong.iter().any(|fault| fault.contains("no event says so")), "{wrong:?}");
        tamper(&rich.app, backend, table, &erase.replace("= 7", "= NULL")).await;
    }
}

/// Of PostgreSQL the type of the columns refuses it.
async fn what_is_no_json_is_named(backend: Backend) {
    let rich = Rich::new(backend).await;
    let of_eve = "member_id = (SELECT id FROM members WHERE external_id = 'eve')";
    for (table, column, which) in [
        ("transactions", "explanation", "kind = 'ADJUST'"),
        ("transactions", "explanation", "kind = 'OPENING'"),
        ("transactions", "explanation", "kind = 'SPEND'"),
        ("events", "data", "name = 'balance-opened'"),
        ("purchases", "appraisal", of_eve),
        ("purchases", "standing", of_eve),
    ] {
        rich.save(table).await;
        let one = format!("id = (SELECT id FROM {table} WHERE {which} ORDER BY id LIMIT 1)");
        let broken = format!("UPDATE {table} SET {column} = '{{\"broken' WHERE {one}");
        if backend == Backend::Postgres {
            assert!(!rich.is_allowed(&broken).await);
        } else {
            tamper(&rich.app, backend, table, &broken).await;
            let wrong = rich.wrong().await;
            let names = if table == "events" { "\"events\"" } else { "\"transactions\"" };
            assert!(wrong.iter().any(|fault| fault.contains(names)), "{which}: {wrong:?}");
            rich.restore(table).await;
        }
        books::execute(&rich.app, &format!("DROP TABLE saved_{table}")).await.unwrap();
    }
    assert_eq!(rich.wrong().await, BTreeSet::new());
}
