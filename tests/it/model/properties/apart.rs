//! Programs do not touch each other, whatever ids are sent.

use crate::model::commands::{Call, Ids};
use crate::model::history::{self, History};
use crate::model::world::{Sweeping, World, document};
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(two_programs_live_apart_whatever_ids_are_sent);

/// Two histories step by step in turn; after each step what was sent to the one is sent to the other
/// with the one's ids.
async fn two_programs_live_apart_whatever_ids_are_sent(backend: Backend) {
    history::all(1, (History::any(30), History::any(30)), async |(one, other)| {
        let app = TestApp::idle(backend).await;
        let mut ones = World::open(&app, "one", &one.terms, Sweeping::InTime).await;
        let mut others = World::open(&app, "other", &other.terms, Sweeping::InTime).await;
        let longer = one.steps.len().max(other.steps.len());
        for step in 0..longer {
            if let Some(step) = one.steps.get(step) {
                ones.step(step).await;
            }
            if let Some(step) = other.steps.get(step) {
                others.step(step).await;
            }
            trespass(&ones, &others).await;
            trespass(&others, &ones).await;
        }
        ones.assert_shown("the other program's history").await;
        others.assert_shown("the other program's history").await;
        World::end_together(&mut [&mut ones, &mut others]).await;
    });
}

/// Sends what one program was sent last to another: nothing is found there.
async fn trespass(from: &World<'_>, into: &World<'_>) {
    let call = from.sent.last().unwrap();
    let Some(mut ask) = call.ask(&from.ids) else { return };
    if !names_by_id(&mut ask.input, call, &from.ids) {
        return;
    }
    let (document, variables) = document(&[ask]);
    let answer = into.app.admin(&into.program, &document, variables).await;
    let code = answer["c0"]["userErrors"][0]["code"].as_str();
    assert!(code.is_some_and(|code| code.ends_with("_NOT_FOUND")), "{call:?}: {answer:#}");
}

/// Names members and purchases by id, and new things so that they would be new; whether it names
/// something of the program.
fn names_by_id(input: &mut Value, call: &Call, ids: &Ids) -> bool {
    for key in ["reference", "idempotencyKey"] {
        if input[key].is_string() {
            input[key] = json!("trespass");
        }
    }
    if let Some(fields) = input.as_object_mut() {
        fields.remove("purchasedAt");
        fields.remove("payWith");
    }
    for key in ["member", "from", "into", "to", "group", "person", "by"] {
        let Some(member) = input[key]["externalId"].as_str() else { continue };
        let Some(id) = ids.0.get(member) else { return false };
        input[key] = json!({ "id": id });
    }
    if let Some(order) = input["purchase"]["reference"].as_str() {
        let Some(id) = ids.0.get(&format!("order {order}")) else { return false };
        input["purchase"] = json!({ "id": id });
    }
    let is_refused_before = matches!(call, Call::Adjust(call) if !call.is_sound())
        || matches!(call, Call::Hold(call) if call.points <= 0)
        || matches!(call, Call::EndHold(call) if !call.is_sound())
        || matches!(call, Call::Merge(call) if call.from == call.into)
        || matches!(call, Call::Transfer(call) if call.points <= 0 || call.from == call.to);
    !is_refused_before && !matches!(call, Call::Create(_) | Call::Clock(_) | Call::Open(_))
}
