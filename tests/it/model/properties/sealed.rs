//! Whatever is changed after it was sealed is found.

use crate::model::history::{self, History};
use crate::model::sound;
use crate::model::world::{Sweeping, World};
use crate::support::random::Random;
use crate::support::{Backend, TestApp, books, on_both_databases, tamper};
use perennial_core::verify::Fault;
use perennial_core::{Id, TransactionId};
use proptest::prelude::*;

on_both_databases!(whichever_number_of_a_sealed_row_is_changed_its_row_is_named);

/// Numbers that are sealed, by table; the column that says whose they are, and which rows are meant. A purchase is sealed with
/// the transaction that it explains.
const SEALED: &[(&str, &str, &str, &str)] = &[
    ("entries", "transaction_id", "amount", "seq = 1"),
    ("entries", "transaction_id", "balance_after", "seq = 1"),
    ("lot_uses", "transaction_id", "amount", "TRUE"),
    ("lot_returns", "transaction_id", "amount", "TRUE"),
    ("transactions", "id", "effective_at", "TRUE"),
    ("transactions", "id", "recorded_at", "TRUE"),
    ("events", "id", "occurred_at", "TRUE"),
    ("events", "id", "recorded_at", "TRUE"),
    ("purchases", "id", "total_minor", "TRUE"),
    ("purchases", "id", "points", "TRUE"),
    ("purchase_lines", "purchase_id", "amount_minor", "TRUE"),
    ("purchase_lines", "purchase_id", "quantity", "TRUE"),
];

/// After a history, one bit of some row's number at a time, and back.
async fn whichever_number_of_a_sealed_row_is_changed_its_row_is_named(backend: Backend) {
    history::all(1, (History::any(30), any::<u64>()), async |(history, seed)| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        world.live(&history).await;
        let mut random = Random::seeded(seed);
        for (table, key, column, which) in SEALED {
            let Some(row) = books::any_row(&app, table, [key, column, which], &mut random).await
            else {
                continue;
            };
            // Nothing is a number that some columns do not take.
            let bits = [1 << random.within(0..6), 1 << 10];
            let flipped = bits.map(|bit| row.value ^ bit);
            let flipped = flipped.into_iter().find(|flipped| *flipped != 0).unwrap();
            tamper::tamper(&app, backend, table, &row.becomes(row.value, flipped)).await;
            let found = sound::verified(&app).await;
            let checks = found.programs.iter().flat_map(|program| &program.checks);
            let faults: Vec<_> = checks.flat_map(|check| &check.faults).collect();
            let is_its = |fault: &&&Fault| match (*table, *key) {
                // Named by its member and its number.
                ("events", _) => fault.table == "events",
                (_, "transaction_id") | ("transactions", _) => {
                    fault.key == TransactionId::from_uuid(row.id).to_string()
                }
                _ => fault.table == "transactions",
            };
            assert!(faults.iter().any(|fault| is_its(&fault)), "{row:?}: {faults:#?}");
            tamper::tamper(&app, backend, table, &row.becomes(flipped, row.value)).await;
        }
        sound::assert_sound(&app, &[&world]).await;
    });
}
