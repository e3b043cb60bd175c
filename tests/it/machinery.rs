//! The machinery plugin at work: a machine's consumables fall due, the right contact is reminded
//! once and followed up once.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    a_service_date_brings_one_reminder_and_one_follow_up_to_the_right_contact,
    a_service_ends_the_cycle_and_starts_the_next,
    a_view_shows_what_is_coming,
    a_page_of_records_ends_where_the_next_begins,
);

async fn a_service_date_brings_one_reminder_and_one_follow_up_to_the_right_contact(
    backend: Backend,
) {
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    company(&app).await;
    // The filter of this model is due after 12 months, the oil after 18.
    let installed = json!({ "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" });
    put(&app, &installed).await;

    app.advance_clock("machinery", "2026-03-31T23:00:00+02:00").await;
    let early = app.messages("machinery").await;
    assert_eq!(early.len(), 0, "the reminder is two weeks ahead of 15 April");
    app.advance_clock("machinery", "2026-04-16T00:00:00+02:00").await;
    let reminded = app.messages("machinery").await;
    assert_eq!(reminded.len(), 1, "{reminded:#?}");
    let reminder = &reminded[0];
    assert_eq!(reminder.contact.as_ref().unwrap().role, "technical-engineer");
    assert_eq!(reminder.locale, "pl");
    assert_eq!(reminder.occurred_at, "2026-03-31T22:00:00Z", "at the start of 1 April in Warsaw");
    assert!(reminder.body.contains("HX-200"), "{reminder:#?}");
    assert!(reminder.body.contains("15 kwietnia 2026"), "{reminder:#?}");

    app.advance_clock("machinery", "2026-09-30T12:00:00+02:00").await;
    let followed_up = app.messages("machinery").await;
    assert_eq!(followed_up.len(), 2, "one reminder, one follow-up, then silence: {followed_up:#?}");
    assert_eq!(followed_up[0].contact, reminder.contact);
    assert_ne!(followed_up[0].template, reminder.template);

    put(&app, &installed).await;
    app.advance_clock("machinery", "2026-10-02T00:00:00+02:00").await;
    let messages = app.messages("machinery").await;
    assert_eq!(
        messages.len(),
        3,
        "the oil's own reminder came on 1 October; an unchanged record repeats nothing"
    );
}

async fn a_service_ends_the_cycle_and_starts_the_next(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    company(&app).await;
    let mut machine = json!({ "model": "GP-45", "installedOn": "2025-04-15" });
    machine["servicedOn"] = json!({ "coolant": "2025-12-20" });
    put(&app, &machine).await;
    app.advance_clock("machinery", "2026-04-10T00:00:00+02:00").await;
    assert_eq!(app.messages("machinery").await.len(), 1, "the air filter's reminder");

    machine["servicedOn"]["air-filter"] = json!("2026-04-09");
    put(&app, &machine).await;
    app.advance_clock("machinery", "2027-01-01T00:00:00+01:00").await;
    assert_eq!(app.messages("machinery").await.len(), 1, "no follow-up once it was serviced");
    app.advance_clock("machinery", "2027-04-01T00:00:00+02:00").await;
    let messages = app.messages("machinery").await;
    assert!(
        messages.iter().any(|message| message.occurred_at == "2027-03-25T23:00:00Z"),
        "a year after the service, two weeks ahead: {messages:#?}"
    );
}

async fn a_view_shows_what_is_coming(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    company(&app).await;
    put(&app, &json!({ "model": "HX-200", "installedOn": "2025-04-15" })).await;
    app.advance_clock("machinery", "2026-01-02T00:00:00+01:00").await;
    let query = "{ me { pluginViews { pluginKey data } } }";
    let me = app.storefront("machinery", "baltic", query, Value::Null).await;
    let view = &me["me"]["pluginViews"][0];
    assert_eq!(view["pluginKey"], json!("machinery"));
    let text = view["data"].to_string();
    assert!(text.contains("2026-04-15") && text.contains("2026-10-15"), "{text}");
    assert_eq!(view["data"]["machines"][0]["problem"], Value::Null);

    put(&app, &json!({ "model": "HX-2000", "installedOn": "2025-04-15" })).await;
    app.advance_clock("machinery", "2026-01-03T00:00:00+01:00").await;
    let me = app.storefront("machinery", "baltic", query, Value::Null).await;
    assert_eq!(
        me["me"]["pluginViews"][0]["data"]["machines"][0]["problem"],
        json!("the program file has no intervals for the model `HX-2000`, so nothing is due")
    );
}

/// Creates Baltic Foods, whose engineer is to be reminded.
async fn a_page_of_records_ends_where_the_next_begins(backend: Backend) {
    const PAGE: &str = "query($after: String) { member(externalId: \"baltic\") { \
         records(first: 2, after: $after) { nodes { externalId } \
           pageInfo { hasNextPage endCursor } } } }";
    let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
    company(&app).await;
    for machine in ["machine-1", "machine-2", "machine-3", "machine-4"] {
        put_as(&app, machine, &json!({ "model": "HX-200", "installedOn": "2025-04-15" })).await;
    }
    let (mut pages, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = app.admin("machinery", PAGE, json!({ "after": after })).await;
        let records = &data["member"]["records"];
        let nodes = records["nodes"].as_array().unwrap().clone();
        pages.push(nodes.into_iter().map(|node| node["externalId"].clone()).collect::<Vec<_>>());
        after = records["pageInfo"]["endCursor"].clone();
        if records["pageInfo"]["hasNextPage"] != json!(true) {
            break;
        }
    }
    assert_eq!(json!(pages), json!([["machine-4", "machine-3"], ["machine-2", "machine-1"]]));
}

async fn company(app: &TestApp) {
    let input = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic Foods",
        "locale": "pl", "country": "PL",
        "contacts": [
            { "name": "Jan Lis", "role": "procurement-director", "locale": "en" },
            { "name": "Ewa Nowak", "role": "technical-engineer", "locale": "pl" },
        ],
    });
    app.creates("machinery", input).await.done();
}

/// Puts the company's one machine.
async fn put(app: &TestApp, data: &Value) {
    put_as(app, "machine-1", data).await;
}

async fn put_as(app: &TestApp, machine: &str, data: &Value) {
    const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
         record { externalId data } userErrors { code message field } } }";
    let input = json!({
        "member": { "externalId": "baltic" }, "type": "equipment",
        "externalId": machine, "data": data,
    });
    app.does::<Value>("machinery", PUT, input).await.done();
}
