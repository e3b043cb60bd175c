//! Members over the API.

use crate::support::programs::SHOP;
use crate::support::{Backend, Contact, Outcome, TestApp, on_both_databases};
use insta::assert_snapshot;
use perennial_core::members::NewMember;
use perennial_core::{Actor, Code};
use serde_json::json;

on_both_databases!(
    an_organization_has_contacts_with_roles,
    creating_again_answers_the_same_member_and_other_data_are_refused,
    wrong_data_are_refused_by_field,
    a_program_may_ask_for_unique_email_addresses,
    a_thousand_members_are_created_at_once_and_no_more,
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
        @"EXTERNAL_ID_TAKEN externalId: `ada` is the external id of a member with other data"
    );
}

async fn wrong_data_are_refused_by_field(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let mut refusals = Vec::new();
    for (field, value) in [
        ("externalId", json!("ada ")),
        ("name", json!("a\u{7}b")),
        ("email", json!("nobody")),
        ("name", json!(" Ada")),
        ("contacts", json!([{ "name": "Bob", "role": "x" }])),
        ("referralCode", json!("NOBODYS1")),
    ] {
        let mut input = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
        input[field] = value;
        refusals.push(app.creates("shop", input).await.refused().to_string());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT externalId: use 1 to 128 printable characters, without space around them
    INVALID_INPUT name: use 1 to 200 printable characters, without space around them
    INVALID_INPUT email: this cannot be an e-mail address
    INVALID_INPUT name: use 1 to 200 printable characters, without space around them
    INVALID_INPUT contacts: only an organization has contacts
    REFERRAL_CODE_UNKNOWN referralCode: nobody has the referral code `NOBODYS1`
    ");
    assert!(app.external_ids("shop").await.is_empty(), "nothing was created on the way");
}

async fn a_program_may_ask_for_unique_email_addresses(backend: Backend) {
    const CREATE: &str = "mutation($input: CreateMembersInput!) { createMembers(input: $input) { \
         results { userErrors { code } } } }";
    let person = |id: &str, email: &str| json!({ "externalId": id, "kind": "PERSON", "name": id, "email": email });
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for id in ["ada", "bob"] {
        app.creates("shop", person(id, "Family@example.org")).await.done();
    }
    let app = app.with_program(&SHOP.replace("currency", "unique_emails = true\ncurrency")).await;
    assert_snapshot!(
        app.creates("shop", person("cleo", "family@example.org")).await.refused(),
        @"EMAIL_TAKEN email: another member of the program has this e-mail address"
    );
    app.creates("shop", person("ada", "Family@example.org")).await.done();
    // Which letters are the same does not depend on the database's locale.
    app.creates("shop", person("emile", "\u{c9}mile@example.org")).await.done();
    app.creates("shop", person("other", "\u{e9}mile@example.org")).await.done();
    assert_snapshot!(
        app.creates("shop", person("third", "\u{c9}MILE@example.org")).await.refused(),
        @"EMAIL_TAKEN email: another member of the program has this e-mail address"
    );

    // At once on two servers, and twice in one request: one of them gets it.
    let other = TestApp::beside(&app).await;
    let racers: Vec<_> =
        (0..8).map(|number| person(&format!("racer-{number}"), "Dan@example.org")).collect();
    let racing = racers.iter().enumerate().map(|(number, racer)| {
        let app = if number % 2 == 0 { &app } else { &other };
        app.creates("shop", racer.clone())
    });
    let outcomes = futures::future::join_all(racing).await;
    let created = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).count();
    assert_eq!(created, 1, "{outcomes:#?}");
    let twice =
        json!({ "members": [person("eve", "eve@example.org"), person("fay", "EVE@example.org")] });
    let answer = app.admin("shop", CREATE, json!({ "input": twice })).await;
    assert_eq!(
        answer["createMembers"]["results"],
        json!([{ "userErrors": [] }, { "userErrors": [{ "code": "EMAIL_TAKEN" }] }])
    );
}

async fn a_thousand_members_are_created_at_once_and_no_more(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let create = async |count: usize| {
        let new = (0..count).map(|n| NewMember::unnamed(&format!("member-{n}"))).collect();
        app.loyalty.members().create_many(&actor, new).await
    };
    let refused = create(1001).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::TooMany, "at most 1000 members in one request")
    );
    let created = create(1000).await.unwrap();
    assert!(created.into_iter().all(|one| one.unwrap().is_new));
}
