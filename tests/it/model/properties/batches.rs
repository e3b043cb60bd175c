//! A batch does what its items do one by one.

use crate::model::commands::Call;
use crate::model::history::{self, History};
use crate::model::world::{Sweeping, World};
use crate::support::{Backend, TestApp, on_both_databases};

on_both_databases!(a_batch_is_the_sequence_of_its_items);

/// As many fields as a document is given.
const FIELDS: usize = 12;

/// A history command by command, then in documents of several commands and lists of purchases, with
/// whatever is refused in the middle.
async fn a_batch_is_the_sequence_of_its_items(backend: Backend) {
    history::all(1, History::any(60), async |history| {
        let app = TestApp::idle(backend).await;
        let mut single = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        single.live_quietly(&history).await;
        let mut batched = World::open(&app, "batched", &history.terms, Sweeping::InTime).await;
        let mut batch: Vec<Call> = Vec::new();
        // What opened the world is not part of the history.
        for call in single.sent.clone().into_iter().skip(batched.sent.len()) {
            let waits = call.ask(&batched.ids).is_none();
            // Purchases that follow each other are a list of their own.
            let is_purchase = |call: &Call| matches!(call, Call::Purchase(_));
            let ends = batch.last().is_some_and(|last| is_purchase(last) != is_purchase(&call));
            if waits || ends || call.is_apart() || batch.len() == FIELDS {
                batched.send_batch(std::mem::take(&mut batch)).await;
            }
            match call.is_apart() {
                true => drop(batched.send(call).await),
                false => batch.push(call),
            }
        }
        batched.send_batch(batch).await;
        batched.assert_shown("the last batch").await;
        for name in ["m0", "m1", "m2"] {
            assert_eq!(batched.reference.statement(name), single.reference.statement(name));
        }
        World::end_together(&mut [&mut single, &mut batched]).await;
    });
}
