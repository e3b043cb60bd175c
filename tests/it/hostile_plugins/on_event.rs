//! Each case of `on-event`: the plugin stands still over that member with the reason, nothing of its
//! answer is kept, and the neighbour has handled the same event.

use super::cases::{At, Case, at};
use super::{apply, guests, kind, state, work};
use crate::support::{Backend, TestApp, books, on_both_databases, plugins};
use serde_json::{Value, json};

on_both_databases!(
    whatever_is_done_about_an_event_hurts_only_who_does_it,
    what_is_called_like_anothers_is_not_anothers,
);

const NEIGHBOUR: &str = "[plugins.consumer-goods]\n";
const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
     record { id } userErrors { code message field } } }";

/// A program of each case, all at the same time.
async fn whatever_is_done_about_an_event_hurts_only_who_does_it(backend: Backend) {
    let app = TestApp::idle(backend).await;
    guests::offer(&app).await;
    for case in at(At::OnEvent) {
        begin(&app, case).await;
    }
    work(&app).await;
    for case in at(At::OnEvent) {
        is_contained(&app, case).await;
    }
}

/// Bob has a toy and a contact, and Ada buys.
async fn begin(app: &TestApp, case: &Case) {
    apply(app, case.mode, NEIGHBOUR).await;
    let bob = json!({
        "externalId": "bob", "kind": "ORGANIZATION", "name": "Bob",
        "contacts": [{ "name": "Eve", "role": "buyer" }],
    });
    app.creates(case.mode, bob).await.done();
    let contacts = "{ member(externalId: \"bob\") { contacts { id } } }";
    let bob = app.admin(case.mode, contacts, Value::Null).await;
    let contact = bob["member"]["contacts"][0]["id"].as_str().unwrap();
    let (id, mode) = (guests::of(case), case.mode);
    let table = format!("[plugins.{id}]\nmode = \"{mode}\"\ncontact = \"{contact}\"\n");
    apply(app, case.mode, &format!("{NEIGHBOUR}{table}")).await;
    if id != case.mode {
        let toy = json!({
            "member": { "externalId": "bob" }, "type": "toy", "externalId": "theirs",
            "data": { "whose": "bob" },
        });
        app.does::<Value>(case.mode, PUT, toy).await.done();
    }
    let ada = app.joins(case.mode, "ada").await;
    assert_eq!(ada.buys("order-1", "10.00").await.done().points_earned, 10);
}

async fn is_contained(app: &TestApp, case: &Case) {
    let id = guests::of(case);
    let guest = state(app, case.mode, &id).await;
    assert_eq!((guest.waiting, guest.handled), (1, 0), "{case:?} {guest:#?}");
    assert_eq!(guest.status, "ACTIVE", "it has failed over one member so far: {case:?}");
    let fault = guest.parked_queues.first_fault();
    assert_eq!(fault.kind, kind(case), "{case:?} {fault:?}");
    let named = format!("plugin `{id}`, on-event: ");
    assert!(fault.message.starts_with(&named), "{case:?} {fault:?}");
    assert!(fault.message.contains(case.says), "{case:?} {fault:?}");
    let neighbour = state(app, case.mode, "consumer-goods").await;
    assert_eq!((neighbour.handled, neighbour.waiting), (1, 0), "{case:?}");
    let kept = books::kept_of_plugin(app, case.mode, &id).await;
    assert!(kept.is_empty(), "{case:?} {kept:?}");
    let toys = books::records_of(app, case.mode, "toy").await;
    let theirs = [json!({ "whose": "bob" })];
    assert!(toys.is_empty() || toys == theirs, "{case:?} {toys:?}");
}

/// Timers have names, and each plugin its own for each member.
async fn what_is_called_like_anothers_is_not_anothers(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(plugins::bundled("consumer-goods")).await;
    app.offers(&plugins::hostile("hostile")).await;
    let table = "[plugins.hostile]\nmode = \"cancel-timer-of-another\"\n";
    for plugins in [NEIGHBOUR.to_owned(), format!("{NEIGHBOUR}{table}")] {
        apply(&app, "shop", &plugins).await;
        if plugins == NEIGHBOUR {
            app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
        } else {
            app.joins("shop", "bob").await.buys("order-2", "10.00").await.done();
        }
        work(&app).await;
    }
    let timers = "SELECT COUNT(*) AS n FROM timers WHERE name = 'silence'";
    assert_eq!(books::counted(&app, timers).await, 2, "the neighbour's, of both");
    assert_eq!(state(&app, "shop", "hostile").await.handled, 1);
}
