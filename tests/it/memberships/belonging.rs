//! Joining, changing and leaving.

use super::group;
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    who_joins_belongs_until_it_leaves_and_can_join_again,
    what_makes_no_sense_is_refused,
    a_person_accrues_to_one_group_however_many_are_asked_for_at_once,
    both_ends_list_their_memberships,
    joining_and_leaving_are_events_of_the_person,
);

async fn who_joins_belongs_until_it_leaves_and_can_join_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let joined = ada.belongs_to(&home, "GROUP", true).await.done();
    assert_eq!(joined["leftAt"], Value::Null);
    assert_eq!(ada.belongs_to(&home, "GROUP", true).await.done(), joined, "a repeat");
    let changed = json!({ "maySpend": false, "accrual": "BOTH" });
    let changed = ada.ties_with("changeMembership", &home, changed).await.done();
    assert_eq!((&changed["id"], &changed["accrual"]), (&joined["id"], &json!("BOTH")));
    let same = ada.ties_with("changeMembership", &home, json!({})).await.done();
    assert_eq!(same, changed, "nothing was asked for");
    let left = ada.leaves(&home).await.done();
    assert!(left["leftAt"].is_string(), "{left}");
    assert_eq!(ada.leaves(&home).await.done(), left, "a repeat");
    let again = ada.belongs_to(&home, "MEMBER", false).await.done();
    assert_ne!(again["id"], joined["id"]);
}

async fn what_makes_no_sense_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.belongs_to(&home, "GROUP", true).await.done();
    let mut refused = vec![
        ada.belongs_to(&bob, "MEMBER", false).await.refused().to_string(),
        firm.belongs_to(&home, "MEMBER", false).await.refused().to_string(),
        ada.belongs_to(&firm, "BOTH", false).await.refused().to_string(),
        bob.leaves(&home).await.refused().to_string(),
        bob.ties_with("changeMembership", &home, json!({ "maySpend": true }))
            .await
            .refused()
            .to_string(),
    ];
    let since = json!({ "accrual": "MEMBER", "joinedAt": "2999-01-01T00:00:00Z" });
    let future = bob.ties_with("joinGroup", &home, since).await.refused();
    assert_eq!(future.code, "FUTURE_INSTANT");
    let other_terms = ada.belongs_to(&home, "GROUP", false).await.refused();
    assert_eq!(other_terms.code, "MEMBERSHIP_EXISTS");
    ada.leaves(&home).await.done();
    let since = json!({ "accrual": "MEMBER", "joinedAt": "2020-01-01T00:00:00Z" });
    let overlapping = ada.ties_with("joinGroup", &home, since).await.refused();
    assert_eq!(
        (overlapping.code.as_str(), overlapping.field),
        ("INVALID_INPUT", Some(vec!["joinedAt".to_owned()]))
    );
    for number in 0..10 {
        let one = group(&app, &format!("group-{number}"), "HOUSEHOLD").await;
        bob.belongs_to(&one, "MEMBER", false).await.done();
    }
    refused.push(bob.belongs_to(&home, "MEMBER", false).await.refused().to_string());
    let refused = refused.join("\n").replace(&home.member.id, "mem_home");
    assert_snapshot!(refused, @r"
    INVALID_INPUT group: is a person: use an organization or a household
    INVALID_INPUT person: is a group itself: only a person belongs to a group
    ACCRUES_ELSEWHERE accrual: what the person buys accrues to mem_home already
    MEMBERSHIP_NOT_FOUND person: the person does not belong to the group
    MEMBERSHIP_NOT_FOUND person: the person does not belong to the group
    TOO_MANY person: a person belongs to at most 10 groups at a time
    ");
}

async fn a_person_accrues_to_one_group_however_many_are_asked_for_at_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let mut groups = Vec::new();
    for number in 0..6 {
        groups.push(group(&app, &format!("group-{number}"), "HOUSEHOLD").await);
    }
    let joins = groups.iter().map(|one| ada.belongs_to(one, "GROUP", false));
    let outcomes = join_all(joins).await;
    let refused = outcomes.into_iter().filter_map(|one| match one {
        crate::support::Outcome::Refused(error) => Some(error.code),
        crate::support::Outcome::Done(_) => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), ["ACCRUES_ELSEWHERE"; 5]);
}

async fn both_ends_list_their_memberships(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    for (person, group) in [(&ada, &home), (&bob, &home), (&ada, &firm)] {
        person.belongs_to(group, "MEMBER", false).await.done();
    }
    ada.leaves(&firm).await.done();
    const LISTS: &str = "query($of: String!, $ended: Boolean!, $after: String) { \
         member(externalId: $of) { \
         groups(ended: $ended, first: 1, after: $after) { nodes { group { externalId } } \
           pageInfo { hasNextPage endCursor } } \
         people(ended: $ended) { nodes { person { externalId } leftAt } } } }";
    let asked = async |of: &str, ended: bool, after: Value| {
        let variables = json!({ "of": of, "ended": ended, "after": after });
        app.admin("shop", LISTS, variables).await["member"].clone()
    };
    let first = asked("ada", true, Value::Null).await["groups"].clone();
    assert_eq!(first["nodes"][0]["group"]["externalId"], "firm", "the last joined first");
    let rest = asked("ada", true, first["pageInfo"]["endCursor"].clone()).await["groups"].clone();
    assert_eq!(rest["nodes"][0]["group"]["externalId"], "home");
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
    let now = asked("ada", false, Value::Null).await["groups"].clone();
    assert_eq!(now["nodes"], json!([{ "group": { "externalId": "home" } }]));
    let people = asked("home", false, Value::Null).await["people"]["nodes"].clone();
    let names: Vec<_> = people.as_array().unwrap().iter().map(|one| &one["person"]).collect();
    assert_eq!(names, [&json!({ "externalId": "bob" }), &json!({ "externalId": "ada" })]);
    assert_eq!(asked("firm", false, Value::Null).await["people"]["nodes"], json!([]));
}

async fn joining_and_leaving_are_events_of_the_person(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", true).await.done();
    ada.ties_with("changeMembership", &home, json!({ "maySpend": false })).await.done();
    ada.leaves(&home).await.done();
    const EVENTS: &str = "query($of: String!) { member(externalId: $of) { \
         events { nodes { name data } } } }";
    let events = app.admin("shop", EVENTS, json!({ "of": "ada" })).await;
    let nodes = &events["member"]["events"]["nodes"];
    let (group_id, membership_id) = (&home.member.id, &nodes[0]["data"]["membershipId"]);
    assert!(membership_id.as_str().unwrap().starts_with("mbs_"));
    let of = json!({ "membershipId": membership_id, "groupId": group_id });
    assert_eq!(nodes[0], json!({ "name": "group-left", "data": of }));
    let mut terms = of;
    (terms["accrual"], terms["maySpend"]) = (json!("BOTH"), json!(false));
    terms["joinedAt"] = nodes[2]["data"]["joinedAt"].clone();
    assert!(terms["joinedAt"].is_string());
    assert_eq!(nodes[1], json!({ "name": "membership-changed", "data": terms }));
    terms["maySpend"] = json!(true);
    assert_eq!(nodes[2], json!({ "name": "group-joined", "data": terms }));
}
