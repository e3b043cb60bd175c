//! A request that is repeated changes nothing and is answered as before.

use crate::model::commands::Call;
use crate::model::history::{self, History};
use crate::model::world::{Sweeping, World, document};
use crate::support::random::Random;
use crate::support::{Backend, TestApp, on_both_databases};
use futures::future::join_all;
use proptest::prelude::*;

on_both_databases!(what_is_repeated_at_once_in_any_order_on_any_server_changes_nothing);

/// Everything that was done is sent twice more, in another order, all at once, to two servers that
/// were started since; and what has a key once more with other arguments.
async fn what_is_repeated_at_once_in_any_order_on_any_server_changes_nothing(backend: Backend) {
    history::all(1, (History::any(40), any::<u64>()), async |(history, seed)| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        let mut done = Vec::new();
        for step in &history.steps {
            let call = world.settled(step);
            if world.send(call.clone()).await.is_ok() && has_one_effect(&call) {
                done.extend([call.clone(), call.clone(), call.changed()]);
            }
            world.assert_shown("a step").await;
        }
        // What was reported of an order holds for what an edit has added since, if it is reported anew.
        let orders = &world.reference.orders;
        let is_edited = |call: &Call| match call {
            Call::Event(event) => {
                orders.get(event.order.name()).is_some_and(|order| !order.edits.is_empty())
            }
            _ => false,
        };
        done.retain(|call| !is_edited(call));
        let mut random = Random::seeded(seed);
        for index in (1..done.len()).rev() {
            let other = random.within(0..i64::try_from(index).unwrap() + 1);
            done.swap(index, usize::try_from(other).unwrap());
        }
        let servers = [TestApp::beside_idle(&app).await, TestApp::beside_idle(&app).await];
        let before = world.reference.clone();
        let repeat = async |(index, call): (usize, &Call)| {
            let (document, variables) = document(&[call.ask(&world.ids).unwrap()]);
            let server = &servers[index % 2];
            let mut data = server.admin_as("model", call.operator(), &document, variables).await;
            data["c0"].take()
        };
        let payloads = join_all(done.iter().enumerate().map(repeat)).await;
        for (call, payload) in done.iter().zip(payloads) {
            let expected = call.expect(&mut world.reference);
            assert_eq!(world.read(call, payload), expected, "to a repeat of {call:?}");
            assert_eq!(format!("{:?}", world.reference), format!("{before:?}"), "after {call:?}");
        }
        world.assert_shown("all repeats").await;
        world.end().await;
    });
}

/// Whether it is told by a key or a name that it was done before.
fn has_one_effect(call: &Call) -> bool {
    !matches!(call, Call::Clock(_) | Call::Quote(_) | Call::Open(_) | Call::Belong(_))
        && !matches!(call, Call::Edit(edit) if edit.is_quote)
}
