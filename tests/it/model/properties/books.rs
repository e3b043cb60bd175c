//! What holds of the rows themselves, added up here and not by the database.

use crate::model::history::{self, History};
use crate::model::sound;
use crate::model::world::{Sweeping, World};
use crate::support::{Backend, TestApp, books, on_both_databases};
use perennial_core::verify::compare_derived;
use std::collections::{BTreeMap, BTreeSet};

on_both_databases!(
    entries_sum_to_zero_in_each_transaction_and_in_the_ledger,
    a_balance_is_the_sum_of_its_entries_and_can_be_rebuilt_from_them,
    lots_are_the_balance_and_holds_are_what_is_held,
    each_transaction_has_one_event_and_each_members_events_are_in_order,
);

/// Lives a history, and looks at what it left.
async fn after_histories(backend: Backend, look: impl AsyncFn(&TestApp)) {
    history::all(1, History::any(40), async |history| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        world.live(&history).await;
        look(&app).await;
    });
}

fn sums<K: Ord>(rows: impl IntoIterator<Item = (K, i64)>) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for (key, amount) in rows {
        *sums.entry(key).or_default() += amount;
    }
    sums
}

async fn entries_sum_to_zero_in_each_transaction_and_in_the_ledger(backend: Backend) {
    after_histories(backend, async |app| {
        let entries = books::rows(app).await.entries;
        assert!(entries.iter().all(|entry| entry.amount != 0), "{entries:?}");
        let transactions = sums(entries.iter().map(|one| (one.transaction_id, one.amount)));
        assert!(transactions.values().all(|sum| *sum == 0), "{transactions:?}");
        assert_eq!(entries.iter().map(|entry| entry.amount).sum::<i64>(), 0);
    })
    .await;
}

async fn a_balance_is_the_sum_of_its_entries_and_can_be_rebuilt_from_them(backend: Backend) {
    after_histories(backend, async |app| {
        let rows = books::rows(app).await;
        let mut balances = BTreeMap::new();
        for entry in &rows.entries {
            let Some(account) = entry.account_id else { continue };
            let balance = balances.entry(account).or_insert(0);
            *balance += entry.amount;
            assert_eq!(entry.balance_after, Some(*balance), "{entry:?}");
        }
        for wallet in &rows.wallets {
            let balance = balances.get(&wallet.account_id).copied().unwrap_or_default();
            assert_eq!(balance, wallet.balance, "{wallet:?}");
        }
        let compared = compare_derived(&app.loyalty, None).await.unwrap();
        assert!(compared.programs[0].checks.iter().all(|check| check.faults.is_empty()));
    })
    .await;
}

async fn lots_are_the_balance_and_holds_are_what_is_held(backend: Backend) {
    after_histories(backend, async |app| {
        let rows = books::rows(app).await;
        let remaining = sums(rows.lots.iter().map(|lot| (lot.account_id, lot.remaining)));
        let held = sums(rows.holds.iter().map(|hold| (hold.account_id, hold.points)));
        let of = |sums: &BTreeMap<_, i64>, key| sums.get(key).copied().unwrap_or_default();
        for wallet in &rows.wallets {
            let account = &wallet.account_id;
            assert_eq!(
                of(&remaining, account) - wallet.pending - wallet.owed,
                wallet.balance,
                "{wallet:?}"
            );
            assert_eq!(of(&held, account), wallet.held, "{wallet:?}");
            assert!(wallet.owed == 0 || of(&remaining, account) == wallet.pending, "{wallet:?}");
        }
        let of_transactions = sums(rows.uses.iter().map(|one| (one.transaction_id, one.amount)));
        for hold in &rows.holds {
            assert_eq!(of(&of_transactions, &hold.transaction_id), hold.points, "{hold:?}");
        }
        let used = sums(rows.uses.iter().map(|one| (one.lot_id, one.amount)));
        let given_back = sums(rows.given_back.iter().map(|one| (one.lot_id, one.amount)));
        for lot in &rows.lots {
            let left = lot.amount - of(&used, &lot.id) + of(&given_back, &lot.id);
            assert_eq!(left, lot.remaining, "{lot:?}");
            assert!((0..=lot.amount).contains(&lot.remaining), "{lot:?}");
        }
    })
    .await;
}

async fn each_transaction_has_one_event_and_each_members_events_are_in_order(backend: Backend) {
    after_histories(backend, async |app| {
        let recorded = books::recorded(app, "model").await;
        let reported: BTreeSet<_> = recorded.reported.iter().map(|(one, _)| one).collect();
        // An end of a hold that spends something has two: what was spent, and the end itself.
        let transactions: BTreeSet<_> = recorded.transactions.iter().collect();
        assert_eq!(reported, transactions, "each is reported");
        assert_eq!(recorded.reported.len(), transactions.len(), "and once");
        let changes = sound::followed(app, "model").await;
        let all: BTreeSet<_> = recorded.all().into_iter().collect();
        assert_eq!(changes.iter().cloned().collect::<BTreeSet<_>>(), all, "all are followed");
        assert_eq!(changes.len(), all.len(), "each once");
        for events in recorded.events.values() {
            let in_order = changes.iter().filter(|id| events.contains(id));
            assert!(in_order.eq(events), "in the member's order");
        }
    })
    .await;
}
