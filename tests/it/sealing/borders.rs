//! More than is read at a time: what is changed is found and named wherever a part begins or ends.

use super::served::record;
use super::{Verified, is_sound, seal, verify};
use crate::support::programs::SHOP;
use crate::support::tamper::{tamper, transaction};
use crate::support::{Backend, TestApp, on_both_databases};
use perennial_core::{Id, TransactionId};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

/// Items of a part, at least.
const PART: usize = 8_000;
/// Each leaves a transaction and two events.
const PURCHASES: usize = 4_000;

on_both_databases!(
    what_is_changed_is_named_where_parts_begin_and_end,
    what_the_journal_lists_far_from_its_neighbours_is_found,
);

async fn shop(backend: Backend) -> TestApp {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    record(&app, PURCHASES).await;
    seal(&app, "shop").await;
    app
}

async fn what_is_changed_is_named_where_parts_begin_and_end(backend: Backend) {
    let app = shop(backend).await;
    assert_eq!(is_sound(&app).entries, 2 * PURCHASES as u64);
    let (listed, ends) = listed(&app).await;
    // With the row that fills it.
    let border = ends.into_iter().find(|end| *end >= PART).unwrap();
    assert!(listed.len() > border + 1_000, "one part has it all");
    // The first that is wrong is named: what is changed later stands before it.
    let last = listed.iter().rposition(Option::is_some).unwrap();
    let after = (border..).find(|at| listed[*at].is_some()).unwrap();
    let before = (0..border).rfind(|at| listed[*at].is_some()).unwrap();
    let first = listed.iter().position(Option::is_some).unwrap();
    for position in [last, after, before, first] {
        let id = listed[position].unwrap().to_string();
        let of = transaction(backend, &id);
        for (table, change) in [
            ("purchases", format!("currency = 'XXX' WHERE transaction_id = {of}")),
            ("transactions", format!("actor = 'nobody' WHERE id = {of}")),
            ("entries", format!("balance_after = 1 WHERE seq = 2 AND transaction_id = {of}")),
        ] {
            tamper(&app, backend, table, &format!("UPDATE {table} SET {change}")).await;
            let wrong: Verified = verify(&app, &["--program", "shop"]).exits(1).printed();
            let fault = wrong.faults()["what was sealed"].clone();
            assert_eq!((fault.table.as_str(), &fault.key), ("transactions", &id), "{table}");
            let at = format!("of position {} in", position + 1);
            assert!(fault.expected.contains(&at), "{table}: {fault:?}");
        }
        let balance = format!(
            "UPDATE entries SET balance_after = balance_after + 1 \
             WHERE account_id IS NOT NULL AND transaction_id = {of}"
        );
        tamper(&app, backend, "entries", &balance).await;
        let wrong: Verified = verify(&app, &["--program", "shop"]).exits(1).printed();
        let fault = wrong.faults()["balances after each entry"].clone();
        assert_eq!((fault.table.as_str(), fault.key), ("entries", format!("{id} 1")));
    }
}

async fn what_the_journal_lists_far_from_its_neighbours_is_found(backend: Backend) {
    let app = shop(backend).await;
    // What was recorded first and last changes places, of as many items of the same kinds.
    let alike = "(SELECT j.position, j.items, ROW_NUMBER() OVER (ORDER BY j.position) AS up, \
                 ROW_NUMBER() OVER (ORDER BY j.position DESC) AS down \
                 FROM journal AS j WHERE j.count = 100 AND j.kinds = 3)";
    let swap = format!(
        "UPDATE journal SET items = (SELECT other.items FROM {alike} AS one \
             JOIN {alike} AS other ON other.up = one.down WHERE one.position = journal.position) \
         WHERE position IN (SELECT one.position FROM {alike} AS one WHERE one.up = 1 OR one.down = 1)"
    );
    tamper(&app, backend, "journal", &swap).await;
    let wrong: Verified = verify(&app, &["--program", "shop"]).exits(1).printed();
    let faults = wrong.faults();
    assert!(faults.contains_key("what was sealed"), "{faults:?}");
    assert!(!faults.contains_key("rows and journal"), "each row is still listed once");
    assert!(!faults.contains_key("the journal's order"), "{faults:?}");
    assert!(!faults.contains_key("wallets are their entries"), "{faults:?}");
}

/// The journal, position by position: the transactions that it lists, and that it lists something
/// else; and where rows end.
async fn listed(app: &TestApp) -> (Vec<Option<TransactionId>>, Vec<usize>) {
    let reader = app.loyalty.db().read();
    let rows = "SELECT j.items FROM journal AS j JOIN programs AS p ON p.id = j.program_id \
                WHERE p.slug = 'shop' ORDER BY j.position";
    let rows = Statement::from_string(reader.get_database_backend(), rows);
    let (mut listed, mut ends) = (Vec::new(), Vec::new());
    for row in reader.query_all_raw(rows).await.unwrap() {
        let items: Vec<u8> = row.try_get_by_index(0).unwrap();
        let mut items = items.as_slice();
        while let Some((tag, rest)) = items.split_first() {
            let (length, is_transaction) = match tag {
                1 => (24, false),
                2 => (16, true),
                3 => (16, false),
                _ => (0, false),
            };
            let id = || TransactionId::from_uuid(Uuid::from_slice(&rest[..16]).unwrap());
            listed.push(is_transaction.then(id));
            items = &rest[length..];
        }
        ends.push(listed.len());
    }
    (listed, ends)
}
