//! The bundled plugins of several industries at work, where the platform shows more than a simulation
//! does: real returns and edits, contacts by their ids, records of another plugin, and the sandbox.

use crate::support::programs::{example, sandbox_shop};
use crate::support::{Backend, Perennial, TestApp, on_both_databases, plugins};
use perennial_core::Code;
use serde_json::{Value, json};
use std::path::Path;

on_both_databases!(
    the_example_enables_all_of_them,
    a_product_is_reminded_of_by_the_rhythm_that_returns_and_edits_leave,
    contacts_get_mails_and_documents_by_role_and_model,
    whoever_is_held_out_is_recorded_and_gets_nothing,
    a_yes_becomes_one_request_and_a_service_on_time_earns,
);

const COFFEE: &str = "
[plugins.replenishment.products.coffee]
name = \"Coffee\"
categories = [\"coffee\"]
";

const COMPANY: &str = "
[plugins.machinery]
on_time_points = 40
[plugins.machinery.models.HX-200]
oil = { months = 18, hours = 2000, parts = [{ sku = \"O-5\" }] }
[plugins.lifecycle-mail.mails.welcome]
stage = \"joined\"
roles = [\"technical-engineer\"]
template = \"welcome-technical\"
[plugins.content.documents.parameters]
title = \"Parameters\"
url = \"https://example.com/parameters\"
roles = [\"technical-engineer\", \"buyer\"]
models = [\"HX-200\"]
";

async fn the_example_enables_all_of_them(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("industries")).await;
    app.joins("industries", "ada").await;
    app.advance_clock("industries", "2027-01-02T12:00:00Z").await;
    let sent = app.messages("industries").await;
    let templates: Vec<_> = sent.iter().map(|sent| sent.template.as_str()).collect();
    assert_eq!(templates, ["anniversary", "welcome"]);
    let plugins = app.admin("industries", "{ plugins { key status } }", Value::Null).await;
    let keys = plugins["plugins"].as_array().unwrap().iter().map(|plugin| {
        assert_eq!(plugin["status"], "ACTIVE", "{plugin}");
        plugin["key"].as_str().unwrap()
    });
    assert_eq!(keys.collect::<Vec<_>>(), plugins::BUNDLED_IDS);
}

async fn a_product_is_reminded_of_by_the_rhythm_that_returns_and_edits_leave(backend: Backend) {
    let app = TestApp::start(backend).await;
    let app = app.with_program(&format!("{}{COFFEE}", sandbox_shop())).await;
    app.joins("sandbox", "ada").await;
    for (reference, day) in [("1", "01-02"), ("2", "02-01"), ("3", "03-03"), ("4", "03-20")] {
        let at = format!("2026-{day}T12:00:00+01:00");
        app.advance_clock("sandbox", &at).await;
        let beans =
            json!({ "sku": "BEANS", "category": "coffee", "quantity": 2, "amount": "20.00" });
        let cup = json!({ "sku": "CUP", "quantity": 1, "amount": "9.00" });
        let purchase = json!({
            "member": { "externalId": "ada" }, "reference": reference, "lines": [beans, cup],
        });
        app.records("sandbox", purchase).await.done();
    }
    // Of the last, the beans come back: 30 and 30 days are left, from 3 March.
    let returned = "mutation { recordReturn(input: { purchase: { reference: \"4\" }, \
         reference: \"r\", what: { lines: [{ line: { sku: \"BEANS\" }, quantity: 2 }] } }) { \
         receipt { isWhole } userErrors { message } } }";
    let data = app.admin("sandbox", returned, Value::Null).await;
    assert_eq!(data["recordReturn"]["receipt"]["isWhole"], false, "{data}");
    app.advance_clock("sandbox", "2026-03-27T12:00:00+01:00").await;
    assert!(app.messages("sandbox").await.is_empty());
    app.advance_clock("sandbox", "2026-03-28T12:00:00+01:00").await;
    let sent = app.messages("sandbox").await;
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert!(sent[0].body.contains("Coffee") && sent[0].body.contains("April 2, 2026"), "{sent:#?}");

    // An edit takes the beans out of the third, too: two days with a purchase are too few.
    let edited = "mutation { editPurchase(input: { purchase: { reference: \"3\" }, \
         reference: \"e\", reason: \"by phone\", \
         lines: [{ sku: \"CUP\", quantity: 1, amount: \"9.00\" }] }) { \
         receipt { isWhole } userErrors { message } } }";
    let data = app.admin("sandbox", edited, Value::Null).await;
    assert_eq!(data["editPurchase"]["receipt"]["isWhole"], false, "{data}");
    app.advance_clock("sandbox", "2026-12-01T12:00:00+01:00").await;
    assert_eq!(app.messages("sandbox").await.len(), 1);
    let view = "{ me { pluginViews { data } } }";
    let view = app.storefront("sandbox", "ada", view, Value::Null).await;
    let coffee = &view["me"]["pluginViews"][0]["data"]["products"][0];
    assert_eq!(
        (&coffee["lastPurchaseOn"], &coffee["everyDays"]),
        (&json!("2026-02-01"), &json!(null))
    );
}

async fn contacts_get_mails_and_documents_by_role_and_model(backend: Backend) {
    let app = TestApp::start(backend).await;
    let alone = COMPANY.split("[plugins.machinery]").next().unwrap().to_owned()
        + &COMPANY[COMPANY.find("[plugins.content").unwrap()..];
    app.offers(plugins::bundled("content")).await;
    let refused = app
        .loyalty
        .programs()
        .apply(&format!("{}{alone}", sandbox_shop()), "test")
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::RecordTypeUnknown, "machines are machinery's");

    let app = app.with_program(&format!("{}{COMPANY}", sandbox_shop())).await;
    let contacts = company(&app).await;
    let ewa = contacts.iter().find(|contact| contact["role"] == "technical-engineer").unwrap();
    let machine = json!({ "model": "HX-200", "installedOn": "2026-01-01" });
    put(&app, "equipment", "m-1", &machine).await;
    app.advance_clock("sandbox", "2026-01-01T18:00:00Z").await;
    let sent = app.messages("sandbox").await;
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert_eq!((sent[0].template.as_str(), sent[0].locale.as_str()), ("welcome-technical", "pl"));

    // The engineer wants no documents; the buyer gets the machine's the next day.
    let out = json!({ "contactId": ewa["id"], "optOut": true });
    put(&app, "content-opt-out", "ewa", &out).await;
    app.advance_clock("sandbox", "2026-03-01T12:00:00Z").await;
    let sent = app.messages("sandbox").await;
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert_eq!(sent[0].contact.as_ref().unwrap().role, "buyer");
    assert!(sent[0].body.contains("https://example.com/parameters"), "{sent:#?}");
}

async fn whoever_is_held_out_is_recorded_and_gets_nothing(backend: Backend) {
    let plugin = "\n[plugins.consumer-goods]\nsilence_days = 30\nhold_out_percent = 50\n";
    let app =
        TestApp::start(backend).await.with_program(&format!("{}{plugin}", sandbox_shop())).await;
    let members: Vec<_> = (0..12).map(|number| format!("m{number}")).collect();
    for member in &members {
        app.joins("sandbox", member).await;
        buys(&app, member, "first").await;
    }
    app.advance_clock("sandbox", "2026-02-05T12:00:00Z").await;
    let (mut held, mut treated) = (0, 0);
    for member in &members {
        buys(&app, member, "second").await;
    }
    app.advance_clock("sandbox", "2026-02-05T13:00:00Z").await;
    for member in &members {
        let records = records(&app, member).await;
        let of = |record_type: &str| {
            records.iter().find(|record| record["type"] == record_type).map(|it| it["data"].clone())
        };
        let reactivation = of("reactivation").unwrap();
        assert_eq!(reactivation["outcome"], "returned", "{reactivation}");
        assert_eq!(reactivation["purchaseReference"], format!("{member}-second"));
        match reactivation["group"].as_str().unwrap() {
            "held-out" => {
                assert_eq!(of("offer"), None);
                held += 1;
            }
            _ => {
                assert_eq!(of("offer").unwrap()["status"], "used");
                treated += 1;
            }
        }
    }
    assert_eq!(held + treated, members.len());
    assert_eq!(app.messages("sandbox").await.len(), treated, "only the others are written to");
}

async fn a_yes_becomes_one_request_and_a_service_on_time_earns(backend: Backend) {
    let app = TestApp::start(backend).await;
    let app = app.with_program(&format!("{}{COMPANY}", sandbox_shop())).await;
    company(&app).await;
    let mut machine = json!({
        "model": "HX-200", "installedOn": "2026-01-01", "meter": { "hours": 0, "on": "2026-01-01" },
    });
    put(&app, "equipment", "m-1", &machine).await;
    app.advance_clock("sandbox", "2026-02-10T12:00:00Z").await;
    // Ten hours a day: 2,000 hours on 20 July.
    machine["meter"] = json!({ "hours": 400, "on": "2026-02-10" });
    put(&app, "equipment", "m-1", &machine).await;
    app.advance_clock("sandbox", "2026-06-21T12:00:00Z").await;
    let reminders = app.messages("sandbox").await;
    let reminders = reminders.iter().filter(|sent| sent.template.starts_with("service"));
    assert_eq!(reminders.count(), 1);
    machine["confirmedOn"] = json!({ "oil": "2026-06-21" });
    for serial in ["1", "2"] {
        machine["serial"] = json!(serial);
        put(&app, "equipment", "m-1", &machine).await;
    }
    app.advance_clock("sandbox", "2026-07-15T12:00:00Z").await;
    let all = records(&app, "baltic").await;
    let requests: Vec<_> = all.iter().filter(|it| it["type"] == "service-request").collect();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0]["data"]["parts"], json!([{ "sku": "O-5", "quantity": 1 }]));

    machine["servicedOn"] = json!({ "oil": "2026-07-15" });
    put(&app, "equipment", "m-1", &machine).await;
    app.advance_clock("sandbox", "2026-07-16T12:00:00Z").await;
    let why =
        "{ transactions(first: 5) { nodes { points cause { ... on AwardCause { reason } } } } }";
    let shown = app.admin("sandbox", why, Value::Null).await;
    let awards = json!([{ "points": 40, "cause": { "reason": "Serwis w terminie: oil" } }]);
    assert_eq!(shown["transactions"]["nodes"], awards);
    let services = app.messages("sandbox").await;
    let services = services.iter().filter(|sent| sent.template.starts_with("service"));
    assert_eq!(services.count(), 1, "no follow-up after a yes");
}

/// What partners are shown runs in the sandbox, too.
#[tokio::test]
async fn the_scenarios_of_the_bundled_plugins_pass_in_the_sandbox() {
    let app = TestApp::start(Backend::Sqlite).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in plugins::BUNDLED_IDS {
        let folder = root.join("plugins").join(id);
        let mut test = Perennial::command(&app.db);
        let passed = test.arg("plugin").arg("test").arg(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&passed.stdout);
        assert!(passed.status.success(), "{said}{}", String::from_utf8_lossy(&passed.stderr));
        assert!(said.contains("passed scenarios/"), "{said}");
        assert!(!said.contains("FAILED"), "{said}");
    }
}

/// Creates Baltic Foods; its contacts.
async fn company(app: &TestApp) -> Vec<Value> {
    let input = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic Foods",
        "locale": "pl", "country": "PL",
        "contacts": [
            { "name": "Jan Lis", "role": "buyer", "locale": "en" },
            { "name": "Ewa Nowak", "role": "technical-engineer", "locale": "pl" },
        ],
    });
    app.creates("sandbox", input).await.done();
    let contacts = "{ member(externalId: \"baltic\") { contacts { id role } } }";
    let data = app.admin("sandbox", contacts, Value::Null).await;
    data["member"]["contacts"].as_array().unwrap().clone()
}

async fn buys(app: &TestApp, member: &str, which: &str) {
    let purchase = json!({
        "member": { "externalId": member }, "reference": format!("{member}-{which}"),
        "total": "10.00",
    });
    app.records("sandbox", purchase).await.done();
}

async fn records(app: &TestApp, member: &str) -> Vec<Value> {
    const RECORDS: &str = "query($id: String) { member(externalId: $id) { \
         records { nodes { type data } } } }";
    let data = app.admin("sandbox", RECORDS, json!({ "id": member })).await;
    data["member"]["records"]["nodes"].as_array().unwrap().clone()
}

async fn put(app: &TestApp, record_type: &str, id: &str, data: &Value) {
    const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
         record { externalId } userErrors { code message field } } }";
    let input = json!({
        "member": { "externalId": "baltic" }, "type": record_type, "externalId": id, "data": data,
    });
    app.does::<Value>("sandbox", PUT, input).await.done();
}
