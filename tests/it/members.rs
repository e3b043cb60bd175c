//! Members over the API.

use crate::support::programs::SHOP;
use crate::support::{Backend, Contact, TestApp, on_both_databases};
use insta::assert_snapshot;
use serde_json::json;

on_both_databases!(
    an_organization_has_contacts_with_roles,
    creating_again_answers_the_same_member_and_other_data_are_refused,
    wrong_data_are_refused_by_field,
);

async fn an_organization_has_contacts_with_roles(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let input = json!({
        "externalId": "acme", "kind": "ORGANIZATION", "name": "Acme", "locale": "de",
        "contacts": [
            { "name": "Ada", "role": "technical-engineer", "locale": "en" },
            { "name": "Bob", "role": "procurement-director" },
        ],
    });
    let acme = app.creates("shop", input).await.done();
    let contact = |name: &str, role: &str, locale: &str| Contact {
        name: name.to_owned(),
        role: role.to_owned(),
        locale: locale.to_owned(),
    };
    let expected =
        [contact("Ada", "technical-engineer", "en"), contact("Bob", "procurement-director", "de")];
    assert_eq!(acme.contacts, expected, "who has no language reads the organization's");
}

async fn creating_again_answers_the_same_member_and_other_data_are_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let input = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
    let first = app.creates("shop", input.clone()).await.done();
    assert_eq!(app.creates("shop", input).await.done(), first);
    let other = json!({ "externalId": "ada", "kind": "PERSON", "name": "Bob" });
    assert_snapshot!(
        app.creates("shop", other).await.refused(),
        @"EXTERNAL_ID_TAKEN externalId: `ada` is the external id of another member"
    );
}

async fn wrong_data_are_refused_by_field(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let mut refusals = Vec::new();
    for (field, value) in [
        ("externalId", json!("ada ")),
        ("name", json!("a\u{7}b")),
        ("email", json!("nobody")),
        ("contacts", json!([{ "name": "Bob", "role": "x" }])),
        ("referralCode", json!("NOBODYS1")),
    ] {
        let mut input = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
        input[field] = value;
        refusals.push(app.creates("shop", input).await.refused().to_string());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT externalId: use 1 to 128 printable characters, without space around them
    INVALID_INPUT name: use 1 to 200 printable characters
    INVALID_INPUT email: this cannot be an e-mail address
    INVALID_INPUT contacts: only an organization has contacts
    REFERRAL_CODE_UNKNOWN referralCode: nobody has the referral code `NOBODYS1`
    ");
    assert!(app.external_ids("shop").await.is_empty(), "nothing was created on the way");
}
