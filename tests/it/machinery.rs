//! The machinery plugin at work: a machine's consumables fall due, the right contact is reminded once and followed up once.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) \
     { record { externalId data } userErrors { code message field } } }";
const MESSAGES: &str = "{ messages(first: 100) { nodes { template locale occurredAt subject body \
     member { externalId } contact { name role } } } }";

on_both_databases! {
    async fn a_service_date_brings_one_reminder_and_one_follow_up_to_the_right_contact(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        company(&app).await;
        // The filter of this model is due after 12 months, the oil after 18.
        let installed = json!({ "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" });
        put(&app, &installed).await;

        app.advance_clock("machinery", "2026-03-31T23:00:00+02:00").await;
        assert_eq!(messages(&app).await.len(), 0, "the reminder is two weeks ahead of 15 April");
        app.advance_clock("machinery", "2026-04-16T00:00:00+02:00").await;
        let reminded = messages(&app).await;
        assert_eq!(reminded.len(), 1, "{reminded:#?}");
        assert_eq!(reminded[0]["contact"]["role"], json!("technical-engineer"));
        assert_eq!(reminded[0]["locale"], json!("pl"));
        assert_eq!(reminded[0]["occurredAt"], json!("2026-03-31T22:00:00Z"), "at the start of 1 April in Warsaw");
        assert!(reminded[0]["body"].as_str().unwrap().contains("HX-200"), "{reminded:#?}");

        app.advance_clock("machinery", "2026-09-30T12:00:00+02:00").await;
        let followed_up = messages(&app).await;
        assert_eq!(followed_up.len(), 2, "one reminder, one follow-up, then silence: {followed_up:#?}");
        assert_eq!(followed_up[0]["contact"], reminded[0]["contact"]);
        assert_ne!(followed_up[0]["template"], reminded[0]["template"]);

        put(&app, &installed).await;
        app.advance_clock("machinery", "2026-10-02T00:00:00+02:00").await;
        assert_eq!(messages(&app).await.len(), 3, "the oil's own reminder came on 1 October; an unchanged record repeats nothing");
    }

    async fn a_service_ends_the_cycle_and_starts_the_next(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        company(&app).await;
        let mut machine = json!({ "model": "GP-45", "installedOn": "2025-04-15" });
        machine["servicedOn"] = json!({ "coolant": "2025-12-20" });
        put(&app, &machine).await;
        app.advance_clock("machinery", "2026-04-10T00:00:00+02:00").await;
        assert_eq!(messages(&app).await.len(), 1, "the air filter's reminder");

        machine["servicedOn"]["air-filter"] = json!("2026-04-09");
        put(&app, &machine).await;
        app.advance_clock("machinery", "2027-01-01T00:00:00+01:00").await;
        assert_eq!(messages(&app).await.len(), 1, "no follow-up once it was serviced");
        app.advance_clock("machinery", "2027-04-01T00:00:00+02:00").await;
        let due: Vec<Value> = messages(&app).await.into_iter().map(|message| message["occurredAt"].clone()).collect();
        let expected = json!("2027-03-25T23:00:00Z");
        assert!(due.contains(&expected), "a year after the service, two weeks ahead: {due:?}");
    }

    async fn a_view_shows_what_is_coming(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        company(&app).await;
        put(&app, &json!({ "model": "HX-200", "installedOn": "2025-04-15" })).await;
        app.advance_clock("machinery", "2026-01-02T00:00:00+01:00").await;
        let me = app.storefront("machinery", "baltic", "{ me { pluginViews { plugin data } } }", json!({})).await;
        let view = &me["me"]["pluginViews"][0];
        assert_eq!(view["plugin"], json!("machinery"));
        let text = view["data"].to_string();
        assert!(text.contains("2026-04-15") && text.contains("2026-10-15"), "{text}");
    }
}

async fn company(app: &TestApp) {
    const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) \
         { member { id } userErrors { code message field } } }";
    let input = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic Foods", "locale": "pl", "country": "PL",
        "contacts": [
            { "name": "Jan Lis", "role": "procurement-director", "locale": "en" },
            { "name": "Ewa Nowak", "role": "technical-engineer", "locale": "pl" },
        ],
    });
    let created = app.admin("machinery", CREATE, json!({ "input": input })).await;
    assert_eq!(created["createMember"]["userErrors"], json!([]));
}

async fn put(app: &TestApp, data: &Value) {
    let input = json!({
        "member": { "externalId": "baltic" }, "type": "equipment", "externalId": "machine-1", "data": data,
    });
    let put = app.admin("machinery", PUT, json!({ "input": input })).await;
    assert_eq!(put["putRecord"]["userErrors"], json!([]));
}

/// The newest first.
async fn messages(app: &TestApp) -> Vec<Value> {
    let found = app.admin("machinery", MESSAGES, json!({})).await;
    found["messages"]["nodes"].as_array().unwrap().clone()
}
