//! Members over the API.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) \
     { member { id kind name locale contacts { name role locale } } userErrors { code message field } } }";

on_both_databases! {
    async fn an_organization_has_contacts_with_roles(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let input = json!({
            "externalId": "acme", "kind": "ORGANIZATION", "name": "Acme", "locale": "de",
            "contacts": [{ "name": "Ada", "role": "technical-engineer", "locale": "en" },
                         { "name": "Bob", "role": "procurement-director" }],
        });
        let created = create(&app, &input).await;
        assert_eq!(created["member"]["contacts"], json!([
            { "name": "Ada", "role": "technical-engineer", "locale": "en" },
            { "name": "Bob", "role": "procurement-director", "locale": "de" },
        ]));
    }

    async fn creating_again_answers_the_same_member_and_other_data_are_refused(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let input = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
        let first = create(&app, &input).await;
        assert_eq!(create(&app, &input).await, first);
        let other = create(&app, &json!({ "externalId": "ada", "kind": "PERSON", "name": "Bob" })).await;
        assert_eq!(other["member"], Value::Null);
        assert_eq!(other["userErrors"][0]["code"], json!("EXTERNAL_ID_TAKEN"));
        assert_eq!(other["userErrors"][0]["field"], json!(["externalId"]));
    }

    async fn wrong_data_are_refused_by_field(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let sound = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
        for (field, value, named) in [
            ("externalId", json!(" "), json!(["externalId"])),
            ("name", json!("a\u{7}b"), json!(["name"])),
            ("email", json!("nobody"), json!(["email"])),
            ("contacts", json!([{ "name": "Bob", "role": "x" }]), json!(["contacts"])),
            ("referralCode", json!("NOBODYS1"), json!(["referralCode"])),
        ] {
            let mut input = sound.clone();
            input[field] = value;
            let refused = create(&app, &input).await;
            assert_eq!(refused["userErrors"][0]["field"], named, "{field}: {refused:#}");
            assert_eq!(refused["member"], Value::Null);
        }
        let members = app.admin("shop", "{ members(first: 10) { nodes { externalId } } }", json!({})).await;
        assert_eq!(members["members"]["nodes"], json!([]), "nothing was created on the way");
    }
}

async fn create(app: &TestApp, input: &Value) -> Value {
    app.admin("shop", CREATE, json!({ "input": input })).await["createMember"].take()
}
