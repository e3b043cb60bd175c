//! The bundled plugins plan anew.

use super::{PUT, applies, works};
use crate::support::programs::{example, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases, perennial, plugins};
use serde_json::{Value, json};

on_both_databases!(
    machines_that_were_there_before_are_reminded_of,
    another_interval_moves_the_reminders,
    whoever_bought_before_is_waited_for,
);

async fn machines_that_were_there_before_are_reminded_of(backend: Backend) {
    let app = machine(backend).await;
    let with = example("machinery");
    let (without, _) = with.split_once("[plugins.machinery]").unwrap();
    applies(&app, without).await;
    perennial(&app.db, &["plugin", "purge", "machinery", "--program", "machinery", "--yes"])
        .succeeds();
    applies(&app, &with).await;
    app.advance_clock("machinery", "2026-04-16T00:00:00+02:00").await;
    let messages = app.messages("machinery").await;
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(messages[0].occurred_at, "2026-03-31T22:00:00Z", "as if nothing had been purged");
}

async fn another_interval_moves_the_reminders(backend: Backend) {
    let app = machine(backend).await;
    let longer =
        example("machinery").replace("filter = { months = 12 }", "filter = { months = 15 }");
    assert_ne!(longer, example("machinery"));
    applies(&app, &longer).await;
    app.advance_clock("machinery", "2026-07-02T00:00:00+02:00").await;
    let messages = app.messages("machinery").await;
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(messages[0].occurred_at, "2026-06-30T22:00:00Z", "15 months, two weeks ahead");

    // Whoever was reminded is not reminded again, and followed up as planned.
    applies(&app, &example("machinery")).await;
    app.advance_clock("machinery", "2026-09-01T00:00:00+02:00").await;
    let templates = app.messages("machinery").await;
    let templates: Vec<_> = templates.iter().map(|one| one.template.as_str()).collect();
    assert_eq!(templates, ["service-follow-up", "service-due-technical"]);
}

async fn whoever_bought_before_is_waited_for(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(plugins::bundled("consumer-goods")).await;
    let with =
        |days: u32| format!("{}[plugins.consumer-goods]\nsilence_days = {days}\n", sandbox_shop());
    applies(&app, &sandbox_shop()).await;
    app.joins("sandbox", "ada").await.buys("ada-1", "5.00").await.done();
    app.joins("sandbox", "bob").await;
    applies(&app, &with(180)).await;
    works(&app).await;
    app.advance_clock("sandbox", "2026-06-29T00:00:00Z").await;
    applies(&app, &with(200)).await;
    app.advance_clock("sandbox", "2026-07-19T00:00:00Z").await;
    assert_eq!(app.messages("sandbox").await.len(), 0, "it is not silence any more");
    app.advance_clock("sandbox", "2026-12-31T00:00:00Z").await;
    let messages = app.messages("sandbox").await;
    assert_eq!(messages.len(), 1, "Bob has never bought: {messages:#?}");
    assert_eq!(messages[0].occurred_at, "2026-07-19T22:00:00Z", "200 days after the first");
}

/// The example, with a company whose machine needs another filter on 15 April 2026.
async fn machine(backend: Backend) -> TestApp {
    let app = TestApp::idle(backend).await.with_program(&example("machinery")).await;
    let company = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic Foods", "locale": "pl",
        "contacts": [{ "name": "Ewa Nowak", "role": "technical-engineer", "locale": "pl" }],
    });
    app.creates("machinery", company).await.done();
    let machine = json!({
        "member": { "externalId": "baltic" }, "type": "equipment", "externalId": "machine-1",
        "data": { "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" },
    });
    app.does::<Value>("machinery", PUT, machine).await.done();
    works(&app).await;
    app
}
